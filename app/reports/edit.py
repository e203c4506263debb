"""Edit and withdraw: only by the reporter, only what is still open, and never over another's change."""

from collections.abc import Container, Mapping
from typing import Any

from app.accounts.auth import Caller
from app.core import clock
from app.core.errors import Conflict, NotFound, PreconditionFailed
from app.reports.create import fill
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report
from app.reports.replace_unlink import replace

WITHDRAWN_KEPT_S = 30 * 24 * 3600


def is_reporter(report: Report, caller: Caller) -> bool:
    """Did this caller file the report: by account, or with the edit token that came with it?"""
    by_account = caller.account_id is not None and caller.account_id == report.account_id
    return by_account or caller.edits_report == report.id


def read_report(report_id: str, caller: Caller) -> Report:
    """A report that this caller may see; raises NotFound for all others alike."""
    report = Report.find(report_id)
    if report and (report.status in PUBLIC or caller.is_responder or is_reporter(report, caller)):
        return report
    raise NotFound("There is no such report, or it is not public.")


def edit_report(report_id: str, values: Mapping[str, Any], *, caller: Caller, seen: Container[int]) -> Report:
    """Change what the reporter may say of a report. Raises PreconditionFailed when it has changed since."""
    report = find_own(report_id, caller)
    if report.status not in PUBLIC:
        raise Conflict(f"The report is {report.status} and can no longer be edited.")
    if report.version not in seen:
        raise PreconditionFailed(f"The report is at version {report.version:.0f} now. Read it again, then edit.")
    fill(report, values)
    return replace(report)


def withdraw_report(report_id: str, *, caller: Caller, seen: Container[int]) -> None:
    """Take a report back. Asking again is no mistake. Raises PreconditionFailed when it is not at a version seen."""
    try:
        _withdraw(report_id, caller, seen)
    except PreconditionFailed:  # an edit came between; whoever named no version wants it gone all the same
        _withdraw(report_id, caller, seen)


def _withdraw(report_id: str, caller: Caller, seen: Container[int]) -> None:
    report = find_own(report_id, caller)
    if report.status == Status.WITHDRAWN:
        return
    if report.version not in seen:
        raise PreconditionFailed(f"The report is at version {report.version:.0f} now. Read it again, then withdraw.")
    report.status = Status.WITHDRAWN
    report.purge_at = clock.now_ms() // 1000 + WITHDRAWN_KEPT_S
    replace(report)


def find_own(report_id: str, caller: Caller) -> Report:
    """A report of the caller's, as it stands now; raises NotFound for all others alike."""
    report = Report.find(report_id, consistent=True)
    if report is None or not is_reporter(report, caller):
        raise NotFound("There is no such report, or it is not yours.")
    return report
