"""Sheets: answers near a place from few items, equal to what the rows say, whatever has happened to the sheets."""

import random
from collections.abc import Callable, Iterable, Iterator
from math import cos, pi, sin
from typing import Any

import pytest
import time_machine

from app.core import clock
from app.geo.box_circle import Circle
from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import from_rings
from app.warnings import kept, sheets, warning_tiles
from app.warnings.covering import find_covering
from app.warnings.ingest.plan import Plan
from app.warnings.models import OfficialWarning, SourceDocument, WarningTile
from app.warnings.search import find_near
from app.warnings.sheets import MOST_BYTES, Directory
from app.warnings.sources.message import Act, Message
from tests.rig.calls import counted, cut_off
from tests.warning_making import announce, message, place, square, stored_directory

pytestmark = pytest.mark.usefixtures("tables", "noon")
ONLY_OF_THE_INGEST = {"chain", "root", "digest"}
MANY = 60
WRITES = ("PutItem", "BatchWriteItem")
Row = dict[str, Any]


def ragged(chance: random.Random) -> MultiPolygon:
    """A ring of 40 corners somewhere around London, a hundred metres to thirty kilometres wide."""
    lat, lon, size = 51 + chance.random(), -1 + 2 * chance.random(), chance.choice([0.001, 0.02, 0.15])
    turns = [(2 * pi * corner / 40, size * chance.uniform(0.6, 1)) for corner in range(40)]
    return from_rings([[(lon + cos(turn) * reach, lat + sin(turn) * reach) for turn, reach in turns]])


def messages(count: int, seed: int = 0) -> list[Message]:
    chance = random.Random(seed)
    return [
        message(f"event-{seed}-{n}", places=(place(f"A{n}", ragged(chance)),), sent_at_ms=clock.now_ms() - n * 1000)
        for n in range(count)
    ]


def tiles() -> list[WarningTile]:
    return [tile for tile in WarningTile.scan() if tile.id.startswith("tile#")]


def as_shown(rows: dict[str, OfficialWarning]) -> dict[str, Row]:
    names = OfficialWarning.get_attributes().keys() - ONLY_OF_THE_INGEST
    return {one: {name: getattr(row, name) for name in names} for one, row in rows.items()}


def found() -> dict[str, Row]:
    """All warnings of all tiles as a new process finds them."""
    kept.forget()
    marks = [mark for tile in tiles() for mark in tile.marks()]
    assert len({(mark.id, mark.version) for mark in marks}) == len({mark.id for mark in marks})
    return as_shown(kept.rows_of(marks))


def near() -> tuple[dict[str, Row], dict[str, Row]]:
    """All warnings of all tiles as a new process finds them, and what the table has of them."""
    return found(), as_shown(OfficialWarning.find_all(mark.id for tile in tiles() for mark in tile.marks()))


def stored(source: str = "ea") -> Directory:
    directory: Directory = stored_directory(sheets, source)
    return directory


def sheet_keys() -> set[str]:
    return {tile.id for tile in WarningTile.scan() if tile.id.startswith("sheet#")}


