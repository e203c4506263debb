"""News of an event for one person: what of it still holds at the moment of sending, and whether it may be told yet.

What is over is not told as if it held, an end only to those whose message about the warning went out, and after it.
"""

from typing import NamedTuple

from app.alerts import events, present, report_events, silence
from app.alerts.audience import DEFAULT_OF_REPORTS
from app.alerts.event_models import Kind
from app.alerts.extents import Shape
from app.alerts.present import Present
from app.alerts.report_events import Level
from app.alerts.subscription_models import Subscription
from app.alerts.wishes import LIKELY, OFF
from app.core import clock
from app.core.severity import Severity
from app.mail.models import Delivery, State
from app.mail.sending import Again
from app.reports.models import Report
from app.warnings.models import OfficialWarning

_AGAIN = Again(60)
_TOLD = (State.SENT, State.DELIVERED, State.COMPLAINED)


class News(NamedTuple):
    """The part of an event that one person hears of: some of its warnings, or its report."""

    kind: Kind
    rows: tuple[OfficialWarning, ...] = ()
    report: Report | None = None
    has_risen: bool = False
    silent_since_ms: int | None = None  # of the source
    others: tuple[OfficialWarning, ...] = ()  # of an end: what else is in force at the person's place


def is_asked(subscription: Subscription, about: Present) -> bool:
    """Return whether a subscription asks for an event: by its kind, its severity and its place."""
    shape = subscription.shape
    if about.event.kind == Kind.REPORT:
        return _asks_for_report(subscription, about, shape)
    return bool(subscription.warnings) and bool(about.touched(shape))


def _asks_for_report(subscription: Subscription, about: Present, shape: Shape) -> bool:
    if about.report is None or about.spot is None or subscription.reports == OFF:
        return False
    level = Level.LIKELY if subscription.reports == LIKELY else Level.VERIFIED
    gravity = report_events.gravity_of(about.report)
    is_grave = gravity >= _least_of(subscription, DEFAULT_OF_REPORTS)
    return about.level >= level and is_grave and about.spot.touches(shape)


def _least_of(subscription: Subscription, default: Severity) -> int:
    """Return the least gravity that a subscription asks for."""
    return (Severity(subscription.severity_min) if subscription.severity_min else default).gravity


def of(delivery: Delivery, subscription: Subscription, about: Present) -> News | Again | None:
    """Return what a person hears of an event now; None if nothing of it holds, Again if it must wait."""
    kind, rows = about.event.kind, about.touched(subscription.shape)
    if kind == Kind.REPORT:
        return News(kind, report=about.report) if about.report and not _has_risen_since(about) else None
    if kind == Kind.ENDED:
        return _of_end(delivery, subscription, about, rows)
    if kind == Kind.UNHEARD:
        return _of_silence(delivery, about, rows)
    least, most = _least_of(subscription, Severity.UNKNOWN), Severity(about.event.severity).gravity
    held = tuple(row for row in _in_force(rows) if least <= Severity(row.severity).gravity <= most)
    return News(kind, held, has_risen=all(about.has_risen(row.id) for row in held)) if held else None


def _has_risen_since(about: Present) -> bool:
    """Return whether a report is so much graver by now that another event tells of it."""
    assert about.report is not None
    gravity = report_events.gravity_of(about.report)
    return gravity > max(Severity(about.event.severity).gravity, Severity.SEVERE.gravity - 1)


def _in_force(rows: list[OfficialWarning]) -> list[OfficialWarning]:
    now_ms = clock.now_ms()
    return [row for row in rows if row.mark().is_in_force(now_ms)]


def _of_end(
    delivery: Delivery, subscription: Subscription, about: Present, rows: list[OfficialWarning]
) -> News | Again | None:
    in_force = _in_force(rows)
    over = [row for row in rows if row not in in_force]
    told = [_was_told(delivery, about, row) for row in over]
    if None in told:
        return _AGAIN
    ended = tuple(row for row, was_told in zip(over, told, strict=True) if was_told)
    silent_since_ms = silence.silent_since_ms(about.event.source, present.source_state(about.event.source))
    if not ended:
        return None
    others = tuple(about.others_at(subscription.shape)) + tuple(in_force)
    return News(Kind.ENDED, ended, silent_since_ms=silent_since_ms, others=others)


def _of_silence(delivery: Delivery, about: Present, rows: list[OfficialWarning]) -> News | Again | None:
    source = about.event.source
    since_ms = silence.silent_since_ms(source, present.source_state(source))
    in_force = _in_force(rows)
    if since_ms is None or not in_force:
        return None
    told = [_was_told(delivery, about, row) for row in in_force]
    if None in told:
        return _AGAIN
    known = tuple(row for row, was_told in zip(in_force, told, strict=True) if was_told)
    return News(Kind.UNHEARD, known, silent_since_ms=since_ms) if known else None


def _was_told(delivery: Delivery, about: Present, row: OfficialWarning) -> bool | None:
    """Return whether a person had a message that a warning is in force; None while that is not settled.

    Also one that came after its end: an issuer may say only later that it was over by then. A message that waits in its
    queue is ended here if nothing of it holds: it would come after the end.
    """
    for event in events.heard_before(about.known_of(row.id), about.event.name):
        earlier = Delivery.find(delivery.recipient, event)
        if earlier is None or earlier.held_in:
            continue  # a digest tells of what holds then
        if earlier.state in _TOLD:
            return True
        if earlier.state == State.SENDING or (earlier.state == State.QUEUED and not _is_dropped(earlier, event)):
            return None
    return False


def _is_dropped(earlier: Delivery, event: str) -> bool:
    """End a message that waits and of which nothing holds any more; False if it may still go."""
    fresh = present.read_fresh(event)
    if fresh is not None and _in_force(fresh.warnings):
        return False
    return earlier.expire_waiting()
