"""Stored rows outlive the code: rows of the previous release are readable, and rows of a later one too."""

import base64
import json
import zlib
from typing import Any

import pytest

from app.core import clock
from app.geo.box_circle import Box, Circle
from app.geo.polygon_geojson import from_rings
from app.warnings import marks
from app.warnings.ingest import ledger
from app.warnings.ingest.rows import digest_of
from app.warnings.marks import Mark, Unreadable
from app.warnings.models import OfficialWarning, SourceDocument, SourceMemory, WarningTile
from app.warnings.search import find_near
from app.warnings.sources.message import Act, Message, Place, Text
from tests.rig.calls import counted
from tests.warning_making import announce, ids_covering, message, place, square

LONDON = (51.5, -0.1)
NOON_MS = 1795262400000
# Two marks, as the release of 21 November 2026 has written them.
WRITTEN_BEFORE = base64.b64decode(
    "eNpdjcsKgCAURP/F9U2uj6y+RSQKXARmYFS/31WDqLMYZjZzrGVXiuNEMGA+x+5PnzwD0Q2tNFJj5rfiEUIN2yCX0AquATnmYpyD+joTdBivnXJd"
    "4pa+r+KzZFlK9/1rVPhQPKp6qIlH5G7XGi7q"
)
FIRST = Mark("wrn_aaaa", "ea", "severe", NOON_MS, NOON_MS, None, None, Box(-0.2, 51.4, 0.0, 51.6))
SECOND = Mark(
    "wrn_bbbb", "nws", "minor", NOON_MS + 1, NOON_MS + 2, 1795348800000, 1795300000000, Box(-0.3, 51.4, -0.1, 51.6)
)
NEW = FIRST._replace(
    onset_at_ms=NOON_MS + 5, urgency="future", certainty="likely", hazard="other", ended_reason="cancelled"
)


