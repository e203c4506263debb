"""Changes that wait for the holder of the lease: their row stays small, none is lost, and none stops another."""

import json
import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.core.errors import Unavailable
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM
from app.reports.index import handed_over, shared_state
from app.reports.index.handed_over import Changes
from app.reports.index.models import HandedOver
from app.reports.index.shared_state import KEY, SharedRow
from app.reports.models import Report
from handlers import report_changed
from tests.app.reports.index.test_consumers import PLACE, SOME, counted, items_handed_over, sweep, tell
from tests.factories import make_report, stream_record

MOST_ITEM_BYTES = 400_000


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reports whose records were set aside as dead letters."""
    ids: list[str] = []
    monkeypatch.setattr(
        report_changed,
        "set_aside",
        lambda queue, record, error, *, event: ids.append(record["dynamodb"]["Keys"]["id"]["S"]),
    )
    return ids


def waiting() -> int:
    return len(SharedRow.get(KEY, consistent_read=True).waiting or ())


def row_bytes() -> int:
    return len(json.dumps(SharedRow.get(KEY, consistent_read=True).serialize()))


def hold_the_lease() -> str:
    """Let a slow consumer hold it."""
    assert shared_state.take_lease("slow", "z", is_paced=False)
    return "slow"


def hand_over(changes: Changes) -> None:
    shared_state.hand_over(changes, oldest_ms=clock.now_ms(), positions={"b": clock.now_ms()})


def in_many_cells(report: Report, number: int, *, count: int = 1000) -> Changes:
    return {f"13/{number}/{other}": {report.id: report.entry()} for other in range(count)}


def test_row_stays_small_however_many_cells_wait(dynoxide: Any, noon: Any) -> None:
    hold_the_lease()
    report = make_report(**PLACE)

    for number in range(40):
        hand_over(in_many_cells(report, number))

    assert waiting() == 40
    assert row_bytes() < 8000


def test_full_row_lets_records_wait_in_the_stream_and_sets_none_aside(
    dynoxide: Any, noon: Any, letters: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_state, "MOST_WAITING", 3)
    hold_the_lease()
    for shard in "bcd":
        tell([make_report(**PLACE)], shard=shard)
    late = [make_report(**PLACE) for _ in range(SOME)]

    with pytest.raises(Unavailable):
        tell(late, shard="e")

    assert (waiting(), letters) == (3, [])
    noon.shift(shared_state.LEASE_MS / 1000)
    tell(late, shard="e")
    assert (counted(), waiting()) == (SOME + 3, 0)


def test_row_that_cannot_be_changed_is_no_records_fault(dynoxide: Any, noon: Any, letters: list[str]) -> None:
    """As once when it was at its limit of 400 KB: DynamoDB refuses the write."""
    filler = "x" * 409_520
    actions = [SharedRow.paced_by.set(filler), SharedRow.held_until_ms.set(clock.now_ms() + 60_000)]
    SharedRow(KEY).update(actions=actions)

    with pytest.raises(Unavailable):
        tell([make_report(**PLACE) for _ in range(SOME)], shard="b")

    assert letters == []


def wordy_reports(count: int) -> list[Report]:
    dice = random.Random(7)
    letters = [chr(number) for number in range(0x4E00, 0x9000)]
    titles = ("".join(dice.choices(letters, k=110)) for _ in range(count))
    return [make_report(lat=51.5 + number / 10, title=title) for number, title in enumerate(titles)]


def test_wordy_changes_are_handed_over_in_several_items_each_below_the_limit(dynoxide: Any, noon: Any) -> None:
    holder = hold_the_lease()
    reports = wordy_reports(40)
    dice = random.Random(8)
    changes: Changes = {f"13/{number}/1": {} for number in range(100)}
    for cell, entries in changes.items():
        for report in reports:
            words = "".join(dice.sample(report.title or "", 100))
            entries[report.id] = report.entry()._replace(title=f"{cell} {words}")

    hand_over(changes)

    items = items_handed_over()
    assert len(items) > 1
    assert all(len(item.entries) + len(item.cells) < MOST_ITEM_BYTES for item in items)
    state = shared_state.end_lease(holder)
    assert state is not None
    taken = shared_state.take_oldest(state.waiting, most_cells=100, most_changes=4000)
    assert taken.changes == changes
    assert (taken.positions, taken.left) == ({"b": clock.now_ms()}, [])


def test_position_counts_only_once_all_items_of_a_batch_are_stored(
    dynoxide: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_over, "MOST_BYTES", 900)
    items = handed_over.pack({report.cell: {report.id: report.entry()} for report in wordy_reports(9)}, {"b": 5})

    assert len(items) > 2
    assert [handed_over.unpack(item)[1] for item, _ in items] == [*[{}] * (len(items) - 1), {"b": 5}]


def test_cell_without_readable_changes_is_handed_on(dynoxide: Any) -> None:
    report = make_report(**PLACE)
    changes = {"13/1/1": {}, report.cell: {report.id: report.entry()}, "13/9/9": {}}

    [(item, size)] = handed_over.pack(changes, {})

    assert (handed_over.unpack(item), size) == ((changes, {}), 3)


def without_place(report: Report, *, number: int) -> dict[str, Any]:
    """Take the place from a report's row, and return the record that says so."""
    Report(report.id).update(actions=[Report.lat.remove()])
    record = stream_record(new=report, number=number)
    del record["dynamodb"]["NewImage"]["lat"]
    return record


