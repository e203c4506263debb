"""Documents that follow from what they were and what has changed: the same as a count of all reports, at each step."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from app.core import clock
from app.reports.index import increments
from app.reports.index.models import FOREVER_MS, GRAVE, TileDocument
from bench import brute_force
from tests.rig.town import Town

SEEDS = (1, 2)
STEPS = 25


@pytest.fixture
def town(tables: None, noon: time_machine.Traveller) -> Iterator[Town]:
    with Town(noon, seed=1).open() as made:
        yield made


def wrong(town: Town) -> dict[str, Any]:
    """Tiles whose document is wrong in its counts or rows, or promises more than it holds."""
    found = brute_force.wrong_documents(town.database, clock.now_ms())
    reports = brute_force.active(town.database, clock.now_ms())
    for zoom in brute_force.ZOOMS:
        tiles: dict[str, list[Any]] = {}
        for row in reports:
            tiles.setdefault(brute_force.tile_of(float(row["lat"]["N"]), float(row["lon"]["N"]), zoom), []).append(row)
        for key, document in TileDocument.read(tiles).items():
            rows = tiles[key]
            sorts = [row["sort"]["S"] for row in rows if row["sort"]["S"] >= document.low_watermark]
            grave = {row["sort"]["S"] for row in rows if row["severity"]["S"] in GRAVE}
            grave = {sort for sort in grave if document.grave_low_watermark and sort >= document.grave_low_watermark}
            ends = [int(row["expires"]["N"]) for row in rows]
            if [row.sort for row in document.rows] != sorts:
                found[key] = "rows are missing"
            elif grave - {row.sort for row in (*document.rows, *document.grave)}:
                found[key] = "grave rows are missing"
            elif document.next_end_ms > min(ends) or document.last_end_ms < max(ends):
                found[key] = "an end is missing"
            elif document.oldest > rows[-1]["sort"]["S"]:
                found[key] = "the oldest is missing"
    return found


def live(town: Town, steps: int = STEPS) -> Iterator[None]:
    for _ in range(150):
        town.file(age_ms=town.dice.randrange(clock.HOUR_MS))
    town.tell_all()
    for _ in range(steps):
        town.live(8)
        town.tell_all()
        yield


@pytest.mark.parametrize("kills", [0.0, 0.03])
@pytest.mark.parametrize("seed", SEEDS)
def test_documents_are_those_of_a_count_of_all_reports(
    tables: None, noon: time_machine.Traveller, seed: int, kills: float
) -> None:
    with Town(noon, seed).open() as town:
        for _ in town.between_kills(live(town), kills):
            assert wrong(town) == {}


def believes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(increments, "_is_known", lambda pair, held: True)


def counts_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(document: Any, changed: Any, entry: Any, told: Any, *, is_here: bool, now_ms: int) -> bool:
        changed.put(entry) if is_here else changed.take(entry, now_ms)
        return True

    monkeypatch.setattr(increments, "_takes_unknown", take)


@pytest.mark.parametrize("naive", [believes_all, counts_all])
def test_a_naive_twin_is_found_out(
    tables: None, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch, naive: Any
) -> None:
    naive(monkeypatch)

    assert any(is_found_out(Town(noon, seed)) for seed in range(1, 7))


def is_found_out(town: Town) -> bool:
    """Return whether a document is wrong at any step of a town's life."""
    with town.open():
        for _ in town.between_kills(live(town, 3 * STEPS), 0.03):
            if wrong(town):
                return True
            town.now.shift(20)
    return False


def tell_filing_again_long_after_it_was_taken_back(town: Town, noon: time_machine.Traveller) -> None:
    for act in (town.file, town.file):  # the first of a cell makes its document whole
        act()
        town.tell(filed := town.records)
        town.records = []
        noon.shift(1)
    town.ids = [filed[0]["dynamodb"]["Keys"]["id"]["S"]]
    town.take_back()
    town.tell(town.records)
    town.records = []
    noon.shift(200)  # by then the document has forgotten who left
    town.file()
    town.tell(town.records)

    town.tell(filed)


def test_filing_that_is_told_again_late_brings_back_no_report(town: Town, noon: time_machine.Traveller) -> None:
    tell_filing_again_long_after_it_was_taken_back(town, noon)

    assert wrong(town) == {}


def test_naive_twin_that_heeds_no_delay_brings_it_back(
    town: Town, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(increments, "LATE_MS", 1 << 50)

    tell_filing_again_long_after_it_was_taken_back(town, noon)

    assert wrong(town)


def test_reports_that_end_are_counted_until_the_minutes_sweep(town: Town, noon: time_machine.Traveller) -> None:
    for number in range(130):
        town.file(life_ms=clock.HOUR_MS if number % 3 else 30 * clock.MINUTE_MS)
    town.tell_all()

    noon.shift(31 * 60)
    town.sweep()

    assert wrong(town) == {}
    assert all(document.next_end_ms > clock.now_ms() for document in TileDocument.read(["0/0/0"]).values())
    assert max(document.last_end_ms for document in TileDocument.read(["0/0/0"]).values()) < FOREVER_MS
