"""Vote on a report: one vote for each person, counted at once, and exact in the answer.

The vote's row and the row of the count change in one transaction; the report's row follows by the stream, except when
a vote ends or revives the report.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from app.accounts.auth import Caller
from app.accounts.persons import Person
from app.core import clock, dynamodb, retries
from app.core.errors import Conflict, Unavailable
from app.core.retention import VOTE
from app.reports import edit
from app.reports.entry import PUBLIC, Condition
from app.reports.models import Report
from app.reports.replace import try_touch
from app.review import audit
from app.review.audit import By
from app.review.decided_rows import Change, is_stored
from app.review.settle import settle
from app.review.tally import (
    LONGEST_LIFE_MS,
    MORE_TO_END,
    RENEWED_EVERY_MS,
    VOTE_LIFE_MS,
    can_be_revived,
    reporter_of,
    revive,
)
from app.review.vote_models import COUNT, REPORTER, VoteRow, read_together

TRIES = 12
BUSY = "The report is being changed by many at this moment. Try again."


class Vote(NamedTuple):
    """Word of a person: the condition, and perhaps how deep the water is in centimetres. None takes the vote back."""

    condition: str | None
    depth_cm: float | None = None


class Outcome(NamedTuple):
    """The count after a vote, and until when the report lives (ms since 1970)."""

    condition: str
    flooded: int
    receded: int
    expires_at_ms: int


class _StoredVote(NamedTuple):
    """A report, a person's stored or new vote about it, and the count that the vote is part of."""

    report: Report
    vote: VoteRow
    counted: VoteRow | None
    is_new: bool

    @property
    def is_weightless(self) -> bool:
        """Return whether the vote was given under a block of staff, about another's report: then it is not counted."""
        return bool(self.vote.under_block)


def cast(
    report_id: str,
    vote: Vote,
    *,
    person: Person,
    caller: Caller,
    network_at: Callable[[int], str],
    is_under_block: bool = False,
) -> Outcome:
    """Store a person's vote in place of their former one, and count it; under a block of staff it is only stored.

    The count that is returned has it in any case. Raises NotFound for a report that the person may not see, Conflict
    for one that is over. `network_at` names the network of the request, by the key of the month of a moment (ms).
    """
    for attempt in range(TRIES):
        seen = _read(report_id, person, caller)
        if seen is not None:
            if vote.condition is None and (seen.is_new or seen.vote.condition is None):
                return _outcome(seen.report, _counts(seen))
            is_weightless = is_under_block and seen.vote.person != REPORTER
            _check(seen, vote, caller, is_weightless=is_weightless)
            delta = _change(seen, vote, person, network_at(seen.report.created_at_ms), is_weightless=is_weightless)
            if _is_stored(seen, delta, is_exact=attempt == 0):
                return _follow(seen, vote, delta, caller, is_exact=attempt == 0)
        retries.pause(attempt, first_s=0.01, doublings=6)
    raise Unavailable("Very many are voting on this report at this moment. Try again.", retry_after_s=2)


def read_public(report_id: str, caller: Caller) -> Report:
    """Return a report that may be voted on or flagged by this caller, or is over. Raises NotFound."""
    report = Report.find(report_id)
    return _seen_by(report, caller)


def _seen_by(report: Report | None, caller: Caller, *, is_own: bool = False) -> Report:
    is_seen = report is not None and (
        report.status in PUBLIC or is_own or edit.is_reporter(report, caller) or edit.may_judge(report, caller)
    )
    if report is None or not is_seen:
        raise edit.not_there(report)
    return report


def counted(report: Report) -> tuple[int, int]:
    """Return how many say flooded and receded at this moment: one row is read, which is ahead of the report's own.

    Of a report that others were merged into, the number that its row has.
    """
    count = None if report.duplicates else VoteRow.find(report.id, COUNT)
    return (int(count.flooded), int(count.receded or 0)) if count else report.votes


