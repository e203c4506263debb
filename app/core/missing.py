"""Parts that the answer of this request lacks, and as of when what stands in their place was true."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, TypeVar

from app.core import clock, dynamodb, telemetry

Part = TypeVar("Part")
Other = TypeVar("Other")

REPORTS, WARNINGS = "reports", "warnings"
NEWEST_REPORTS = "newest_reports"  # the indexes are away: only what the map's documents hold
GRAVE_REPORTS = "grave_reports"  # of the newest grave reports some may not have been read
REPORTS_ACTIVE = "reports_active"
AREAS = "areas"
# Only in the export of a person's data.
SIGN_INS, API_KEYS, STAFF_ACTS = "sign_ins", "api_keys", "staff_acts"
BLOCKS, MESSAGES, SUBSCRIPTIONS = "blocks", "messages", "subscriptions"
# Of lists and pages.
PARTS = (REPORTS, NEWEST_REPORTS, GRAVE_REPORTS, WARNINGS, REPORTS_ACTIVE, AREAS)

_parts: ContextVar[dict[str, int | None] | None] = ContextVar("missing", default=None)


def begin_request() -> None:
    """Begin with nothing missing. Threads that read for this request note their parts in the same place."""
    _parts.set({})


def end_request(_: BaseException | None = None) -> None:
    """Forget the parts at the end of a request."""
    _parts.set(None)


def note(part: str, error: Exception, *, as_of_ms: int | None = None) -> None:
    """Note a part that could not be read. `as_of_ms`: it is answered as it was at that time; None: left out.

    Of several notes on one part the worst counts: that it is left out, else the earliest time.
    """
    telemetry.logger().error("part not read", extra={"part": part, "error": type(error).__name__})
    _note(part, as_of_ms)


def note_unknown(part: str) -> None:
    """Note a part that is left out because it has not been written yet, or not recently enough."""
    _note(part, None)


def _note(part: str, as_of_ms: int | None) -> None:
    parts = _parts.get()
    if parts is not None:
        before = parts.get(part, as_of_ms)
        parts[part] = None if as_of_ms is None or before is None else min(as_of_ms, before)


def read_or(part: str, read: Callable[[], Part], otherwise: Other) -> Part | Other:
    """Return what `read` returns; if the database fails, `otherwise`, with the part noted as missing."""
    try:
        return read()
    except dynamodb.FAILURES as error:
        note(part, error)
        return otherwise


def parts() -> dict[str, int | None]:
    """Return the missing parts, each with the time as of which it is answered, or None."""
    return dict(_parts.get() or {})


def names(*more: Iterable[str]) -> list[str]:
    """Return the names for the member `missing`, each once, with more that the caller knows of."""
    return list(dict.fromkeys([*parts(), *(name for some in more for name in some)]))


def members() -> dict[str, Any]:
    """Return `as_of` and `missing` for an answer about one thing, or nothing if the whole of it was read just now."""
    return {"as_of": clock.rfc3339(oldest_ms(clock.now_ms())), "missing": names()} if parts() else {}


def oldest_ms(now_ms: int) -> int:
    """Return the time as of which the whole answer is true."""
    return min([now_ms, *(at for at in parts().values() if at is not None)])
