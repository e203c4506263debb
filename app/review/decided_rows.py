"""Store what a decision changes: the reports and the audit rows, in one transaction, each report as it was seen."""

from collections.abc import Sequence
from typing import NamedTuple

from pynamodb.exceptions import TransactWriteError

from app.core import dynamodb
from app.reports.entry import PUBLIC
from app.reports.models import Report
from app.reports.replace import advance
from app.review.audit_models import AuditRow
from app.review.tally import reporter_of
from app.review.vote_models import REPORTER, VoteRow


class _Reporter(NamedTuple):
    """Reporter of a merged report: name, network and time of filing (ms), for the row of their own vote."""

    row: VoteRow
    who: str
    network: str | None
    since_ms: int


def _reporter(report: Report) -> _Reporter | None:
    """Return who filed a report, read before a merge forgets it; None if it was forgotten already."""
    if not (report.filer or report.network):
        return None
    return _Reporter(VoteRow(report.id, REPORTER), reporter_of(report), report.network, report.created_at_ms)


def restore_reporter(report: Report) -> None:
    """Put back who filed a report without an account, from the row of their own vote, as it becomes public again."""
    if not report.account_id and (own := VoteRow.find(report.id, REPORTER)) and own.who:
        report.filer, report.network = own.who, own.network


class Change(NamedTuple):
    """A changed report, and the version that it was read at. `is_touch`: its public version stays."""

    report: Report
    seen_version: int
    is_touch: bool = False


def is_stored(changes: Sequence[Change], rows: Sequence[AuditRow]) -> bool:
    """Store all or nothing; False if another writer was first. A lost reply is read back: our audit row tells.

    Who filed a report that leaves the public view is kept with what is said about it, so that no person counts twice.
    """
    merged = [_reporter(report) for report, _, _ in changes if report.status not in PUBLIC]
    for report, _, is_touch in changes:
        advance(report, is_touch=is_touch)
    try:
        with dynamodb.transaction() as transaction:
            for report, seen_version, _ in changes:
                actions = report.replacing_actions()
                transaction.update(report, actions=actions, condition=Report.version == seen_version)
            for reporter in filter(None, merged):
                row, who, network, since_ms = reporter
                row.keep_reporter_in(transaction, who=who, network=network, since_ms=since_ms)
            for audit_row in rows:
                audit_row.put_in(transaction)
    except TransactWriteError as error:
        if dynamodb.lost_condition(error) or dynamodb.is_conflict(error):
            return rows[0].is_stored()
        if rows[0].is_stored():
            return True
        raise
    return True
