"""Silence of a source: whether what it said last can still be relied on. Pure."""

from collections.abc import Mapping
from typing import Any

from app.core import clock
from app.warnings.sources.default_sources import DEMO

INTERVAL_MS = 5 * clock.MINUTE_MS  # between two questions to a source: serverless.yml
SILENT_AFTER_MS = max(30 * clock.MINUTE_MS, 2 * INTERVAL_MS)


def silent_since_ms(name: str, state: Mapping[str, Any]) -> int | None:
    """Return when a source was heard last, if that is too long ago; None if it is not, or it was never heard.

    Invented warnings have no source that could be silent.
    """
    heard_ms = state.get("fetched")
    if heard_ms is None or name == DEMO or clock.now_ms() - heard_ms <= SILENT_AFTER_MS:
        return None
    return int(heard_ms)
