"""Several consumers of the stream: one rewrites the documents, the others hand their changes over to it."""

import zlib
from typing import Any

import pytest
import time_machine

from app.core import clock, dynamodb
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM
from app.reports.index import consume, shared_state
from app.reports.index.models import (
    HANDED_OVER,
    IN_FLIGHT_MS,
    ROOT,
    ZOOMS,
    Document,
    HandedOver,
    TileDocument,
)
from app.reports.models import Report
from handlers import end_expired, report_changed
from tests.factories import make_report, stream_record

PLACE = {"lat": 51.5, "lon": -0.12}
SOME = consume.FEW + 1  # changes that are a storm


def tell(reports: list[Report], *, shard: str) -> None:
    records = [stream_record(new=report, number=number) for number, report in enumerate(reports, 1)]
    report_changed.handler({"Records": records, "shardId": shard}, None)


def counted(z: int = 0) -> int:
    """Number of reports that the document over the place counts."""
    key = tile_at(**PLACE, z=z).key
    return sum(TileDocument.read([key]).get(key, Document()).counts.values())


def root() -> Document:
    return TileDocument.read([ROOT])[ROOT]


def items_handed_over() -> list[HandedOver]:
    return [item for item in HandedOver.scan() if item.tile.startswith(HANDED_OVER)]


def sweep() -> int:
    return end_expired.handler({"source": "aws.events"}, None)["cells"]


@pytest.fixture
def storm(dynoxide: Any, noon: Any) -> list[Report]:
    """Four reports told by shard a, and four by shard b at the same moment: its changes wait."""
    told = []
    for shard in ("a", "b"):
        told.append([make_report(**PLACE) for _ in range(SOME)])
        tell(told[-1], shard=shard)
    return [*told[0], *told[1]]


def test_changes_of_a_storm_wait_for_the_next_rewrite_and_are_not_vouched_for(storm: list[Report]) -> None:
    assert counted() == SOME
    assert root().stream_shards == {"a": clock.now_ms()}
    assert len(items_handed_over()) == 1


@pytest.mark.parametrize("z", ZOOMS)
def test_next_batch_of_any_shard_takes_what_waits(storm: list[Report], z: int) -> None:
    with time_machine.travel(clock.from_ms(clock.now_ms() + shared_state.PACE_MS), tick=False):
        tell([make_report(**PLACE) for _ in range(SOME)], shard="c")

        assert counted(z) == 3 * SOME
        assert root().stream_shards.keys() == {"a", "b", "c"}
    assert items_handed_over() == []


def test_sweep_takes_what_waits_when_the_storm_is_over(storm: list[Report]) -> None:
    assert sweep() == 1

    assert counted() == 2 * SOME
    assert (items_handed_over(), sweep()) == ([], 0)


def test_few_changes_never_wait(storm: list[Report]) -> None:
    tell([make_report(**PLACE)], shard="c")

    assert counted() == 2 * SOME + 1


def test_changes_handed_over_are_counted_though_the_index_does_not_show_them_yet(storm: list[Report]) -> None:
    for report in storm[SOME:]:
        Report(report.id).update(actions=[Report.cell.remove()])  # as in an index that lags

    sweep()

    assert counted(CELL_ZOOM) == 2 * SOME


def test_a_killed_holder_stops_others_only_until_its_lease_ends(dynoxide: Any, noon: Any) -> None:
    assert shared_state.take_lease("killed", "a", is_paced=False)
    reports = [make_report(**PLACE) for _ in range(SOME)]

    tell(reports, shard="b")
    assert (counted(), sweep()) == (0, 0)

    with time_machine.travel(clock.from_ms(clock.now_ms() + shared_state.LEASE_MS), tick=False):
        assert sweep() == 1
        assert counted() == SOME


def test_holder_that_lost_its_lease_leaves_its_batch_to_the_next(
    dynoxide: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process stood still while it rebuilt cells, and another consumer has begun."""
    build = consume.tile_documents.build_cell

    def slow(*args: Any) -> bool:
        noon.shift(2 * shared_state.LEASE_MS / 1000)
        assert shared_state.take_lease("another", "z", is_paced=False)
        return build(*args)

    with monkeypatch.context() as patch:
        patch.setattr(consume.tile_documents, "build_cell", slow)
        tell([make_report(**PLACE) for _ in range(SOME)], shard="a")

    assert counted() == 0
    noon.shift(shared_state.LEASE_MS / 1000)
    sweep()
    assert counted() == SOME


@pytest.mark.parametrize("spoil", ["damaged", "later"])
def test_handed_over_changes_that_cannot_be_read_are_rebuilt_from_the_index_and_counted(
    storm: list[Report], counts: list[str], spoil: str
) -> None:
    [item] = items_handed_over()
    item.entries = item.entries[:9] if spoil == "damaged" else zlib.compress(b'{"format": 99}')
    item.save()

    sweep()

    assert counted() == 2 * SOME
    assert counts.count("UnreadableDocuments") == 1


def test_mark_without_an_item_is_forgotten_after_a_minute_and_vouches_for_nothing(
    storm: list[Report], counts: list[str], noon: Any
) -> None:
    """Its consumer was killed before it stored the item: the stream brings the batch again."""
    [item] = items_handed_over()
    item.delete()

    noon.shift(shared_state.STORED_WITHIN_MS / 1000)
    sweep()

    state = shared_state.take_lease("looks", "a", is_paced=False)
    assert state is not None
    assert (state.waiting, state.positions.keys(), root().stream_shards.keys()) == ([], {"a"}, {"a"})
    assert counts == []


def test_changes_whose_item_is_still_to_be_stored_wait_for_it(storm: list[Report]) -> None:
    """Another consumer takes the lease between the two writes of a handing over."""
    [item] = items_handed_over()
    item.delete()

    assert (sweep(), counted()) == (0, SOME)

    item.store()
    assert (sweep(), counted()) == (1, 2 * SOME)
    assert items_handed_over() == []


def test_mark_of_another_format_is_skipped_and_counted(storm: list[Report], counts: list[str]) -> None:
    shared_state.SharedRow(shared_state.KEY).update(actions=[shared_state.SharedRow.waiting.add({"later:form"})])

    sweep()

    assert counted() == 2 * SOME
    assert "UnreadableDocuments" in counts


def test_outage_while_others_changes_are_built_leaves_them_waiting(
    storm: list[Report], noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> bool:
        raise dynamodb.OutOfTime("away")

    noon.shift(5)
    with monkeypatch.context() as patch, pytest.raises(dynamodb.OutOfTime):
        patch.setattr(consume.tile_documents, "build_root", away)
        tell([make_report(**PLACE) for _ in range(SOME)], shard="c")

    assert len(items_handed_over()) == 1
    sweep()
    assert counted() == 3 * SOME


def test_lists_hold_what_waits(storm: list[Report], dynoxide_client: Any) -> None:
    with time_machine.travel(clock.from_ms(clock.now_ms() + IN_FLIGHT_MS * 3), tick=False):
        shown = dynoxide_client.get("/v1/reports?limit=100").json["items"]

    assert {item["id"] for item in shown} == {report.id for report in storm}


def test_positions_of_closed_shards_are_forgotten(dynoxide: Any, noon: Any) -> None:
    old = {f"old-{number}": clock.now_ms() - 3 * clock.DAY_MS for number in range(120)}
    shared_state.note_done([], old)

    tell([make_report(**PLACE)], shard="a")

    state = shared_state.take_lease("looks", "a", is_paced=False)
    assert state is not None
    assert set(state.positions) == {"a"}
