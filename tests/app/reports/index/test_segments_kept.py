"""Segments after words are taken back, a roll-back, reports that end, and writers beside each other."""

import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest
import time_machine

from app.core import clock
from app.reports.index import sealing, segment_models, tile_documents, whole_cells
from app.reports.index.models import TileDocument
from app.reports.index.segment_models import Segment, Write
from tests.app.reports.index.test_segments import STEPS, faults, faults_that_are_seen, fill, live, oldest, small
from tests.rig.segments import crowded, numbers
from tests.rig.town import Town

__all__ = ["small"]


@pytest.fixture
def town(tables: None, noon: time_machine.Traveller) -> Iterator[Town]:
    with Town(noon, seed=1).open() as made:
        fill(made)
        yield made


def stored_words(town: Town) -> bytes:
    """Stored content beside the reports themselves."""
    items = town.database.tables[TileDocument.Meta.table_name].items
    table = town.database.tables[TileDocument.Meta.table_name]
    bodies = [item["body"]["B"] for key in items if (item := table.read(key)) and "body" in item]
    return b"\n".join(zlib.decompress(body) for body in bodies)


@pytest.mark.parametrize("act", ["word", "take_back", "move"])
def test_words_that_are_corrected_or_taken_back_are_in_no_segment(town: Town, act: str) -> None:
    town.ids = [oldest(town)[5].id]
    town._change({"title": {"S": "At 4 Mill Lane"}})
    town.tell_all()
    assert b"At 4 Mill Lane" in stored_words(town)
    town._change({"title": {"S": "Water"}})

    getattr(town, act)()
    town.tell_all()

    assert b"At 4 Mill Lane" not in stored_words(town)
    assert faults(town) == []


def read_no_crowded_cell(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no cell with segments be read whole."""
    cells, gather = crowded(town), whole_cells.gather

    def some(cell: str, recent: Any) -> Any:
        assert cell not in cells, "a crowded cell is read whole"
        return gather(cell, recent)

    monkeypatch.setattr(whole_cells, "gather", some)


@pytest.mark.parametrize("act", ["word", "take_back", "judge", "touch", "give_back", "bring_in"])
def test_old_report_that_changes_is_brought_up_without_reading_its_cell(
    town: Town, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    read_no_crowded_cell(town, monkeypatch)
    older = [row.id for row in oldest(town)]

    for report_id in older[::4]:
        town.ids = [report_id]
        getattr(town, act)()
        town.tell_all()

    assert faults(town) == []


def test_reports_that_end_leave_segments_and_the_index_without_reading_their_cell(
    town: Town, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(60):
        town.file(age_ms=40 * clock.MINUTE_MS, life_ms=town.dice.randrange(5, 50) * clock.MINUTE_MS)
    town.tell_all()
    noon.shift(90)
    town.sweep()
    read_no_crowded_cell(town, monkeypatch)

    for _ in range(6):
        noon.shift(9 * 60)
        town.sweep()
        town.tell_all()
        assert faults(town) == []

    rows = [row for key in town.ids if (row := town.table.read(key))]
    assert [row for row in rows if int(row["expires"]["N"]) <= clock.now_ms() and "cell" in row] == []


def as_the_previous_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents without segments: it drops their list, and makes cells of the index."""

    def follow(document: Any, cell: str, *args: Any) -> Any:
        document.segments, document.again_at_ms = [], 0
        return tile_documents.increments.with_changes(document, cell, *args)

    monkeypatch.setattr(sealing, "with_changes", follow)
    monkeypatch.setattr(sealing, "without_ended", lambda document, cell, now_ms: None)
    monkeypatch.setattr(sealing, "seal_whole", lambda *_: None)


def test_segments_from_before_a_roll_back_are_not_believed_and_go(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    [cell, *_] = crowded(town)
    before = numbers(town, cell)
    town.ids = [row.id for row in oldest(town)]
    with monkeypatch.context() as patch:
        as_the_previous_release(patch)
        for _ in range(30):
            town.live(1)
            town.tell_all()
    assert TileDocument.read([cell])[cell].segments == []
    assert before <= numbers(town, cell)

    for _ in range(12):
        town.judge()
        town.tell_all()

    assert TileDocument.read([cell])[cell].segments
    assert faults(town) == []


def test_writer_that_was_overtaken_starts_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder of the lease stood still, and the next one has rewritten the segment."""
    store, times = Segment.store, iter(range(99))

    def overtaken(cell: str, writes: Sequence[Write]) -> bool:
        if next(times) == 0:
            [replaced, *_] = [write for write in writes if write.replaced is not None]
            key = f"2/{cell}@{replaced.number}"
            Segment(key).update(actions=[Segment.made.set(7)])
        return store(cell, writes)

    monkeypatch.setattr(Segment, "store", overtaken)
    town.ids = [oldest(town)[3].id]
    town.judge()

    town.tell_all()

    assert next(times) > 1
    assert faults(town) == []


def test_more_reports_of_one_moment_than_a_segment_holds_are_left_to_the_index(
    town: Town, noon: time_machine.Traveller
) -> None:
    for _ in range(60):
        town.file(age_ms=2 * clock.HOUR_MS)
    town.tell_all()
    noon.shift(90)
    town.sweep()

    assert faults(town) == []


def believes_any(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Segment.read

    def believe(cell: str, marks: Any, *, consistent: bool = False) -> Any:
        return read(cell, [mark._replace(made=made_of(cell, mark)) for mark in marks], consistent=consistent)

    monkeypatch.setattr(Segment, "read", believe)


def made_of(cell: str, mark: Any) -> int:
    """Return the content that is stored under a mark's number, whatever the mark says; its own if nothing is."""
    try:
        return int(Segment.get(f"2/{cell}@{mark.number}").made)
    except Segment.DoesNotExist:
        return int(mark.made)


def stores_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents come first: a writer that is killed in between leaves a list of what is not stored."""
    replace, store, waiting = TileDocument.replace, Segment.store, dict[str, Any]()
    monkeypatch.setattr(Segment, "store", lambda cell, writes: waiting.update({cell: writes}) or True)

    def first(key: str, document: Any) -> bool:
        is_stored = replace(key, document)
        return is_stored and (key not in waiting or store(key, waiting.pop(key)))

    monkeypatch.setattr(TileDocument, "replace", first)
    monkeypatch.setattr(segment_models, "new_content", partial(int, 7))
    monkeypatch.setattr(sealing, "new_content", partial(int, 7))


@pytest.mark.parametrize("naive", [believes_any, stores_late])
def test_a_naive_twin_is_found_out(
    tables: None, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch, naive: Any
) -> None:
    naive(monkeypatch)

    assert any(is_found_out(Town(noon, seed)) for seed in range(2, 6))


def is_found_out(town: Town) -> bool:
    """Return whether a document or a segment is wrong at any step of a town's life."""
    with town.open():
        return any(faults_that_are_seen(town) for _ in town.between_kills(live(town, 2 * STEPS), 0.03))
