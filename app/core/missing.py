"""Parts that the answer of this request lacks, and as of when what stands in their place was true."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import TypeVar

from app.core import dynamodb, telemetry

Part = TypeVar("Part")
Other = TypeVar("Other")

REPORTS, WARNINGS = "reports", "warnings"
NEWEST_REPORTS = "newest_reports"  # the indexes are away: only what the map's documents hold
REPORTS_ACTIVE = "reports_active"
AREAS = "areas"
PARTS = (REPORTS, NEWEST_REPORTS, WARNINGS, REPORTS_ACTIVE, AREAS)

_parts: ContextVar[dict[str, int | None] | None] = ContextVar("missing", default=None)


def begin_request() -> None:
    """Begin with nothing missing. Threads that read for this request note their parts in the same place."""
    _parts.set({})


def end_request(_: BaseException | None = None) -> None:
    """Forget the parts at the end of a request."""
    _parts.set(None)


def note(part: str, error: Exception, *, as_of_ms: int | None = None) -> None:
    """Note a part that could not be read. `as_of_ms`: it is answered as it was at that time; None: left out."""
    telemetry.logger().error("part not read", extra={"part": part, "error": type(error).__name__})
    parts = _parts.get()
    if parts is not None:
        parts[part] = as_of_ms


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


def oldest_ms(now_ms: int) -> int:
    """Return the time as of which the whole answer is true."""
    return min([now_ms, *(at for at in parts().values() if at is not None)])
