"""Status of each source: when it last answered, and whether its stored warnings can be relied on."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.core.config import settings
from app.core.errors import Unavailable
from app.warnings.models import SourceStates
from app.warnings.sources.default_sources import DEMO
from app.warnings.sources.registry import asked_sources, read_sources, source_named

if TYPE_CHECKING:  # not needed by the web function
    from app.warnings.ingest.outcome import Outcome
    from app.warnings.sources.message import Answer

SourceState = dict[str, Any]

TRIES = 8
# A source is asked every five minutes; after three failures its data are stale.
STALE_AFTER_MS = 15 * clock.MINUTE_MS
CHANGES_KEPT_MS = 30 * clock.DAY_MS
LONGEST_UNSEEN_MS = 15 * clock.MINUTE_MS
# Lists may be behind the table: 60 s for the index and reads of items, 15 s for what processes keep.
COPIES_BEHIND_MS = 75_000
OK, DOWN, UNKNOWN = "ok", "down", "unknown"
REASONS_KEPT, REASON_LENGTH = 5, 200


def note_answer(
    outcome: "Outcome", answer: "Answer", *, changes_to: int | None = None, changes_anew_from: int | None = None
) -> None:
    """Record an answer of a source.

    `changes_to`: all its changes up to this moment can be read now. `changes_anew_from`: earlier changes are unknown.
    """
    now_ms = clock.now_ms()
    status = {
        "state": OK,
        "tried": now_ms,
        "fetched": now_ms,
        "in_force": outcome.in_force,
        "undrawn": outcome.in_force - outcome.drawn,
    }
    if not answer.is_not_modified:  # otherwise the earlier broken items still are
        reasons = [outcome.note, *answer.broken] if outcome.note else answer.broken
        status |= {
            "is_whole": answer.is_whole,
            "broken": len(answer.broken),
            "reasons": [reason[:REASON_LENGTH] for reason in reasons[:REASONS_KEPT]],
            "messages": outcome.counts.told(),
        }
    if changes_to is not None:
        status["changes_to"] = changes_to
    anew = {} if changes_anew_from is None else {"changes_from": changes_anew_from}

    def after(state: SourceState) -> SourceState:
        # All changes are known for a source that never answered before; from now on for one that an older release has
        # read.
        changes_begin = {} if changes_to is None else {"changes_from": changes_to if "fetched" in state else 0}
        return changes_begin | state | status | anew | _last_change(outcome, state, changes_to)

    _update(outcome.source, after)


def _last_change(outcome: "Outcome", state: SourceState, run: int | None) -> SourceState:
    """Return the last run that changed anything, and the run after which that was known."""
    if run is None:
        return {}
    has_changed = outcome.changed or outcome.ended or outcome.removed
    return {"changed": [str(run) if has_changed else changed({"": state}).get("", str(run)), run]}


def changed(states: Mapping[str, SourceState]) -> dict[str, str]:
    """Return for each source a value that differs after each run that changed something, or may have."""
    words = {}
    for name, state in states.items():
        if (run := state.get("changes_to")) is not None:
            word, known_at_ms = state.get("changed", (None, None))
            words[name] = word if known_at_ms == run else str(run)
    return words


def last_change_ms(source: str) -> int:
    """Read the last run of a source that changed anything; 0 if none is known."""
    return int(changed(SourceStates.read(consistent=True).by_name()).get(source, 0))


def note_failure(source: str, reason: str) -> None:
    """Record that a source did not answer, or nothing readable; the last good answer is kept."""
    now_ms = clock.now_ms()
    status = {"state": DOWN, "tried": now_ms, "reasons": [reason[:REASON_LENGTH]]}
    _update(source, lambda state: state | status)


def _update(source: str, change: Callable[[SourceState], SourceState]) -> None:
    """Update the row under an optimistic lock, since the ingest of another source may write it at the same time."""
    for _ in range(TRIES):
        row = SourceStates.read(consistent=True)
        states = row.by_name()
        states[source] = change(states.get(source, {}))
        if row.replace(states):
            return
    raise Unavailable("The states of the sources are being rewritten too often.")


def public_status(names: list[str], states: dict[str, SourceState], now_ms: int) -> list[dict[str, Any]]:
    """Return the status of the sources for every answer; one that never answered is unknown and stale."""
    return [_public_status(name, states.get(name, {}), now_ms) for name in names]


def full_status(states: dict[str, SourceState], now_ms: int) -> list[dict[str, Any]]:
    """Return the status for operators: also the last attempt, and what could not be read and why."""
    return [
        _public_status(name, state, now_ms) | _details(state)
        for name in known_sources(states)
        for state in [states.get(name, {})]
    ]


def count_without_outline(states: dict[str, SourceState]) -> int:
    """Count the warnings in force without a known outline, as of each source's last answer."""
    return sum(state.get("undrawn", 0) for state in states.values())


