"""Find the people who got an alert about a warning, when it is over or its source is silent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.alerts import event_models, events, extents
from app.alerts.event_models import AlertEvent, InformedChunk, Kind, WarningEvent
from app.alerts.extents import Extent
from app.alerts.jobs import Job
from app.alerts.ledger_chunks import HandOver, store
from app.alerts.subscription_models import Subscription
from app.core import clock
from app.core.severity import Severity
from app.warnings import kept
from app.warnings.marks import FLOOD
from app.warnings.models import OfficialWarning


class _Other(NamedTuple):
    """A warning in force in the place of one that is over."""

    severity: str
    extent: Extent


def run(job: Job, event: AlertEvent, *, hand_over: HandOver, goes_on: Callable[[], bool]) -> list[Job]:
    """Put those who have heard of a member into the ledger; return the rest as a job. Safe to repeat.

    An all-clear goes to none whose place another warning of the source covers that was issued no earlier: one that was
    issued again under another id, or another area of the same message.
    """
    warning = OfficialWarning.find_all([job.member], consistent=True).get(job.member)
    is_end = event.kind == Kind.ENDED
    if is_end and warning and warning.mark().is_in_force(clock.now_ms()):
        return []
    names = events.heard_before(WarningEvent.all_of(job.member), job.event)
    others = _in_place_of(warning, names, job.change) if is_end and warning else []
    seen: set[str] = set()
    for name, chunk in _chunks(job, names):
        people = {recipient: subscription for recipient, subscription in chunk.people if recipient not in seen}
        seen.update(people)
        if others:
            people = _without_covered(people, others)
        severity = event.severity if event.kind == Kind.UNHEARD else Severity.UNKNOWN
        store(job, people, severity=severity, hand_over=hand_over, is_told=False)
        if not goes_on():
            return [job._replace(after=f"{name} {chunk.sort}")]
    return []


def _chunks(job: Job, names: Sequence[str]) -> Iterator[tuple[str, InformedChunk]]:
    """Yield the chunks of people who got alerts of these events about the warning, after the job's last chunk."""
    at, _, after = job.after.partition(" ")
    for name in names[names.index(at) if at in names else 0 :]:
        for chunk in InformedChunk.chunks_of(name, job.member, after=after if name == at else ""):
            yield name, chunk


def _in_place_of(warning: OfficialWarning, names: Sequence[str], change: str) -> list[_Other]:
    """Return the warnings in force that may cover what this one did, read after the change that ended it."""
    now_ms, own = clock.now_ms(), warning.mark()
    beside = {member for name in names for member in event_models.members_of(name)}
    near = [
        mark.id
        for mark in kept.listed(warning.source, "~", change)
        if mark.is_in_force(now_ms)
        and mark.id != own.id
        and (mark.id in beside or mark.first_sent_at_ms >= own.first_sent_at_ms)
        and own.box is not None
        and mark.box is not None
        and mark.box.intersects(own.box)
    ]
    rows = OfficialWarning.find_all(near, consistent=True).values()
    floods = (row for row in rows if row.mark().is_in_force(now_ms) and row.mark().hazard == FLOOD)
    return [_Other(str(row.severity), extents.of_warning(row)) for row in floods]


def _without_covered(people: Mapping[str, str], others: Sequence[_Other]) -> dict[str, str]:
    """Return the people whose place is not covered by another warning that they hear of."""
    subscriptions = {one.id: one for one in Subscription.find_all(people.values(), consistent=False)}
    return {
        recipient: name
        for recipient, name in people.items()
        if name not in subscriptions or not _is_covered(subscriptions[name], others)
    }


def _is_covered(subscription: Subscription, others: Sequence[_Other]) -> bool:
    least = Severity(subscription.severity_min).gravity if subscription.severity_min else 0
    shape = subscription.shape
    return bool(shape) and any(
        Severity(other.severity).gravity >= least and other.extent.touches(shape) for other in others
    )