def test_broken_record_is_set_aside_by_its_own_consumer_though_another_holds_the_lease(
    dynoxide: Any, noon: Any, letters: list[str]
) -> None:
    holder = hold_the_lease()
    good, bad = [make_report(**PLACE) for _ in range(SOME)], make_report(**PLACE)
    records = [
        *(stream_record(new=report, number=number) for number, report in enumerate(good)),
        without_place(bad, number=9),
    ]

    report_changed.handler({"Records": records, "shardId": "b"}, None)

    assert letters == [bad.id]
    bad.delete()
    shared_state.end_lease(holder)
    sweep()
    assert counted(CELL_ZOOM) == SOME


def test_broken_change_that_waits_is_left_out_and_the_others_in_its_cell_are_built(
    dynoxide: Any, noon: Any, counts: list[str]
) -> None:
    """As from a release with a defect: the index does not show the others yet."""
    holder = hold_the_lease()
    good, bad = [make_report(**PLACE) for _ in range(SOME)], make_report(**PLACE)
    entries = {report.id: report.entry() for report in good} | {bad.id: bad.entry()._replace(lat=None)}  # type: ignore[arg-type]
    hand_over({bad.cell: entries})
    bad.delete()
    for report in good:
        Report(report.id).update(actions=[Report.cell.remove()])
    shared_state.end_lease(holder)

    sweep()

    assert (counted(CELL_ZOOM), items_handed_over()) == (SOME, [])
    assert "UnreadableDocuments" in counts


@pytest.mark.parametrize("bound", ["most_cells", "most_changes"])
def test_pass_takes_so_much_as_it_can_carry_and_the_oldest_first(dynoxide: Any, noon: Any, bound: str) -> None:
    holder, report = hold_the_lease(), make_report(**PLACE)
    for number in range(40):
        noon.shift(0.01)
        hand_over(in_many_cells(report, number, count=2))
    state = shared_state.end_lease(holder)
    assert state is not None

    taken = shared_state.take_oldest(state.waiting, **{"most_cells": 1000, "most_changes": 1000, bound: 50})

    assert (taken.marks, taken.left) == (state.waiting[:25], state.waiting[25:])
    assert len(taken.changes) == 50
    least = shared_state.take_oldest(state.waiting, **{"most_cells": 1000, "most_changes": 1000, bound: 1})
    assert least.marks == state.waiting[:1]


class Killed(BaseException):
    """The function is over, in the middle of its work."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_consumer_killed_while_it_removes_what_is_done_leaves_no_words_behind(
    dynoxide: Any, noon: Any, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    remove = HandedOver.remove
    for shard in "ab":
        tell([make_report(**PLACE, title="I need help") for _ in range(SOME)], shard=shard)
    noon.shift(5)

    def dying(keys: Any) -> None:
        if moment == "after":
            remove(keys)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(HandedOver, "remove", dying)
        sweep()

    noon.shift(shared_state.STORED_WITHIN_MS / 1000)
    sweep()
    assert (items_handed_over(), waiting(), counted()) == ([], 0, 2 * SOME)


def break_row(report: Report) -> None:
    """Make a report's row and its index entries unreadable, as no release would."""
    bad = {"entry": {"Value": {"B": b"\x01xx"}}, "lat": {"Value": {"S": "x"}}}
    client: Any = dynamodb.connection().client
    client.update_item(TableName=Report.Meta.table_name, Key={"id": {"S": report.id}}, AttributeUpdates=bad)


def test_unreadable_row_under_an_ended_report_stops_no_change(
    dynoxide: Any, noon: Any, letters: list[str], counts: list[str]
) -> None:
    soon = clock.now_ms() + clock.MINUTE_MS
    bad, ended = (make_report(lat=lat, lon=10, expires_at_ms=soon) for lat in (40, 41))
    tell([bad, ended], shard="a")
    break_row(bad)
    noon.shift(120)

    tell([make_report(**PLACE) for _ in range(SOME)], shard="a")

    assert (letters, counted(CELL_ZOOM), counted()) == ([], SOME, SOME + 1)
    assert "UnreadableDocuments" in counts


def test_tiles_follow_a_storm_by_the_next_minutes_sweep_at_the_latest(dynoxide_client: FlaskClient, noon: Any) -> None:
    for shard in "ab":
        tell([make_report(**PLACE) for _ in range(SOME)], shard=shard)
    tile = tile_at(**PLACE, z=10).key

    before, _, after = (dynoxide_client.get(f"/tiles/{tile}").json["counts"], sweep(), counted(10))

    assert (before, after) == ({"moderate": SOME}, 2 * SOME)
    assert dynoxide_client.get(f"/tiles/{tile}").json["counts"] == {"moderate": 2 * SOME}
