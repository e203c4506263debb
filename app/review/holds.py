"""Holds: a responder looks at a report for five minutes, and it is not offered to others meanwhile.

The hold and the list of all that its holder holds change in one transaction, so that of two responders one gets it, and
no account holds more than three. What the queue's row says of it follows, for lists.
"""

from collections.abc import Iterable
from typing import NamedTuple

from app.core import clock, dynamodb, retries
from app.core.errors import Conflict, Unavailable
from app.reports.models import Report
from app.review.queue_models import HOLD, HOLDER, Hold, Holder, QueueRow, are_stored
from app.review.urgency import Key, keys_of, may_wait

LASTS_MS = 5 * clock.MINUTE_MS
MOST = 3
TRIES = 10
BUSY = "The hold could not be stored just now. Try again."


class Held(NamedTuple):
    """The account that holds a report, and until when (ms since 1970)."""

    account_id: str
    until_ms: int


def hold(report: Report, account_id: str) -> int:
    """Hold a report, or renew one's own hold; return until when (ms).

    Raises Conflict if another holds it, with `until`, or if the account holds three others.
    """
    for attempt in range(TRIES):
        now_ms = clock.now_ms()
        seen, holder = _read(report.id, account_id)
        _check_free(seen, account_id, now_ms)
        ends = {report_id: end for report_id, end in holder.ends().items() if report_id != report.id}
        if len(ends) >= MOST:
            sentence = f"You hold {MOST} reports already. Decide about one of them, or let it go."
            raise Conflict(sentence, held=sorted(ends))
        until_ms = now_ms + LASTS_MS
        if _is_stored(report.id, account_id, until_ms, ends | {report.id: until_ms}, seen, holder):
            if may_wait(report):
                _note(report, account_id, until_ms)
            return until_ms
        retries.pause(attempt, first_s=0.01, doublings=5)
    raise Unavailable(BUSY, retry_after_s=1)


def _note(report: Report, account_id: str, until_ms: int) -> None:
    """Store a hold in the report's row, or under its key if the row is not there yet."""
    keys = keys_of(report)
    if not any(QueueRow(*key).store_hold(account_id, until_ms) for key in keys):
        QueueRow(*keys[0]).store_hold(account_id, until_ms, is_first=True)


def let_go(report_id: str, account_id: str, *, keys: Iterable[Key] = ()) -> None:
    """End one's own hold. Safe to repeat; the hold of another stays.

    `keys`: of the row in the queue that says so; a report that was just decided has none any more.
    """
    for attempt in range(TRIES):
        seen, holder = _read(report_id, account_id)
        if seen is None or seen.account_id != account_id:
            return
        ends = {held: end for held, end in holder.ends().items() if held != report_id}
        if _is_stored(report_id, account_id, 0, ends, seen, holder):
            for key in keys:
                QueueRow(*key).remove_hold(account_id)
            return
        retries.pause(attempt, first_s=0.01, doublings=5)
    raise Unavailable(BUSY, retry_after_s=1)


def holder_of(report_id: str) -> Held | None:
    """Return who holds a report now. A consistent read."""
    found = Hold.of(report_id)
    if found is None or int(found.until_ms) <= clock.now_ms():
        return None
    return Held(str(found.account_id), int(found.until_ms))


def check_free(report_id: str, account_id: str) -> bool:
    """Raise Conflict with `until` if another account holds the report now; return whether this one does."""
    found, now_ms = Hold.of(report_id), clock.now_ms()
    _check_free(found, account_id, now_ms)
    return found is not None and int(found.until_ms) > now_ms


def _check_free(found: Hold | None, account_id: str, now_ms: int) -> None:
    if found is not None and found.is_by_other(account_id, now_ms):
        until = clock.rfc3339(int(found.until_ms))
        raise Conflict("Another responder is looking at this report.", until=until)


def _read(report_id: str, account_id: str) -> tuple[Hold | None, Holder]:
    found, holder = dynamodb.in_one_round([lambda: Hold.of(report_id), lambda: Holder.of(account_id)])
    assert holder is None or isinstance(holder, Holder)
    return found, holder  # type: ignore[return-value]


def _is_stored(
    report_id: str, account_id: str, until_ms: int, ends: dict[str, int], seen: Hold | None, holder: Holder
) -> bool:
    """Store or, without an end, remove a hold; False if another request was first. A repeat after that is harmless."""
    number = 1 if seen is None else int(seen.number) + 1
    row = Hold(HOLD + report_id, HOLD, account_id=account_id, until_ms=until_ms, number=number)
    row.purge_at_s = -(-until_ms // 1000)
    holder.shard, holder.sort = HOLDER + account_id, HOLDER
    holder.ids = " ".join(f"{held}={end}" for held, end in sorted(ends.items()))
    holder.purge_at_s = (clock.now_ms() + LASTS_MS) // 1000 + 1
    return are_stored(row, holder, seen_hold=seen, is_ended=until_ms == 0)
