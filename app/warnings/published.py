"""Moments at which a warning was published as an alert of our own. Pure.

An alert once sent out keeps its identifier and content, so each change of a warning is a new alert, which names all
before it. The row keeps the moments: the first one, then the milliseconds to each following one.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, Protocol

from app.warnings.marks import EXPIRED, KEPT_MS

MOST = 500  # of one warning; each takes some seven bytes. Beyond, the oldest are no longer named
SHOWN_MS = KEPT_MS  # how long the last alert of a warning that is over can be read


class Published(Protocol):
    """The columns of a stored warning that tell of its alerts."""

    published: Any
    updated_at_ms: Any
    ended_at_ms: Any
    ended_reason: Any


def moments_of(row: Published) -> tuple[int, ...]:
    """Return when (ms) each alert about a warning was published, oldest first; at least one.

    Rows of earlier releases keep none: of these only the last change is known.
    """
    try:
        moments = tuple(accumulate(int(step) for step in (row.published or "").split()))
    except ValueError:
        moments = ()
    return moments or (int(row.updated_at_ms),)


def is_over(row: Published) -> bool:
    """Return whether the last alert took back those before it. One whose own end has passed needs no such alert."""
    return row.ended_at_ms is not None and row.ended_reason != EXPIRED


def with_one_more(before: Sequence[int], row: Published, at_ms: int) -> str:
    """Return the column for a changed row: one more alert, unless only its own end has passed."""
    only_expired = bool(before) and row.ended_at_ms is not None and not is_over(row)
    moments = [*before] if only_expired else [*before, at_ms]
    kept = moments[-MOST:]
    return " ".join(map(str, [kept[0], *(after - earlier for earlier, after in pairwise(kept))]))
