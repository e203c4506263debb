"""Bring the votes and flags about a report to its row: counts, condition, end of life, and whether it is folded.

The only writer of these columns. It reads all that is said and compares with what is stored, so it may run at any time,
repeatedly, beside other runs: in a request that may end, revive or fold a report, and after each change by the stream.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.core import clock, retries
from app.core.errors import Unavailable
from app.reports.entry import PUBLIC, Condition, Status
from app.reports.models import Report
from app.reports.replace import try_touch
from app.review import folding
from app.review.tally import Flags, Tally, can_be_revived, count_flags, count_votes, end_of_life
from app.review.vote_models import Ends, VoteRow

TRIES = 6
MOST_ENDS_PER_HOUR = 5
_SHOWN = ("flooded_votes", "receded_votes", "depths_said", "expires_at_ms", "condition", "is_disputed")
_COLUMNS = (*_SHOWN, "ended_by", "flags_waiting")


class Settled(NamedTuple):
    """A report as it now stands, with the count of all votes about it."""

    report: Report
    tally: Tally


def settle(report_id: str) -> Settled | None:
    """Update a report's row from its votes and flags; None if there is no such report.

    Of a report that is not public nothing changes. Raises Unavailable if other writers were faster each time.
    """
    for attempt in range(TRIES):
        report = Report.find(report_id, consistent=True)
        if report is None:
            return None
        merged = Report.find_all(report.duplicates) if report.duplicates else []
        said = VoteRow.about_all([report_id, *(one.id for one in merged)])
        tally = count_votes(report, said, merged)
        if report.status not in PUBLIC or _store(report, tally, said):
            return Settled(report, tally)
        retries.pause(attempt, first_s=0.02)
    raise Unavailable("The report is being changed by many at this moment. Try again.", retry_after_s=2)


def _store(report: Report, tally: Tally, said: Mapping[str, Sequence[VoteRow]]) -> bool:
    """Store what has changed, if anything; False if another writer was first."""
    now_ms = clock.now_ms()
    before = {name: getattr(report, name) for name in _COLUMNS}
    flags = count_flags(report, said[report.id], now_ms)
    was_folded = bool(report.is_disputed)
    changes = _counted(report, tally) | _living(report, tally, now_ms) | _flagged(report, flags)
    changed = {name: value for name, value in changes.items() if value != before[name]}
    if not changed:
        return True
    for name, value in changed.items():
        setattr(report, name, value)
    if not try_touch(report, is_shown=not changed.keys().isdisjoint(_SHOWN)):
        return False
    if changed.get("ended_by") == "votes":
        for network in tally.receded_networks:
            Ends.add_one(network)
    if was_folded and not report.is_disputed:
        folding.note_open(report)
    return True


def _counted(report: Report, tally: Tally) -> dict[str, Any]:
    depths = json.dumps([_short(depth) for depth in tally.depths_cm]) if tally.depths_cm else None
    if (tally.flooded, tally.receded) == report.votes and depths == report.depths_said:
        return {}
    return {"flooded_votes": tally.flooded, "receded_votes": tally.receded or None, "depths_said": depths}


def _short(value: float) -> float:
    return int(value) if value == int(value) else value


def _living(report: Report, tally: Tally, now_ms: int) -> dict[str, Any]:
    """Return whether and until when the report is active, and which condition is known of it."""
    has_ended = not report.is_active(now_ms)
    if has_ended and not can_be_revived(report, now_ms):
        return {}
    expires_ms = end_of_life(report, tally)
    if has_ended:
        if tally.stays_ended() or expires_ms <= now_ms:
            return {}
    elif tally.ends():
        return _ended(report, tally, now_ms, expires_ms)
    elif report.condition == Condition.MAY_BE_OVER and tally.stays_ended():
        return {"expires_at_ms": expires_ms}
    return {"condition": Condition.FLOODED, "expires_at_ms": expires_ms, "ended_by": None}


def _ended(report: Report, tally: Tally, now_ms: int, expires_ms: int) -> dict[str, Any]:
    """Return that votes have ended a pending report; that it may be over, if too few count or it is verified."""
    if report.status == Status.PENDING:
        ended = Ends.this_hour(tally.receded_networks)
        tired = [network for network, number in ended.items() if number >= MOST_ENDS_PER_HOUR]
        if tally.ends(without=tired):
            return {"condition": Condition.RECEDED, "expires_at_ms": now_ms, "ended_by": "votes"}
    return {"condition": Condition.MAY_BE_OVER, "expires_at_ms": expires_ms}


def _flagged(report: Report, flags: Flags) -> dict[str, Any]:
    is_disputed = flags.folds and (bool(report.is_disputed) or folding.may_fold(report))
    return {"is_disputed": is_disputed or None, "flags_waiting": flags.number or None}