def changes_known_since_ms(states: dict[str, SourceState], sources: Iterable[str]) -> int:
    """Return since when the changes of all these sources are known: at most 30 days back."""
    earliest_ms = clock.now_ms() - CHANGES_KEPT_MS
    answered_states = [states[name] for name in sources if name in states]
    changes_from_ms: list[int] = [
        state.get("changes_from", clock.now_ms()) for state in answered_states if "fetched" in state
    ]
    return max([earliest_ms, *changes_from_ms])


def low_watermark_ms(states: dict[str, SourceState], sources: Iterable[str], now_ms: int) -> int:
    """Return the time before which no further change of these sources can appear.

    The changes of a run have the time of its begin and become visible when it has written them, at most 15 minutes
    later.
    """
    settled_ms = now_ms - LONGEST_UNSEEN_MS
    changes_to_ms: list[int] = [states.get(name, {}).get("changes_to", 0) + 1 for name in sources]
    return max(settled_ms, min(changes_to_ms, default=settled_ms))


def list_settled_ms(states: dict[str, SourceState], sources: Iterable[str], read_ms: int) -> int:
    """Return the time from which a delta misses nothing that a list lacks which was read at `read_ms`.

    Lists are read from copies: an index, tiles and boards, which a process keeps for a while. Unlike the log of changes
    these may be behind the sources' last runs, so a run counts only once it ended so long ago that all copies have it.
    """
    behind_ms = read_ms - COPIES_BEHIND_MS
    return min((_seen_in_copies_ms(states.get(name, {}), behind_ms) for name in sources), default=behind_ms)


def _seen_in_copies_ms(state: SourceState, behind_ms: int) -> int:
    """Return the time up to which a source's changes are surely in copies that were last updated at `behind_ms`."""
    run: int = state.get("changes_to", 0)
    ended_ms: int = state.get("fetched", 0)
    if ended_ms <= behind_ms:
        run += 1
    elif run > behind_ms:  # the run before it may have ended later than that too
        run = 0
    return max(run, behind_ms - LONGEST_UNSEEN_MS)


def _details(state: SourceState) -> dict[str, Any]:
    return {
        "tried_at": clock.rfc3339_or_none(state.get("tried")),
        "whole": state.get("is_whole"),
        "in_force": state.get("in_force"),
        "broken": state.get("broken", 0),
        "reasons": state.get("reasons", []),
        "messages": state.get("messages"),
    }


def website_of(name: str) -> str | None:
    """Return the issuer's page for people; None if unknown."""
    return source_named(name, settings().sources).website or None


def _public_status(name: str, state: SourceState, now_ms: int) -> dict[str, Any]:
    fetched = state.get("fetched")
    age_ms = None if fetched is None else max(0, now_ms - fetched)
    return {
        "name": name,
        "state": UNKNOWN if fetched is None and state.get("state") != DOWN else state["state"],
        "fetched_at": clock.rfc3339_or_none(fetched),
        "age_s": None if age_ms is None else age_ms // 1000,
        "stale": age_ms is None or (age_ms > STALE_AFTER_MS and name != DEMO),
        "website": website_of(name),
    }


def known_sources(states: dict[str, SourceState], *, asked_for: str | None = None) -> list[str]:
    """List the sources that this deployment reads, those loaded from a file, and the one in `asked_for`."""
    named_sources = [] if asked_for is None else [asked_for]
    return list(dict.fromkeys([*read_sources(settings().sources), *sorted(states), *named_sources]))


def oldest_s() -> int:
    """Return the age in seconds of the oldest last answer among the sources that this deployment asks.

    A source that never answered counts from 1970.
    """
    now_ms, states = clock.now_ms(), SourceStates.read(consistent=True).by_name()
    fetched_at_ms = [states.get(name, {}).get("fetched", 0) for name in asked_sources()]
    return max((now_ms - at) // 1000 for at in fetched_at_ms) if fetched_at_ms else 0
