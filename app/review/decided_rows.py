"""Store what a decision changes: the reports and the audit rows, in one transaction, each report as it was seen."""

from collections.abc import Sequence
from typing import NamedTuple

from pynamodb.exceptions import TransactWriteError

from app.core import dynamodb
from app.reports.models import Report
from app.reports.replace import advance
from app.review.audit_models import AuditRow


class Change(NamedTuple):
    """A changed report, and the version that it was read at. `is_touch`: its public version stays."""

    report: Report
    seen_version: int
    is_touch: bool = False


def is_stored(changes: Sequence[Change], rows: Sequence[AuditRow]) -> bool:
    """Store all or nothing; False if another writer was first. A lost reply is read back: our audit row tells."""
    for report, _, is_touch in changes:
        advance(report, is_touch=is_touch)
    try:
        with dynamodb.transaction() as transaction:
            for report, seen_version, _ in changes:
                actions = report.replacing_actions()
                transaction.update(report, actions=actions, condition=Report.version == seen_version)
            for row in rows:
                row.put_in(transaction)
    except TransactWriteError as error:
        if dynamodb.lost_condition(error) or dynamodb.is_conflict(error):
            return rows[0].is_stored()
        if rows[0].is_stored():
            return True
        raise
    return True