def columns_of(raw: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(zlib.decompress(raw))
    return told


def packed(told: Any) -> bytes:
    return zlib.compress(json.dumps(told).encode())


def test_marks_of_the_release_before_are_read_with_defaults() -> None:
    assert marks.read_rows(WRITTEN_BEFORE) == [FIRST, SECOND]


def test_release_before_reads_what_is_written_now() -> None:
    tile = WarningTile("tile#7/63/42", version=1, body=WRITTEN_BEFORE)
    tile.put([NEW._replace(sheet=705), SECOND])

    # Exactly as it does: the columns that it knows, by their names; it ignores the one that it does not know.
    columns = columns_of(tile.columns or b"")["columns"]
    known = [columns.pop(marks.STORED_NAMES.get(name, name)) for name in Mark._fields if name != "sheet"]
    read = [mark._replace(box=Box(*mark.box)) for mark in (Mark(*values) for values in zip(*known, strict=True))]
    assert (read, columns) == ([NEW, SECOND], {"sheet": [705, None]})
    # What it would read instead, if it could not read these, is never behind them.
    assert tile.body is None
    assert tile.marks() == [NEW._replace(sheet=705), SECOND]


def test_marks_of_a_later_format_are_read_as_far_as_they_are_known() -> None:
    told = columns_of(marks.pack_columns([NEW, SECOND]))
    told["format"] = 7
    told["columns"]["colour"] = ["red", "blue"]
    told["columns"]["certainty"] = ["likely"]  # of another length: as good as absent
    told["columns"]["sheet"] = [7]
    del told["columns"]["hazard"], told["columns"]["onset"]

    assert marks.read_columns(packed(told)) == [
        NEW._replace(hazard="flood", onset_at_ms=None, certainty="unknown"),
        SECOND,
    ]


@pytest.mark.parametrize("column", ["id", "source", "severity", "first", "sent", "until", "ended", "box"])
@pytest.mark.parametrize("fate", ["absent", "of another length", "of another kind"])
def test_marks_without_what_they_need_say_so(column: str, fate: str) -> None:
    told = columns_of(marks.pack_columns([NEW, SECOND]))
    if fate == "absent":
        del told["columns"][column]
    else:
        told["columns"][column] = told["columns"][column][:1] if fate == "of another length" else [{}, {}]

    with pytest.raises(Unreadable):
        marks.read_columns(packed(told))


@pytest.mark.parametrize("raw", [b"", b"\x00", zlib.compress(b"{"), packed(7), packed({"columns": 1}), packed([[1]])])
def test_bytes_that_are_no_marks_say_so(raw: bytes) -> None:
    for read in (marks.read_columns, marks.read_rows):
        with pytest.raises(Unreadable):
            read(raw)


def damage(**bodies: bytes | None) -> None:
    for tile in WarningTile.scan():
        if tile.id.startswith("tile#"):
            for name, body in bodies.items():
                setattr(tile, name, body)
            tile.save()


@pytest.mark.parametrize("bodies", [{"columns": b"\x07"}, {"columns": b"\x07", "body": b"\x07"}, {"columns": None}])
def test_damaged_tile_hides_no_warning_and_is_made_anew(
    noon: Any, tables: None, bodies: dict[str, bytes | None]
) -> None:
    announce(message("E1", onset_at_ms=NOON_MS + 5))
    announce(message("N1"), source="nws")
    wanted = ids_covering([LONDON])
    damage(**bodies)

    assert (ids_covering([LONDON]), len(find_near(Circle(*LONDON, 1)))) == (wanted, 2)
    noon.shift(7 * 3600)  # by then all tiles are compared with their rows
    announce(message("E1", onset_at_ms=NOON_MS + 5, sent_at_ms=NOON_MS))
    (tile,) = WarningTile.read(["tile#7/63/42"]).values()
    assert tile.columns and [mark.source for mark in marks.read_columns(tile.columns)] == ["ea", "nws"]
    assert [mark.onset_at_ms for mark in tile.marks()] == [NOON_MS + 5, None]


def said_before() -> tuple[Message, Place]:
    text = Text("en-GB", "Flood warning", "High", "The river is high.", "Keep away.")
    told = Message(
        "s,1",
        "",
        ("s,0",),
        Act.HOLD,
        "severe",
        "immediate",
        "likely",
        (text,),
        (),
        NOON_MS,
        expires_at_ms=1795348800000,
    )
    ring = [(-0.2, 51.4), (0, 51.4), (0, 51.6), (-0.2, 51.6)]
    return told, Place("A1", (("A1", "River at A1"),), from_rings([ring]))


def test_digests_are_those_of_the_release_before_so_that_nothing_is_news_twice() -> None:
    told, where = said_before()

    assert digest_of(told, where, "s,0") == "6f8fb62c9f4ca52195ab8fe3"
    assert digest_of(told, Place("", (("", "Town"),), None, ("Z1",)), "s,0") == "cb3455ecab7fa1b5e0efcfd3"


def as_before(source: str) -> None:
    """Make the tables as the previous release would have left them: no ledger, no changes, no new attributes."""
    for row in OfficialWarning.find_all(one.id for one in OfficialWarning.of_source(source)).values():
        row.hazard = row.ended_reason = row.chain = None
        row.save()
    SourceDocument.write({}, [f"ledger#{source}", f"changes#{source}#{clock.day_of(clock.now_ms())}"])
    damage(columns=None)
    SourceMemory(f"source#{source}").save()


def test_first_run_over_rows_of_the_release_before_ends_and_announces_nothing(noon: Any, tables: None) -> None:
    said = [message(f"E{n}", places=(place(f"A{n}", square(n)),), onset_at_ms=NOON_MS + n) for n in range(4)]
    announce(*said)
    announce(*said[:3])
    before = {
        row.id: row.updated_at_ms
        for row in OfficialWarning.find_all(r.id for r in OfficialWarning.of_source("ea")).values()
    }
    as_before("ea")
    noon.shift(300)

    outcome = announce(*said[:3])

    assert (outcome.changed, outcome.ended, outcome.removed, outcome.in_force) == (0, 0, 0, 3)
    rows = OfficialWarning.find_all(before).values()
    assert {row.id: row.updated_at_ms for row in rows} == before
    assert {row.mark().why_over(clock.now_ms()) for row in rows} == {None}
    marked = [mark for tile in WarningTile.read(["tile#7/63/42", "tile#7/64/42"]).values() for mark in tile.marks()]
    assert all(mark.onset_at_ms for mark in marked)  # the tiles know what is new by then


def test_cancel_reaches_rows_of_the_release_before(noon: Any, tables: None) -> None:
    told, where = said_before()
    announce(Message(**{n: getattr(told, n) for n in Message.__slots__} | {"places": (where,)}), source="cap:x")
    as_before("cap:x")

    cancel = message(
        "x", source_id="s,9", replaces=("s,0",), act=Act.END, places=(), texts=(), sent_at_ms=NOON_MS - 3_600_000
    )
    announce(Message(**{n: getattr(cancel, n) for n in Message.__slots__} | {"event": ""}), source="cap:x")

    (row,) = OfficialWarning.find_all(one.id for one in OfficialWarning.of_source("cap:x")).values()
    assert row.mark().why_over(clock.now_ms()) == "cancelled"


@pytest.mark.parametrize("body", [b"", b"\x07", packed([]), packed({"rows": {"id": ["x"], "chain": []}})])
def test_damaged_ledger_is_made_anew_from_the_rows(noon: Any, tables: None, body: bytes) -> None:
    announce(message("E1", source_id="one"))
    SourceDocument.write({"ledger#ea": body})

    assert announce(message("E1", source_id="one", sent_at_ms=NOON_MS)).changed == 0
    with counted() as again:
        announce(message("E1", source_id="one", sent_at_ms=NOON_MS))
    assert set(again.written) == {"source#ea", "sources"}
    assert len(ledger.read("ea").rows) == 1


def test_ledger_of_a_later_release_is_read_as_far_as_it_is_known(noon: Any, tables: None) -> None:
    announce(message("E1", source_id="one"))
    told = columns_of(SourceDocument.bodies(["ledger#ea"])["ledger#ea"])
    told["rows"]["colour"] = ["red"]
    del told["rows"]["certainty"]
    SourceDocument.write({"ledger#ea": packed(told)})

    (known,) = ledger.read("ea").rows.values()

    assert (known.ledger_entry.certainty, ledger.read("ea").written_elsewhere) == ("unknown", set())
