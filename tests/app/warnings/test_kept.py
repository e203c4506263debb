"""Warnings that a process keeps: fewer reads, and never a row that says something else than what is stored."""

import random
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import time_machine
from flask.testing import FlaskClient

from app.geo.box_circle import Circle
from app.warnings import kept, warning_tiles
from app.warnings.covering import find_covering
from app.warnings.ingest import ledger
from app.warnings.models import OfficialWarning, SourceStates, WarningTile
from app.warnings.search import find_near
from app.warnings.sources.message import Act
from tests.rig.calls import counted
from tests.warning_making import announce, announce_at, message, place, square

pytestmark = pytest.mark.usefixtures("tables", "noon")
LONDON = Circle(51.5, -0.12, 5)
AROUND = "/v1/nearby?lat=51.5&lon=-0.12&radius_km=5"
LISTS = ("/v1/warnings", f"/v1/warnings?{AROUND.partition('?')[2]}", AROUND)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The ingest runs in another process: what it writes, this one is not told of."""
    monkeypatch.setattr(warning_tiles, "kept", SimpleNamespace(forget=lambda: None))
    yield


def test_second_look_around_reads_no_warning_again() -> None:
    announce(message(), message())
    first = find_near(LONDON)

    with counted() as calls:
        second = find_near(LONDON)

    assert calls.made == {}
    assert [one.warning.id for one in first] == [one.warning.id for one in second]
    assert len(first) == 2


def test_report_under_known_warnings_is_compared_with_no_further_read() -> None:
    announce(message())
    find_covering([Circle(51.5, -0.12, 0)])

    with counted() as calls:
        (found,) = find_covering([Circle(51.5, -0.12, 0)])

    assert (calls.made, len(found.certain)) == ({}, 1)


def test_list_of_all_reads_no_index_and_no_row_again(client: FlaskClient) -> None:
    announce(*(message() for _ in range(20)))
    with counted() as first:
        client.get("/v1/warnings")

    with counted() as second:
        told = client.get("/v1/warnings").json

    # What is left is the document with the numbers of reports inside.
    assert first.made["BatchGetItem"] == 3
    assert second.made == {"GetItem": 1}
    assert len(told["items"]) == 20


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("seed", range(3))
def test_answers_are_those_of_a_process_that_keeps_nothing(
    client: FlaskClient, noon: time_machine.Traveller, seed: int
) -> None:
    """Tiles may be 15 s old, so the clock goes on so far after each run of the ingest, which is another process."""
    chance = random.Random(seed)
    said = {f"event-{number}": "severe" for number in range(4)}
    for _ in range(8):
        event = chance.choice(sorted(said))
        said[event] = chance.choice(["minor", "severe", "extreme"])
        texts = {one: message(one, severity=severity) for one, severity in said.items()}
        if chance.random() < 0.3:
            texts[event] = message(event, act=Act.END, replaces=(texts[event].source_id,))
        announce(*texts.values())
        for path in LISTS:
            if chance.random() < 0.7:
                client.get(path)
        noon.shift(15)

        told = [client.get(path).data for path in LISTS]
        kept.forget()
        assert told == [client.get(path).data for path in LISTS]


@pytest.mark.usefixtures("elsewhere")
def test_warning_that_says_again_what_it_said_is_shown_with_its_new_time(
    client: FlaskClient, noon: time_machine.Traveller
) -> None:
    """The index knows it by what it says, which is then the same as before."""
    shown = []
    for severity in ("severe", "extreme", "severe"):
        announce(message("flood", source_id="flood/1", severity=severity, sent_at_ms=0))
        if severity == "severe":
            (item,) = client.get("/v1/warnings").json["items"]
            shown.append((item["severity"], item["updated_at"]))
        noon.shift(60)

    assert [severity for severity, _ in shown] == ["severe", "severe"]
    assert shown[0][1] < shown[1][1]


@pytest.mark.usefixtures("elsewhere")
def test_tile_is_read_again_after_15_seconds_and_when_the_clock_went_back(noon: time_machine.Traveller) -> None:
    assert find_near(LONDON) == []
    announce(message())

    noon.shift(14)
    assert find_near(LONDON) == []
    noon.shift(1)
    assert len(find_near(LONDON)) == 1
    noon.shift(-3600)
    with counted() as calls:
        find_near(LONDON)
    assert calls.made == {"BatchGetItem": 1}


def test_process_that_takes_warnings_in_shows_them_at_once() -> None:
    assert find_near(LONDON) == []

    announce(message())

    assert len(find_near(LONDON)) == 1


def test_row_that_is_newer_than_its_mark_is_read_each_time_until_the_mark_follows() -> None:
    """The previous release has written the tile: its marks name no sheets."""
    announce(message("flood"))
    for tile in WarningTile.read(["tile#7/63/42"]).values():
        tile.put([mark._replace(sheet=None) for mark in tile.marks()])
        tile.save()
    kept.forget()
    (before,) = find_near(LONDON)
    row = OfficialWarning.find_all([before.warning.id])[before.warning.id]
    row.urgency = "past"
    row.save()
    kept.forget()
    find_near(LONDON)

    for _ in range(2):
        with counted() as calls:
            (found,) = find_near(LONDON)
        assert (found.warning.urgency, calls.made) == ("past", {"BatchGetItem": 1})


def test_no_more_rows_are_kept_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_ROWS", 5)
    announce(*(message() for _ in range(9)))

    assert len(find_near(LONDON)) == 9
    assert len(kept._rows) == 5


def test_no_more_bytes_are_kept_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10_000)
    announce(*(message() for _ in range(9)))

    assert len(find_near(LONDON)) == 9
    assert sum(one.bytes for one in kept._rows.values()) <= 10_000


def test_tiles_of_the_release_before_get_their_versions_from_the_next_run() -> None:
    """The previous release's ledger and tiles hold no versions, and no change is repeated."""
    said = message("flood", places=(place("A1", square()),))
    announce(said)
    stored = ledger.read("ea")
    versionless = {one: known.ledger_entry._replace(version=None) for one, known in stored.rows.items()}
    ledger.write("ea", versionless, stored.cancellations)
    for tile in WarningTile.scan():
        if tile.id.startswith("tile#"):
            tile.put([mark._replace(version=None) for mark in tile.marks()])
            tile.save()
    updated = OfficialWarning.find(find_near(LONDON)[0].warning.id).updated_at_ms

    announce(said)
    (found,) = find_near(LONDON)
    with counted() as calls:
        find_near(LONDON)

    assert (found.warning.updated_at_ms, calls.made) == (updated, {})
    assert not ledger.read("ea").is_behind
    assert "changes_from" in SourceStates.read().by_name()["ea"]


@pytest.mark.parametrize("pole", [90, -90])
def test_around_a_pole_one_tile_is_read_and_what_lies_across_it_is_found(pole: int) -> None:
    """A circle there meets all the tiles of its row."""
    announce_at(square(west=120, south=89.5 if pole > 0 else -89.7), "across")
    announce_at(square(west=120, south=88 if pole > 0 else -88.2), "too far")
    kept.forget()

    with counted() as calls:
        found = find_near(Circle(pole * 89.9 / 90, -60, 100))

    assert [one.warning.words[0]["headline"] for one in found] == ["Flood warning for across"]
    assert calls.made == {"BatchGetItem": 2}
    assert len(kept.tile_keys(Circle(pole, 0, 100))) == 1