def is_reporter(report: Report, person: Person, caller: Caller) -> bool:
    """Return whether this person filed the report: by account, edit token, or as the visitor who was sent with it."""
    return edit.is_reporter(report, caller) or report.filer == person.id


def _read(report_id: str, person: Person, caller: Caller) -> _StoredVote | None:
    """Read report, vote and count in one call; None if they are being written at this moment."""
    if not Report.is_id(report_id):
        raise edit.not_there(None)
    read = read_together(report_id, person.id)
    if read is None:
        return None
    is_kept = read.of_reporter is not None and read.of_reporter.who == person.id
    is_own = read.report is not None and (is_kept or is_reporter(read.report, person, caller))
    report = _seen_by(read.report, caller, is_own=is_own)
    vote = read.of_reporter if is_own else read.own
    if report.duplicates and not (is_own or vote) and (elsewhere := _elsewhere(report, person)):
        return elsewhere
    return _StoredVote(
        report, vote or VoteRow(report_id, REPORTER if is_own else person.id), read.counted, is_new=vote is None
    )


def _elsewhere(report: Report, person: Person) -> _StoredVote | None:
    """Find the person's vote under one of the reports that were merged into this one: it stays where it was cast."""
    for one in Report.find_all(report.duplicates):
        name = REPORTER if reporter_of(one) == person.id else person.id
        vote, count = dynamodb.in_one_round([partial(VoteRow.find, one.id, name), partial(VoteRow.find, one.id, COUNT)])
        if vote or name == REPORTER:
            return _StoredVote(report, vote or VoteRow(one.id, REPORTER), count, is_new=vote is None)
    return None


def _check(seen: _StoredVote, vote: Vote, caller: Caller, *, is_weightless: bool) -> None:
    report, now_ms = seen.report, clock.now_ms()
    if report.status not in PUBLIC:
        raise Conflict(f"The report is {report.status}.")
    if report.is_active(now_ms):
        return
    revives = (can_be_revived(report, now_ms) and not is_weightless) or _is_revived(seen, vote, caller)
    if vote.condition == Condition.FLOODED and revives:
        return
    raise Conflict("The report is over.")


def _is_revived(seen: _StoredVote, vote: Vote, caller: Caller) -> bool:
    """Return whether a responder's word brings a report back that votes or responders have ended."""
    report, is_flooded = seen.report, vote.condition == Condition.FLOODED
    is_ended = report.ended_by in ("staff", "votes") and not report.is_active(clock.now_ms())
    return is_flooded and is_ended and edit.may_judge(report, caller)


def _counts(seen: _StoredVote) -> tuple[int, int]:
    """Return the count of the row that the vote is part of."""
    if seen.counted is None:
        return 1, 0
    return int(seen.counted.flooded), int(seen.counted.receded or 0)


def _change(seen: _StoredVote, vote: Vote, person: Person, network: str, *, is_weightless: bool) -> tuple[int, int]:
    """Put a vote into its row; return how it changes the numbers of flooded and receded."""
    row, now_ms = seen.vote, clock.now_ms()
    before = row.condition or (Condition.FLOODED if seen.is_new and row.person == REPORTER else None)
    before = None if row.under_block else before  # then it was not counted
    row.under_block = is_weightless or None
    is_flooded = vote.condition == Condition.FLOODED
    if is_flooded and now_ms - int(row.renewed_at_ms or 0) >= RENEWED_EVERY_MS:
        row.renewed_at_ms = now_ms
    if vote.condition is None and row.person == REPORTER:
        vote = vote._replace(condition=Condition.FLOODED)  # the word of the report itself stays
        is_flooded = True
    row.condition, row.depth_cm, row.at_ms = vote.condition, vote.depth_cm, now_ms
    row.first_at_ms = row.first_at_ms or now_ms
    row.account_id, row.known_since_ms = person.account_id, person.known_since_ms
    row.network = network
    row.purge_at_s = now_ms // 1000 + VOTE.seconds
    flooded = (is_flooded and not is_weightless) - (before == Condition.FLOODED)
    receded = (vote.condition == Condition.RECEDED and not is_weightless) - (before == Condition.RECEDED)
    return flooded, receded


