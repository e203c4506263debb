"""Edit and withdraw reports: only by the reporter, only while the report is public, with an optimistic lock."""

from collections.abc import Container, Mapping
from typing import Any

from app.accounts import throttle
from app.accounts.auth import Caller
from app.core import clock
from app.core.config import settings
from app.core.errors import Conflict, NotFound, PreconditionFailed
from app.core.retention import FORGOTTEN, WITHDRAWN_REPORT
from app.reports.create import HOUR_S, TRIES, fill
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report
from app.reports.replace import RACED, replace, try_replace


def is_reporter(report: Report, caller: Caller) -> bool:
    """Return whether this caller filed the report: by account, or with the report's edit token."""
    by_account = caller.account_id is not None and caller.account_id == report.account_id
    return by_account or caller.edits_report == report.id


def may_judge(report: Report, caller: Caller) -> bool:
    """Return whether this caller may decide about the report, and see all of it: by its public place."""
    return caller.may_judge(lat=float(report.lat), lon=float(report.lon))


def read_report(report_id: str, caller: Caller) -> Report:
    """Return a report that this caller may see; raises NotFound for a missing and for a hidden report alike."""
    report = Report.find(report_id)
    if report and (report.status in PUBLIC or may_judge(report, caller) or is_reporter(report, caller)):
        return report
    raise not_there(report)


def not_there(report: Report | None) -> NotFound:
    """Return the problem of a report that a caller may not see; one that was merged names the other report."""
    if report is not None and report.status == Status.MERGED and report.merged_into:
        return NotFound("This report was merged into another one about the same flood.", merged_into=report.merged_into)
    return NotFound("There is no such report, or it is not public.")


def edit_report(report_id: str, values: Mapping[str, Any], *, caller: Caller, seen_versions: Container[int]) -> Report:
    """Change the fields that a reporter may give. Raises PreconditionFailed if the report has changed since `seen`."""
    report = _find_editable(report_id, caller, seen_versions)
    who, limit = caller.account_id or report_id, settings().account_edits_per_hour
    throttle.take_if_readable("edit", who, limit=limit, window_s=HOUR_S)
    for _ in range(TRIES):
        report.be_edited(_put(report, values))
        if try_replace(report):
            return report
        report = _find_editable(report_id, caller, seen_versions)  # votes may have come in between
    raise PreconditionFailed(RACED)


def _put(report: Report, values: Mapping[str, Any]) -> set[str]:
    """Put an edit into a report; return the verified fields in which it differs from the reporter's own words.

    Where it does not differ, a responder's correction stays.
    """
    words = report.own_words
    corrected = {name: value for name, value in report.told().items() if name in words}
    fill(report, words)
    own = report.told()
    fill(report, values)
    changed = {name for name, value in report.told().items() if value != own[name]}
    if kept := {name: value for name, value in corrected.items() if name not in changed}:
        fill(report, kept)
    return changed


def _find_editable(report_id: str, caller: Caller, seen_versions: Container[int]) -> Report:
    report = find_own_report(report_id, caller)
    if report.status not in PUBLIC:
        raise Conflict(f"The report is {report.status} and can no longer be edited.")
    if report.public_version not in seen_versions:
        raise PreconditionFailed(f"The report is at version {report.public_version} now. Read it again, then edit.")
    return report


def withdraw_report(report_id: str, *, caller: Caller, seen_versions: Container[int]) -> None:
    """Withdraw a report; safe to repeat. Raises PreconditionFailed if the report is not at a version in `seen`."""
    try:
        _withdraw(report_id, caller, seen_versions)
    except PreconditionFailed:  # an edit came in between; a caller that accepts any version still wants it withdrawn
        _withdraw(report_id, caller, seen_versions)


def _withdraw(report_id: str, caller: Caller, seen_versions: Container[int]) -> None:
    report = find_own_report(report_id, caller)
    if report.status == Status.WITHDRAWN:
        return
    if report.public_version not in seen_versions:
        raise PreconditionFailed(f"The report is at version {report.public_version} now. Read it again, then withdraw.")
    take_back(report)


def take_back(report: Report) -> None:
    """Store a report as withdrawn, until it is deleted. Raises PreconditionFailed if it has changed meanwhile."""
    report.status, report.body_hash = Status.WITHDRAWN, FORGOTTEN
    report.forget_words()
    report.photos = []
    report.purge_at_s = clock.now_ms() // 1000 + WITHDRAWN_REPORT.seconds
    replace(report)


def find_own_report(report_id: str, caller: Caller) -> Report:
    """Read the caller's own report consistently; raises NotFound for a missing and for another's report alike."""
    report = Report.find(report_id, consistent=True)
    if report is None or not is_reporter(report, caller):
        raise NotFound("There is no such report, or it is not yours.")
    return report