@pytest.fixture
def read_rows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of warnings of which whole rows are read."""
    ids: list[str] = []
    find_all = OfficialWarning.find_all

    def noting(wanted: Iterable[str], **how: Any) -> dict[str, OfficialWarning]:
        wanted = list(wanted)
        ids.extend(wanted)
        return find_all(wanted, **how)

    monkeypatch.setattr(OfficialWarning, "find_all", noting)
    return ids


def release_before(source: str, run: int, plan: Plan, boxes: Any, **_: Any) -> None:
    """Rewrite the tiles as it does: it knows no sheets."""
    warning_tiles.rewrite(source, plan.marks.values(), warning_tiles.stored_over(boxes))


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.long)])
def test_rows_from_sheets_are_those_of_the_table_after_each_run(noon: time_machine.Traveller, seed: int) -> None:
    """Two sources share the tiles; warnings come, change, move, end and are removed."""
    chance = random.Random(seed)
    said = {source: {one.event: one for one in messages(MANY, seed)} for source in ("ea", "nws")}
    for number in range(6):
        held = said[chance.choice(["ea", "nws"])]
        for event in chance.sample(sorted(held), 9):
            shape = ragged(chance) if chance.random() < 0.3 else held[event].places[0].shape
            act, severity = chance.choice([Act.HOLD, Act.HOLD, Act.END]), chance.choice(["minor", "extreme"])
            where = (place(f"moved-{event}", shape),)
            held[event] = message(event, act=act, severity=severity, replaces=(held[event].source_id,), places=where)
        held |= {one.event: one for one in messages(chance.choice([1, 2, 30]), 100 * seed + number + 9)}
        for source, some in said.items():
            announce(*some.values(), source=source)
        said = {source: {e: one for e, one in some.items() if one.act is not Act.END} for source, some in said.items()}
        noon.shift(3600 * chance.choice([0.1, 3, 12]))

        from_sheets, from_rows = near()
        assert from_sheets == from_rows
        assert sheet_keys() == {
            sheets.sheet_key(source, sheet.number) for source in said for sheet in stored(source).sheets
        }


def test_answers_near_a_place_read_no_row(read_rows: list[str]) -> None:
    announce(*messages(MANY))
    kept.forget()
    read_rows.clear()

    with counted() as calls:
        hits = find_near(Circle(51.5, 0, 50))

    assert (len(hits) > MANY / 2, read_rows) == (True, [])
    assert calls.made == {"BatchGetItem": 2}  # the tiles, the sheets


def test_report_reads_no_row_for_the_warnings_over_it(read_rows: list[str]) -> None:
    said = messages(MANY)
    announce(*said, message("here"))
    kept.forget()
    read_rows.clear()

    (over,) = find_covering([Circle(51.5, -0.1, 0)])

    assert "Flood warning for here" in {row.words[0]["headline"] for row in over.certain}
    assert read_rows == []


def test_sheets_are_full_and_hold_what_is_near_each_other() -> None:
    announce(*messages(200))
    directory = stored()

    sizes = sorted(sheet.size for sheet in directory.sheets)
    assert sizes[-1] <= MOST_BYTES
    assert sum(sizes) / len(sizes) > 0.85 * MOST_BYTES
    sides = [sheet.edges[3] - sheet.edges[1] for sheet in directory.sheets]
    assert sum(sides) / len(sides) < 0.7  # of the degree and a third over which all of them lie


def test_a_change_rewrites_its_own_sheet_only() -> None:
    said = messages(MANY)
    announce(*said)

    with counted() as calls:
        announce(
            *said[1:], message(said[0].event, severity="minor", replaces=(said[0].source_id,), places=said[0].places)
        )

    assert len([key for key in calls.written if key.startswith("sheet#")]) == 1
    assert near()[0] == near()[1]


def test_few_new_warnings_come_to_a_sheet_with_room() -> None:
    announce(*messages(3))
    before = stored()

    announce(*messages(3), *messages(4, 1))

    assert [sheet.number for sheet in stored().sheets] == [sheet.number for sheet in before.sheets]
    assert near()[0] == near()[1]


def test_warning_that_is_too_large_for_a_sheet_is_read_from_its_row(read_rows: list[str]) -> None:
    large = message("large", texts=tuple(_texts(200)))
    announce(large, *messages(5))
    announce(large, *messages(5), message("another"))
    read_rows.clear()

    assert len(found()) == 7
    assert len(read_rows) == 1
    assert near()[0] == near()[1]
    assert {mark.sheet == sheets.NOWHERE for tile in tiles() for mark in tile.marks()} == {True, False}


def _texts(count: int) -> Iterator[Any]:
    chance = random.Random(3)
    for number in range(count):
        words = " ".join(f"{chance.random():.9f}" for _ in range(12))
        yield message().texts[0].__class__("en-GB", f"label {number}", "headline", words)


def damage(body: bytes) -> bytes:
    return body[:-30]


def of_later_format(body: bytes) -> bytes:
    slots = sheets.read(body)
    with pytest.MonkeyPatch.context() as later:
        later.setattr(sheets, "FORMAT", 99)
        return sheets.pack(slots)


def of_others(body: bytes) -> bytes:
    """The same warnings in other slots."""
    return sheets.pack([None, *sheets.read(body)])


def older(body: bytes) -> bytes:
    return sheets.pack([slot and slot | {"version": "another"} for slot in sheets.read(body)])


@pytest.mark.parametrize("spoil", [damage, of_later_format, of_others, older, None])
def test_sheets_that_are_gone_unreadable_or_others_are_never_believed(
    counts: list[str], spoil: Callable[[bytes], bytes] | None
) -> None:
    said = messages(MANY)
    announce(*said)
    key = sheets.sheet_key("ea", stored().sheets[1].number)
    body = SourceDocument.bodies([key])[key]
    SourceDocument.write({key: spoil(body)} if spoil else {}, [] if spoil else [key])

    from_sheets, from_rows = near()

    assert from_sheets == from_rows
    assert ("UnreadableWarningDocuments" in counts) is (spoil in (damage, of_later_format))
    announce(*said[10:], *messages(1, 5))  # what this meets, it repairs
    assert near()[0] == near()[1]


@pytest.mark.parametrize("body", [b"", b"\x07", None])
def test_directory_that_is_gone_or_unreadable_is_made_again(read_rows: list[str], body: bytes | None) -> None:
    said = messages(MANY)
    announce(*said)
    key = sheets.directory_key("ea")
    SourceDocument.write({} if body is None else {key: body}, [key] if body is None else [])

    announce(*said[1:])

    read_rows.clear()
    kept.forget()
    assert len(find_near(Circle(51.5, 0, 100))) == MANY - 1
    assert read_rows == []


def test_tiles_of_the_release_before_name_no_sheets_until_the_next_change(
    monkeypatch: pytest.MonkeyPatch, read_rows: list[str]
) -> None:
    said = messages(MANY)
    announce(*said)
    with monkeypatch.context() as previous_release:
        previous_release.setattr("app.warnings.ingest.tile_writing.update", release_before)
        announce(*said[2:], message(said[1].event, severity="minor", replaces=(said[1].source_id,)))
    assert near()[0] == near()[1]

    announce(*said[3:])

    read_rows.clear()
    kept.forget()
    assert len(find_near(Circle(51.5, 0, 100))) == MANY - 3
    assert read_rows == []
    assert sheet_keys() == {sheets.sheet_key("ea", sheet.number) for sheet in stored().sheets}


@pytest.mark.parametrize("operation", WRITES)
def test_run_that_is_killed_before_any_of_its_writes_shows_nothing_that_was_over_before(
    noon: time_machine.Traveller, operation: str
) -> None:
    """In between each warning is shown as it was or as it is; after the next run as it is."""
    said = messages(20)
    announce(*said)
    for number in range(8):
        ended, said = said[0], said[1:]
        changed = message(said[0].event, severity="extreme", replaces=(said[0].source_id,), places=said[0].places)
        said = [*said[1:], changed, *messages(3, number + 1)]
        before = near()[1]
        with cut_off(operation, after=number):
            announce(*said)
        shown, table = near()
        assert all(row in (before.get(one), table.get(one)) for one, row in shown.items())

        noon.shift(300)
        announce(*said)

        shown, table = near()
        assert shown == table
        kept.forget()
        in_force = {hit.warning.words[0]["headline"] for hit in find_near(Circle(51.5, 0, 100))}
        assert f"Flood warning for {ended.event}" not in in_force
        assert len(in_force) == len(said)
        assert sheet_keys() == {sheets.sheet_key("ea", sheet.number) for sheet in stored().sheets}


def test_sheets_are_made_new_when_most_of_their_warnings_are_gone(noon: time_machine.Traveller) -> None:
    said = messages(200)
    announce(*said)
    many = len(stored().sheets)
    announce(*said[::25])
    noon.shift(25 * 3600)
    announce(*said[::25])

    announce(*said[::25], message("one-more"))

    assert len(stored().sheets) < many / 8
    assert near()[0] == near()[1]
    assert len(sheet_keys()) == len(stored().sheets)


@pytest.mark.parametrize("west", [-180, 179.9, 0])
def test_warnings_at_the_antimeridian_are_on_sheets_too(west: float, read_rows: list[str]) -> None:
    announce(*(message(f"E{n}", places=(place(f"A{n}", square(west - 0.01 * n, 10)),)) for n in range(5)))
    announce(*(message(f"F{n}", places=(place(f"A{n}", square(-179.9, n)),)) for n in range(30)), source="nws")
    read_rows.clear()

    assert len(found()) == 35
    assert read_rows == []
    assert near()[0] == near()[1]
