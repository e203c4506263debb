"""Segments: the reports that a cell's document has no room for, the same as in all reports, at each step."""

import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from app.core import clock
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.reports.index import columns, sealing, segment_models
from app.reports.index.merge import CellStream
from app.reports.index.models import PREFIX, TileDocument
from app.reports.index.search import ReportQuery, find_active
from app.reports.index.segment_models import Segment, marks_of
from bench import brute_force
from tests.app.reports.index.test_increments import wrong
from tests.rig.segments import TORN, UNNAMED, crowded, numbers, wrong_segments
from tests.rig.town import Town

SEEDS = (1, 2)
STEPS = 25
EVERY = Severity.UNKNOWN.at_least()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of few rows, so that there are several of them."""
    monkeypatch.setattr(segment_models, "MOST_ROWS", 12)
    monkeypatch.setattr(sealing.split, "__defaults__", (10,))


@pytest.fixture
def town(tables: None, noon: time_machine.Traveller) -> Iterator[Town]:
    with Town(noon, seed=1).open() as made:
        fill(made)
        yield made


def fill(town: Town, reports: int = 220) -> None:
    for _ in range(reports):
        town.file(age_ms=town.dice.randrange(clock.HOUR_MS))
    town.tell_all()
    town.now.shift(90)
    town.sweep()


def live(town: Town, steps: int = STEPS) -> Iterator[None]:
    fill(town)
    for _ in range(steps):
        town.live(8)
        town.tell_all()
        yield


def faults(town: Town) -> list[dict[str, Any]]:
    return [found for found in (wrong(town), wrong_segments(town)) if found]


def faults_that_are_seen(town: Town) -> list[dict[str, Any]]:
    """Faults except for segments that differ from their marks or have none: no reader believes these."""
    told = {cell: fault for cell, fault in wrong_segments(town).items() if fault not in (TORN, UNNAMED)}
    return [found for found in (wrong(town), told) if found]


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_hold_what_documents_have_no_room_for(tables: None, noon: time_machine.Traveller, seed: int) -> None:
    most = 0
    with Town(noon, seed).open() as town:
        for _ in live(town):
            assert faults(town) == []
            most = max(most, *(len(numbers(town, cell)) for cell in crowded(town)))
    assert most > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_writers_leave_at_most_a_segment_that_is_not_believed(
    tables: None, noon: time_machine.Traveller, seed: int
) -> None:
    with Town(noon, seed).open() as town:
        for _ in town.between_kills(live(town), 0.03):
            assert faults_that_are_seen(town) == []
            assert pages(ReportQuery(Circle(51.5, -0.12, 30), EVERY, 50)) == newest(town)


def test_list_is_whole_while_documents_are_hours_behind(town: Town) -> None:
    """As after many killed writers: then days are read, and those are in the calendar."""
    town.now.shift(2 * clock.HOUR_MS / 1000)
    town.file()

    assert pages(ReportQuery(Circle(51.5, -0.12, 30), EVERY, 50)) == newest(town)


def pages(query: ReportQuery) -> list[str]:
    """Ids of all pages of a list."""
    found, page = list[str](), find_active(query)
    while page.next_key:
        found += [entry.id for entry in page.entries]
        page = find_active(query._replace(before_key=page.next_key))
    return found + [entry.id for entry in page.entries]


def newest(town: Town) -> list[str]:
    return brute_force.newest_active(town.database, clock.now_ms())


def spoil(town: Town, how: str) -> None:
    """Let segments of the most crowded cell be gone, damaged, of a later format or of another content."""
    [cell, *_] = crowded(town)
    for number in sorted(numbers(town, cell))[::2]:
        item = Segment.get(f"{PREFIX}{cell}@{number}")
        if how == "gone":
            item.delete()
            continue
        later = zlib.compress(columns.text_of({}, []).replace(b'"format":2', b'"format":99'))
        item.body = {"damaged": item.body[:9], "later": later}.get(how, item.body)
        item.made += how == "of another content"
        item.save()


@pytest.mark.parametrize("how", ["sound", "gone", "damaged", "later", "of another content"])
def test_lists_page_through_segments_and_past_spoilt_ones(
    town: Town, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    asked: list[str] = []
    read = CellStream.read
    monkeypatch.setattr(CellStream, "read", lambda stream, limit: asked.append(stream.cell) or read(stream, limit))
    cells = crowded(town)
    spoil(town, how)

    found = pages(ReportQuery(Circle(51.5, -0.12, 2), EVERY, 20))

    assert [one for one in newest(town) if one in found] == found
    assert len(found) > 200
    assert (cells[0] in asked) == (how != "sound")


@pytest.mark.parametrize("how", ["gone", "damaged", "later", "of another content"])
@pytest.mark.parametrize("act", ["judge", "take_back", "word"])
def test_spoilt_segments_are_counted_and_made_anew_by_the_next_change(
    town: Town, counts: list[str], how: str, act: str
) -> None:
    town.ids = [row.id for row in oldest(town)]
    spoil(town, how)

    for _ in range(20):
        getattr(town, act)()
    town.tell_all()

    assert faults(town) == []
    assert "UnreadableDocuments" in counts


def oldest(town: Town) -> list[Any]:
    """The rows of the most crowded cell's segments."""
    [cell, *_] = crowded(town)
    [document] = TileDocument.read([cell]).values()
    return [row for rows in Segment.read(cell, marks_of(document)).values() for row in rows]
