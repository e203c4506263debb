"""The minute's sweep makes a crowded cell whole for what has ended, and once more when the index surely shows it."""

from typing import Any

import pytest

from app.core import clock
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM
from app.reports.index import increments
from app.reports.index.models import MOST_ROWS, Document, TileDocument
from handlers import end_expired
from tests.factories import make_report, tell_consumer

CELL = tile_at(lat=51.5, lon=-0.12, z=CELL_ZOOM).key
MANY = MOST_ROWS + 120  # more of one moment than a document and a segment have rows for


def sweep() -> int:
    return end_expired.handler({"source": "aws.events"}, None)["cells"]


def document() -> Document:
    return TileDocument.read([CELL])[CELL]


@pytest.fixture
def swept(dynoxide: Any, noon: Any) -> int:
    """A crowded cell, changed a moment ago, one of whose reports has ended; the sweep's number of cells."""
    tell_consumer([make_report(expires_at_ms=clock.now_ms() + clock.MINUTE_MS), *(make_report() for _ in range(MANY))])
    noon.shift(61)
    tell_consumer([make_report()])
    return sweep()


def test_what_has_ended_is_counted_no_more(swept: int) -> None:
    assert swept == 1
    assert document().counts == {"moderate": MANY + 1}


def test_cell_is_not_due_again_at_once(swept: int, noon: Any) -> None:
    noon.shift(1)

    assert sweep() == 0


def test_cell_is_due_once_more_when_the_index_surely_shows_its_changes(swept: int, noon: Any) -> None:
    noon.shift(increments.SETTLED_MS / 1000)
    assert sweep() == 1

    noon.shift(increments.SETTLED_MS / 1000)
    assert sweep() == 0