def _is_stored(seen: _StoredVote, delta: tuple[int, int], *, is_exact: bool) -> bool:
    """Store vote and count together; False if another writer was first.

    At the first attempt only over the count that was read, so that the new one is known; then over any count, because
    with very many voters at once each would come between.
    """
    number = int(seen.counted.number) if seen.counted else 0
    return seen.vote.store_counted(delta, is_new=seen.is_new, over=number if is_exact else None)


def _follow(seen: _StoredVote, vote: Vote, delta: tuple[int, int], caller: Caller, *, is_exact: bool) -> Outcome:
    """Return the new count; first bring it to the report if it may end it, revive it, or joins several reports."""
    report, now_ms = seen.report, clock.now_ms()
    flooded, receded = (before + change for before, change in zip(_counts(seen), delta, strict=True))
    if not is_exact:
        count = VoteRow.find(seen.vote.report_id, COUNT)
        flooded, receded = (int(count.flooded), int(count.receded or 0)) if count else (1, 0)
    ended_by = _who_ends(seen, vote, caller)
    if ended_by:
        report = _end(report, ended_by, caller)
    elif _is_revived(seen, vote, caller):
        report = _store_on_record(report, caller, revive)
    elif receded > MORE_TO_END or not report.is_active(now_ms) or report.duplicates:
        settled = settle(report.id)
        if settled:
            report, flooded, receded = settled.report, settled.tally.flooded, settled.tally.receded
    if seen.is_weightless:
        said = seen.vote.condition
        return _outcome(report, (flooded + (said == Condition.FLOODED), receded + (said == Condition.RECEDED)))
    return _outcome(report, (flooded, receded), renewed_at_ms=int(seen.vote.renewed_at_ms or 0))


def _who_ends(seen: _StoredVote, vote: Vote, caller: Caller) -> str:
    """Return whose word alone ends the report: its reporter's, or that of a responder of its area; else ""."""
    if vote.condition != Condition.RECEDED:
        return ""
    if seen.vote.person == REPORTER and seen.vote.report_id == seen.report.id:
        return "reporter"
    return "staff" if edit.may_judge(seen.report, caller) else ""


def _end(report: Report, ended_by: str, caller: Caller) -> Report:
    """End a report at the word of its reporter, or of a responder with an audit row."""

    def end(one: Report) -> None:
        one.condition, one.expires_at_ms, one.ended_by = Condition.RECEDED, clock.now_ms(), ended_by

    if ended_by == "staff":
        return _store_on_record(report, caller, end)
    for _ in range(TRIES):
        end(report)
        if try_touch(report, is_shown=True):
            return report
        report = _again(report)
    raise Unavailable(BUSY, retry_after_s=2)


def _store_on_record(report: Report, caller: Caller, change: Callable[[Report], None]) -> Report:
    """Store a responder's change of the condition, with an audit row."""
    for _ in range(TRIES):
        seen_version = int(report.version)
        change(report)
        after = {"condition": str(report.condition)}
        row = audit.row(report.id, "report.corrected", by=By(str(caller.account_id)), after=after)
        if is_stored([Change(report, seen_version, is_touch=True)], [row]):
            return report
        report = _again(report)
    raise Unavailable(BUSY, retry_after_s=2)


def _again(report: Report) -> Report:
    found = Report.find(report.id, consistent=True)
    if found is None or found.status not in PUBLIC:
        raise Conflict("The report is over.")
    return found


def _outcome(report: Report, counts: tuple[int, int], *, renewed_at_ms: int = 0) -> Outcome:
    expires_ms = int(report.expires_at_ms)
    if report.is_active(clock.now_ms()) and renewed_at_ms:
        longest_ms = int(report.observed_at_ms) + LONGEST_LIFE_MS
        expires_ms = max(expires_ms, min(renewed_at_ms + VOTE_LIFE_MS, longest_ms))
    return Outcome(str(report.condition), *counts, expires_ms)
