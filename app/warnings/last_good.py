"""Warnings as this process read them last, for the minutes in which they cannot be read.

Only warnings and areas, which hold nothing that residents wrote. As long as shared caches may answer with them too.
"""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from app.core import clock, dynamodb, missing
from app.geo.box_circle import Circle
from app.warnings import search
from app.warnings.models import OfficialWarning, SourceStates
from app.warnings.search import WarningHit, WarningPage, WarningQuery

KEPT_MS = 5 * clock.MINUTE_MS  # `stale-if-error` of PUBLIC_WARNINGS
MOST_BYTES = 16_000_000
_ROW_BYTES = 4096  # of a row without its outline, roughly
Value = TypeVar("Value")


class _Kept(NamedTuple):
    value: Any
    read_ms: int
    size: int


_kept: dict[Hashable, _Kept] = {}
_lock = Lock()


def forget() -> None:
    """Empty it, for tests."""
    with _lock:
        _kept.clear()


def read(key: Hashable, fetch: Callable[[], Value], *, part: str = missing.WARNINGS) -> Value:
    """Return what `fetch` returns; if the database fails, the last value of this key, noted as missing with its age.

    Raises the failure if there is no value of the last five minutes.
    """
    try:
        value = fetch()
    except dynamodb.FAILURES as error:
        last = _kept.get(key)
        if last is None or clock.now_ms() - last.read_ms > KEPT_MS:
            raise
        missing.note(part, error, as_of_ms=last.read_ms)
        kept_value: Value = last.value
        return kept_value
    _keep(key, value)
    return value


def _keep(key: Hashable, value: Any) -> None:
    with _lock:
        _kept.pop(key, None)
        _kept[key] = _Kept(value, clock.now_ms(), _size_of(value))
        total = sum(one.size for one in _kept.values())
        while total > MOST_BYTES and len(_kept) > 1:
            total -= _kept.pop(next(iter(_kept))).size


def _size_of(value: Any) -> int:
    """Estimate the bytes of a value: one row, a page or a list of them, each with its packed outline."""
    listed = value.hits if isinstance(value, WarningPage) else value
    rows = [getattr(one, "warning", one) for one in (listed if isinstance(listed, list) else [listed])]
    return _ROW_BYTES + sum(_ROW_BYTES + len(getattr(row, "shape", None) or b"") for row in rows)


def source_states() -> dict[str, dict[str, Any]]:
    """Return the state of each source."""
    return read("sources", lambda: SourceStates.read().by_name())


def find(warning_id: str) -> OfficialWarning | None:
    """Return a warning, or None if there is none."""
    return read(("warning", warning_id), lambda: OfficialWarning.find(warning_id))


def find_near(circle: Circle, *, meanwhile: Callable[[set[str]], object] | None = None) -> list[WarningHit]:
    """Find every warning in force that covers or touches a circle, nearest first, as `search.find_near`."""
    hits = read(("near", circle), lambda: search.find_near(circle, meanwhile=meanwhile))
    now_ms = clock.now_ms()
    return [hit for hit in hits if hit.warning.mark().is_in_force(now_ms)]


def find_page(
    query: WarningQuery,
    states: dict[str, dict[str, Any]],
    *,
    meanwhile: Callable[[set[str]], object] | None = None,
) -> WarningPage:
    """Return one page of the warnings of a query, as `search.find_page`."""
    page = read(("page", query), lambda: search.find_page(query, states, meanwhile=meanwhile))
    now_ms = clock.now_ms()
    return WarningPage([hit for hit in page.hits if query.accepts(hit.warning.mark(), now_ms)], page.next_key)
