"""Taking answers in: exactly what the source says is stored, and only what has changed is written."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock, dynamodb
from app.geo.box_circle import Circle
from app.warnings import source_status
from app.warnings.ingest.plan import OVER
from app.warnings.ingest.roots import warning_id
from app.warnings.ingest.run import RUN_IN_PROGRESS
from app.warnings.models import OfficialWarning, SourceMemory, SourceStates, WarningTile
from app.warnings.search import find_near
from app.warnings.sources.message import Act, Place, Text
from tests.moments import NOON
from tests.rig.calls import counted, cut_off
from tests.warning_making import announce, ids_covering, message, place, square

pytestmark = pytest.mark.usefixtures("tables")
LONDON = (51.5, -0.1)
OWN_ROWS = {"sources", "source#ea"}


def rows(source: str = "ea") -> dict[str, OfficialWarning]:
    """Return the stored warnings of a source, by the codes of their areas."""
    found = OfficialWarning.find_all(row.id for row in OfficialWarning.of_source(source))
    return {row.root: row for row in found.values()}


def marks_in_tiles() -> dict[str, set[str]]:
    """The ids of warnings in force, by tile."""
    return {
        tile.id: {mark.id for mark in tile.marks() if mark.is_in_force(clock.now_ms())}
        for tile in WarningTile.scan()
        if tile.id.startswith("tile#")
    }


def test_same_answer_again_writes_nothing_beyond_the_sources_own_rows(noon: Any) -> None:
    said = [message(f"E{number}", places=(place(f"A{number}", square(number)),)) for number in range(30)]
    announce(*said)
    noon.shift(300)

    with counted() as again:
        outcome = announce(*said)

    assert set(again.written) <= OWN_ROWS
    assert (outcome.changed, outcome.ended, outcome.in_force) == (0, 0, 30)


def test_a_twin_that_rewrites_all_is_found_out(noon: Any) -> None:
    announce(message("E1"))

    with counted() as again:
        OfficialWarning.write(list(rows().values()), [])

    assert not set(again.written) <= OWN_ROWS


def test_one_change_writes_its_row_and_its_tiles(noon: Any) -> None:
    said = [message(f"E{number}", places=(place(f"A{number}", square(5 * number + 0.3)),)) for number in range(10)]
    announce(*said)

    with counted() as changed:
        announce(*said[:9], message("E9", places=(place("A9", square(45.3)),), severity="extreme"))

    (tile,) = [key for key in changed.written if key.startswith("tile#")]
    beside = {"ledger#ea", f"changes#ea#{clock.day_of(clock.now_ms())}", "boards#ea", "board#ea#0"}
    beside |= {"sheets#ea", "sheet#ea#1"}
    assert set(changed.written) - OWN_ROWS == {tile, warning_id("ea", "E9", "A9"), *beside}


def test_500_alerts_take_few_calls(noon: Any) -> None:
    said = [
        message(f"E{n}", places=(place(f"A{n}", square(n % 25 * 0.5 - 5, 50 + n // 25 * 0.2)),)) for n in range(500)
    ]

    with counted() as first:
        announce(*said)
    with counted() as again:
        announce(*said)

    # The warnings and the areas that they name; then their ledger and changes, boards and sheets, a directory of each.
    assert first.made["BatchWriteItem"] == 2 * 500 / 25 + 6
    assert first.made.total() <= 40 + len(marks_in_tiles()) + 26
    assert again.made == {"Query": 1, "BatchGetItem": 1, "GetItem": 3, "PutItem": 3}


def test_absent_from_a_whole_answer_is_over_for_a_day_and_then_gone(noon: Any) -> None:
    announce(message("E1"), message("E2"))

    assert announce(message("E2")).ended == 1
    gone = rows()["E1"]
    assert (gone.ended_at_ms, gone.mark().is_in_force(clock.now_ms())) == (NOON * 1000, False)
    assert ids_covering([LONDON]) == [[rows()["E2"].id]]
    noon.shift(timedelta(hours=24, minutes=1))
    assert announce(message("E2")).removed == 1
    assert (list(rows()), marks_in_tiles().popitem()[1]) == (["E2"], {rows()["E2"].id})


@pytest.mark.parametrize("answer", [{"is_whole": False}, {"is_not_modified": True}])
def test_answer_that_is_not_whole_ends_nothing(noon: Any, answer: dict[str, Any]) -> None:
    announce(message("E1"))

    outcome = announce(**answer)

    assert (outcome.ended, outcome.in_force, outcome.failure) == (0, 1, "")


def test_broken_answer_leaves_everything_and_is_told(noon: Any) -> None:
    announce(message("E1"))
    noon.shift(3600)

    outcome = announce(broken=("it is no JSON",), is_whole=False)

    (told,) = [
        one for one in source_status.full_status(SourceStates.read().by_name(), clock.now_ms()) if one["name"] == "ea"
    ]
    assert (outcome.failure, told["state"], told["reasons"], told["age_s"]) == (
        "it is no JSON",
        "down",
        ["it is no JSON"],
        3600,
    )
    assert ids_covering([LONDON]) == [[rows()["E1"].id]]


def test_broken_item_is_counted_and_loses_no_other(noon: Any) -> None:
    announce(message("E1"), message("E2"))

    outcome = announce(message("E1"), broken=("E2 has no time",), unchanged=frozenset({"E2"}))

    (told,) = [
        one for one in source_status.full_status(SourceStates.read().by_name(), clock.now_ms()) if one["name"] == "ea"
    ]
    assert (outcome.in_force, told["state"], told["broken"], told["reasons"]) == (2, "ok", 1, ["E2 has no time"])


def test_end_in_words_keeps_severity_and_outline_and_is_shown(noon: Any) -> None:
    announce(message("E1", severity="extreme"))

    announce(
        message("E1", act=Act.END, severity="minor", sent_at_ms=NOON * 1000 + 1, places=(place("E1", zones=("Z1",)),))
    )

    row = rows()["E1"]
    assert (row.severity, row.geometry_status, row.ended_at_ms) == ("extreme", "exact", NOON * 1000)
    assert row.outline() == square()
    assert ids_covering([LONDON]) == [[]]


def test_end_that_stays_listed_is_one_end(noon: Any) -> None:
    announce(message("E1"))
    end = message("E1", act=Act.END, sent_at_ms=NOON * 1000 + 1)
    announce(end)
    noon.shift(timedelta(hours=30))

    assert (announce(end).changed, announce(end).ended, list(rows())) == (0, 0, ["E1"])
    assert rows()["E1"].ended_at_ms == NOON * 1000
    assert announce(is_not_modified=True).removed == 0
    assert announce().removed == 1


def test_warning_that_comes_back_is_in_force_again_under_its_id(noon: Any) -> None:
    said = message("E1")
    announce(said)
    announce(message("E2"))
    ended = rows()["E1"]
    noon.shift(60)

    assert announce(said).changed == 1
    again = rows()["E1"]
    assert (again.id, again.ended_at_ms, ended.digest.startswith(OVER)) == (ended.id, None, True)
    assert ids_covering([LONDON]) == [[again.id]]


def test_end_of_what_was_never_stored_is_shown_as_over(noon: Any) -> None:
    announce(message("E1", act=Act.END))

    assert rows()["E1"].ended_at_ms == NOON * 1000


@pytest.mark.parametrize("moved", [square(3), square(-0.25)])
def test_tiles_follow_an_outline_that_moves(noon: Any, moved: Any) -> None:
    announce(message("E1", places=(place("A1", square()),)))
    announce(message("E1", places=(place("A1", moved),)))

    assert set().union(*marks_in_tiles().values()) == {warning_id("ea", "E1", "A1")}
    assert [met.warning.id for met in find_near(Circle(51.5, moved.box.west + 0.1, 1))] == [
        warning_id("ea", "E1", "A1")
    ]
    assert len([tile for tile, ids in marks_in_tiles().items() if ids]) == len(moved.box.tiles(7))


@pytest.mark.parametrize("operation", ["BatchWriteItem", "PutItem", "BatchGetItem"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_run_that_was_cut_off_is_made_good_by_the_next(noon: Any, operation: str, after: int) -> None:
    before = [message(f"E{n}", places=(place("A1", square(4 * n)),)) for n in range(30)]
    announce(*before)
    said = [*before[3:], message("new"), message("E4", places=(place("A1", square(-40)),), sent_at_ms=NOON * 1000 + 1)]

    with cut_off(operation, after=after):
        announce(*said)
    noon.shift(300)  # until then the run that was cut off counts as at work
    announce(*said)

    in_force = {row.id for row in rows().values() if row.ended_at_ms is None}
    assert in_force == {warning_id("ea", one.event, one.places[0].key) for one in said}
    assert set().union(*marks_in_tiles().values()) == in_force
    assert SourceMemory.of("ea").is_pending is False


def test_run_that_a_person_interrupts_can_be_repeated_at_once(noon: Any) -> None:
    said = [message("E1"), message("E2")]

    with cut_off("BatchWriteItem", after=1, by=KeyboardInterrupt):
        announce(*said)

    assert (announce(*said).failure, len(ids_covering([LONDON])[0])) == ("", 2)


def test_reader_takes_a_rows_word_before_its_tiles(noon: Any) -> None:
    announce(message("E1"))

    with cut_off("PutItem", after=2):  # the first two note that a run has begun; the tiles would be next
        announce(message("E2", places=(place("A2", square(9)),)))

    assert rows()["E1"].ended_at_ms is not None
    assert (find_near(Circle(*LONDON, 1)), ids_covering([LONDON])) == ([], [[]])


def test_two_sources_on_one_tile_lose_nothing_when_they_write_at_once(noon: Any) -> None:
    other = message("N1", places=(place("A1", square(-0.3)),))
    has_written: list[bool] = []

    def write_between(model: Any, params: dict[str, Any], **_: Any) -> None:
        if not has_written and '"tile#' in str(params["body"]):
            has_written.append(True)
            announce(other, source="nws")

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb.PutItem", write_between, unique_id="between")
    announce(message("E1"))
    events.unregister("before-call.dynamodb.PutItem", unique_id="between")

    assert has_written
    assert ids_covering([LONDON]) == [sorted([rows()["E1"].id, rows("nws")["N1"].id])]


def test_message_of_very_many_words_and_areas_is_cut_and_loses_no_other(noon: Any) -> None:
    texts = tuple(Text(f"x-{n}", "Flood", "h", "\u6c34" * 20_000, "\u6c34" * 20_000) for n in range(12))
    areas = tuple((f"Z{n:06}", f"Zone {n}") for n in range(20_000))
    giant = message("giant", texts=texts, places=(Place("G", areas, square()),))

    announce(giant, message("small"))

    stored = rows()
    assert set(stored) == {"giant", "small"}
    assert len(json.loads(stored["giant"].texts)) >= 1 and len(json.loads(stored["giant"].areas)) > 500


def test_answer_of_which_nothing_can_be_read_is_none(noon: Any) -> None:
    announce(message("E1"))
    noon.shift(1200)

    outcome = announce(broken=("E1 has a level that is not known", "E2 too"), unchanged=frozenset({"E1", "E2"}))

    (shown,) = source_status.public_status(["ea"], SourceStates.read().by_name(), clock.now_ms())
    assert outcome.failure
    assert (shown["state"], shown["stale"], shown["age_s"]) == ("down", True, 1200)
    assert rows()["E1"].ended_at_ms is None


def test_second_run_at_once_does_nothing(noon: Any) -> None:
    first = SourceMemory.of("ea")
    assert first.begin()

    assert announce(message("E1")).failure == RUN_IN_PROGRESS
    first.release()
    assert announce(message("E1")).changed == 1


def test_run_that_failed_leaves_its_source_to_the_next(noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise ValueError("too large")

    with monkeypatch.context() as broken, pytest.raises(ValueError, match="too large"):
        broken.setattr(OfficialWarning, "write", refused)
        announce(message("E1"))

    assert SourceStates.read().by_name()["ea"]["state"] == "down"
    assert announce(message("E1")).changed == 1
    assert SourceMemory.of("ea").is_pending is False
