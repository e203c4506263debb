"""Decide which changes of official warnings are events that people hear of, and note them, each once.

A warning appears, rises in severity, grows over further places, or ends. A fall in severity and a change of words are
no events. What people have heard of a warning so far is known from its events, so that a change that comes again, or
is handled by two at once, makes no second one.

Equal texts of one source with one severity are one event while they appear within JOINED_MS: its members grow.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from app.alerts import event_models
from app.alerts.event_models import AlertEvent, Kind, WarningEvent
from app.alerts.jobs import Job
from app.core import clock
from app.core.severity import Severity
from app.warnings import kept
from app.warnings.marks import EXPIRED, FLOOD, Mark
from app.warnings.models import OfficialWarning

JOINED_MS = 15 * clock.MINUTE_MS
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_DIGEST = 20  # hexadecimal digits, in the names of events


def note_warning(old: OfficialWarning | None, new: OfficialWarning) -> Job | None:
    """Note the event that a change of a warning is; return the search for whom it concerns. None if it is none.

    `old` is None for a new warning, and where it is not known. Safe to repeat. Raises what the database raises.
    """
    now, at_ms = new.mark(), int(new.updated_at_ms)
    if now.hazard != FLOOD:
        return None
    if not now.is_in_force(at_ms):
        return note_ended(new)
    before = old.mark() if old else None
    held = before if before is not None and before.is_in_force(at_ms) else None
    rises = held is None or gravity_of(now) > gravity_of(held)
    grown_from = old if old is not None and new.shape is not None and old.drawn != new.drawn else None
    if not rises and grown_from is None:
        return None
    return _news(new, held, grown_from, str(at_ms), rises=rises)


def _news(
    new: OfficialWarning, held: Mark | None, grown_from: OfficialWarning | None, change: str, *, rises: bool
) -> Job | None:
    """Return the search after a change that may be an event, by what people have heard of the warning so far.

    `held`: the warning before the change, if it was in force then.
    """
    known = WarningEvent.all_of(new.id)
    if known and int(change) <= int(known[-1].change):  # an old record once more
        caused = next((row for row in known if row.change == change), None)
        return _again(caused.event, new.id, change) if caused else None
    last = known[-1] if known and known[-1].kind == Kind.WARNING else None
    heard = gravity_of(held) if held else Severity(last.severity).gravity if last else -1
    if rises and (last is None or gravity_of(new.mark()) > heard):
        return _appeared(new, change, rounds=sum(row.kind == Kind.ENDED for row in known))
    if grown_from is None:
        return None
    event = last.event if last else _event_before(new, change)
    event_models.Grown.put(event, new.id, change, grown_from.shape)
    job = _again(event, new.id, change)
    return job._replace(is_grown=True) if job else None


def note_ended(warning: OfficialWarning) -> Job | None:
    """Note that a warning is over, by its row or by its own time; return the search for those who have heard of it.

    None if none of its events was heard of, or its end is known. Safe to repeat. Raises what the database raises.
    """
    known = WarningEvent.all_of(warning.id)
    if not known:
        return None
    last = known[-1]
    if last.kind == Kind.ENDED:
        return _again(last.event, warning.id, last.change)
    if int(warning.updated_at_ms) < int(last.change):  # an old record once more
        return None
    at_ms = _over_at_ms(warning, after_ms=int(last.change))
    name = f"e-{_digest(last.event)}-{_in_short(at_ms)}"
    event = AlertEvent(name, kind=Kind.ENDED, source=warning.source, severity=last.severity)
    return _noted(event, warning.id, str(at_ms))


def note_unheard(source: str, heard_at_ms: int, now_ms: int) -> list[Job]:
    """Note that a source is silent while warnings of it are in force; return the searches for those who heard of them.

    `heard_at_ms`: when it was heard last; one silence is one event. Empty if nothing of it is in force. Safe to repeat.
    """
    in_force = [mark for mark in kept.listed(source, "~", None) if mark.is_in_force(now_ms) and mark.hazard == FLOOD]
    if not in_force:
        return []
    gravest = max(in_force, key=gravity_of).severity
    event = AlertEvent(
        f"u-{_digest(source)}-{_in_short(heard_at_ms)}", kind=Kind.UNHEARD, source=source, severity=gravest
    )
    found = (_noted(event, mark.id, str(heard_at_ms), of_warning=False) for mark in in_force)
    return [job for job in found if job]


def note_queued(job: Job) -> None:
    """Note that the search has gone to its queue, so that the same change starts no further one."""
    event_models.Member.of(job.event, job.member).note_queued(job.change)


def gravity_of(mark: Mark) -> int:
    """Return the number that orders a warning's severity."""
    return Severity(mark.severity).gravity


def heard_before(known: Sequence[WarningEvent], end: str) -> list[str]:
    """Return the names of the events that an end follows, back to the end before it, the newest first."""
    names: list[str] = []
    for row in reversed(known[: next((place for place, row in enumerate(known) if row.event == end), len(known))]):
        if row.kind == Kind.ENDED:
            break
        names.append(row.event)
    return names


def _appeared(new: OfficialWarning, change: str, *, rounds: int) -> Job | None:
    """Note that a warning has appeared or risen. `rounds`: how often it has ended before."""
    return _noted(_event_of(new, rounds), new.id, change)


def _event_before(new: OfficialWarning, change: str) -> str:
    """Return the name of an event for a warning that is older than the events that are kept."""
    event = _event_of(new, 0)
    event_models.note_member(event, new.id, change)
    return str(event.id)


def _event_of(new: OfficialWarning, rounds: int) -> AlertEvent:
    """Return the event of all warnings with this text that appear within JOINED_MS."""
    words, at_ms = json.dumps([new.source, new.texts, new.severity, rounds]), int(new.updated_at_ms)
    now, before = (f"w-{_digest(words)}-{_in_short(slot)}" for slot in (at_ms // JOINED_MS, at_ms // JOINED_MS - 1))
    earlier = AlertEvent.find(before)
    is_joined = earlier is not None and at_ms - int(earlier.made_at_ms) < JOINED_MS
    event = AlertEvent(before if is_joined else now, kind=Kind.WARNING, source=new.source, severity=new.severity)
    event.made_at_ms = at_ms
    return event


def _noted(event: AlertEvent, member: str, change: str, *, of_warning: bool = True) -> Job | None:
    event_models.note_member(event, member, change, of_warning=of_warning)
    return _again(event.id, member, change)


def _again(event: str, member: str, change: str) -> Job | None:
    """Return the search for an event, unless it has gone to its queue already."""
    is_queued = event_models.Member.of(event, member).has_queued(change)
    return None if is_queued else Job(event, member, change)


def _over_at_ms(warning: OfficialWarning, *, after_ms: int) -> int:
    """Return when it ended: by its own time, else at the run that ended it; the same for all that end together."""
    mark, run_ms = warning.mark(), int(warning.updated_at_ms)
    is_expired = mark.why_over(max(run_ms, mark.over_at_ms or 0)) == EXPIRED
    own_end_ms = mark.own_end_at_ms if is_expired and mark.own_end_at_ms else 0
    return own_end_ms if own_end_ms > after_ms else max(run_ms, after_ms + 1)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def _in_short(number: int) -> str:
    """Encode a number in digits and letters, since names of events are short."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
