"""File many reports of one account at once: each is stored or refused by itself, in a bounded time.

All are counted against one limit, by one write where all have room. A report that was stored before is answered as it
is now and not counted. What was not begun in time was not stored, and says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from app.accounts import throttle
from app.core import clock, dynamodb, telemetry
from app.core.errors import Internal, Problem, TooMany, Unavailable
from app.reports.create import (
    HOUR_S,
    FiledReport,
    KeyUsed,
    Origin,
    ReportSender,
    file_report,
    find_filed_report,
    origin_of,
)

BEGUN_WITHIN_S = 7  # the function has 15, and the database 6 of them at most
OF_IMPORT = "import-report"  # name of the limit in headers
NOT_REACHED = "There was no time left for this report, and it was not stored. Send it again with the same key."
MAYBE_STORED = "The database did not answer in time. Send it again with the same key: it is stored once."
TOO_MANY = (
    "This account has sent as many reports in this hour as it may. Send this one again, with the same key, after the "
    "seconds in retry_after_s."
)
BUG = "This is an error on our side; it has been logged under the request id. Send this report again with the same key."
RETRY_AFTER_S = 2
Outcome = FiledReport | Problem


class BatchItem(NamedTuple):
    """A report to be filed: the validated values, and its sender with the key of this report."""

    values: Mapping[str, Any]
    sender: ReportSender


class Limit(NamedTuple):
    """The limit against which a batch counts: its name, whose it is, and reports an hour."""

    kind: str
    account_id: str
    per_hour: int


def file_all(items: Sequence[BatchItem], limit: Limit) -> list[Outcome]:
    """File reports; return the outcome of each, in order. Several are stored at a time."""
    if not items:
        return []
    ends_s = clock.running_s() + BEGUN_WITHIN_S
    room, can_give_back = throttle.take_many_if_readable(
        limit.kind, limit.account_id, len(items), limit=limit.per_hour, window_s=HOUR_S
    )
    outcomes: dict[int, Outcome] = {}
    origin = origin_of(items[0].sender)  # of all: one account sends them, from one network
    for group in _groups(items):
        left = list(group)
        while left and room > 0 and clock.running_s() < ends_s:
            some, left = left[:room], left[room:]
            filed = dynamodb.in_one_round([partial(_file, items[number], origin) for number in some])
            outcomes |= {number: outcome for number, (outcome, _) in zip(some, filed, strict=True)}
            room -= sum(is_counted for _, is_counted in filed)
        if left and clock.running_s() < ends_s:
            found = dynamodb.in_one_round([partial(_find, items[number]) for number in left])
            outcomes |= dict(zip(left, found, strict=True))
    if room and can_give_back:
        throttle.give_back_if_readable(
            limit.kind, limit.account_id, (throttle.WHOLE,), window_s=HOUR_S, shown_limits=(limit.kind,), many=room
        )
    late = Unavailable(NOT_REACHED, retry_after_s=RETRY_AFTER_S)
    return [outcomes.get(number, late) for number in range(len(items))]


def _groups(items: Sequence[BatchItem]) -> Iterator[Sequence[int]]:
    """Yield the numbers of reports that may be stored side by side; those whose key comes again follow one by one."""
    first: dict[str, int] = {}
    for number, item in enumerate(items):
        first.setdefault(item.sender.report_id, number)
    yield from dynamodb.some_at_once(list(first.values()))
    firsts = {*first.values()}
    yield from ([number] for number in range(len(items)) if number not in firsts)


def _file(item: BatchItem, origin: Origin) -> tuple[Outcome, bool]:
    """File one report; return the outcome, and whether it counts: if it is new, or tries another's key."""
    try:
        filed = file_report(item.values, item.sender, origin)
    except Exception as error:  # noqa: BLE001 - one report that fails in any way stops no other
        return _problem(error), isinstance(error, KeyUsed)
    return filed, filed.is_new


def _find(item: BatchItem) -> Outcome:
    """Return the report that an earlier request has stored; without one the limit's problem.

    Another body under its key is the same as none, so that bodies cannot be tried beyond the limit.
    """
    try:
        return find_filed_report(item.values, item.sender) or _too_many()
    except KeyUsed:
        return _too_many()
    except Exception as error:  # noqa: BLE001 - as above
        return _problem(error)


def _too_many() -> Problem:
    return TooMany(TOO_MANY, retry_after_s=throttle.too_many(HOUR_S).retry_after_s)


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, dynamodb.FAILURES):
        telemetry.logger().error("database failed", extra={"error": type(error).__name__, "reason": str(error)[:300]})
        return Unavailable(MAYBE_STORED, retry_after_s=RETRY_AFTER_S)
    telemetry.logger().error("unexpected error", exc_info=error)
    return Internal(BUG)
