"""Flag a report: one flag for each person, replaced by the next one. Flags fold, and never remove."""

from app.accounts.persons import Person
from app.core import clock, dynamodb
from app.core.errors import Conflict, Unavailable
from app.core.retention import VOTE
from app.reports.entry import PUBLIC
from app.reports.models import Report
from app.review.settle import settle
from app.review.vote_models import FLAG, VoteRow

REASONS = ("not_flooding", "wrong_place", "offensive", "personal_data", "duplicate", "other")
TRIES = 5


def flag(
    report: Report, reason: str, note: str | None, *, person: Person, network: str, is_under_block: bool = False
) -> None:
    """Store a person's flag in place of their former one, and fold the report if it is one too many.

    Under a block of staff it is only stored: responders read its note, and it counts for nothing. Raises Conflict for a
    report that is not public any more.
    """
    if report.status not in PUBLIC:
        raise Conflict(f"The report is {report.status}.")
    now_ms = clock.now_ms()
    for _ in range(TRIES):
        row = VoteRow.find(report.id, FLAG + person.id) or VoteRow(report.id, FLAG + person.id)
        is_unchanged = VoteRow.changes == row.changes if row.at_ms else VoteRow.person.does_not_exist()
        row.reason, row.note, row.at_ms, row.network = reason, note or None, now_ms, network
        row.first_at_ms, row.account_id = row.first_at_ms or now_ms, person.account_id
        row.known_since_ms, row.changes = person.known_since_ms, int(row.changes or 0) + 1
        row.under_block = is_under_block or None
        row.purge_at_s = now_ms // 1000 + VOTE.seconds
        if dynamodb.is_written(lambda row=row, is_unchanged=is_unchanged: row.save(condition=is_unchanged)):  # type: ignore[misc]
            settle(report.id)
            return
    raise Unavailable("The flag could not be stored just now. Try again.", retry_after_s=2)
