"""The map's documents follow the stream of changes, however often, late, cut up or broken off it is delivered."""

import random
import time
from typing import Any

import pytest

from app.reports.index import consume, shared_state
from app.reports.index.models import PREFIX as OWN
from app.reports.index.models import TileDocument
from tests.conftest import PREFIX
from tests.rig import client, stored
from tests.rig.fleet import CONSUMER, HANGS_S, WEB, Fleet, Function, side_by_side
from tests.rig.proxy import Call, FaultProxy, Rule, never
from tests.rig.stream import Record, Recorder, Shard, into_shards, number_of, record
from tests.rig.tiles_oracle import Tile, expected

NAIVE = "tests.rig.naive:count_each_record"
NAIVE_AND_SILENT = "tests.rig.naive:count_and_skip"
# A few places within some cells of a town, and two far from it: tiles are shared at all zooms and at few.
PLACES = [(51.50, -0.12), (51.501, -0.121), (51.52, -0.09), (51.60, 0.30), (53.4, -2.9), (-6.2, 106.8)]
SEVERITIES = ["minor", "moderate", "severe", "extreme"]


class Town:
    """People who file, edit, move and withdraw reports, all written down as the stream would."""

    def __init__(self, function: Function, seed: int) -> None:
        self.instance = function.instance()
        self.dice = random.Random(seed)
        self.recorder = Recorder()
        self.reports: list[client.Reply] = []
        self.unsettled = 0

    def live(self, acts: int) -> list[dict]:
        for _ in range(acts):
            kind = self.dice.choices(["file", "edit", "withdraw"], [5, 4, 1])[0] if self.reports else "file"
            getattr(self, kind)()
        return self.recorder.records

    def file(self) -> None:
        reply = client.ask(self.instance, client.filing(f"report-{len(self.reports):05d}", **self._said()))
        assert reply.status == 201
        self.reports.append(reply)
        self.recorder.note(reply.body["id"], None, time.time())

    def edit(self) -> None:
        self._change("PATCH", self._said())

    def withdraw(self) -> None:
        self._change("DELETE", None)

    def _change(self, method: str, body: dict | None) -> None:
        report = self.dice.choice(self.reports)
        old = stored.raw_item("reports", report.body["id"])
        said = {"Authorization": f"Bearer {report.body['edit_token']}", "If_Match": f'"v{old["version"]["N"]}"'}
        reply = client.ask(self.instance, client.event(method, f"/v1/reports/{report.body['id']}", body, **said))
        self.unsettled += reply.status == 503
        if stored.raw_item("reports", report.body["id"]) != old:  # a write tells itself, whatever its reply
            self.recorder.note(report.body["id"], old, time.time())

    def _said(self) -> dict:
        lat, lon = self.dice.choice(PLACES)
        return {"location": {"lat": lat, "lon": lon}, "severity": self.dice.choice(SEVERITIES)}


def documents() -> dict[str, Tile]:
    """Return the content of all tile documents that are not empty."""
    keys = [key.removeprefix(OWN) for item in stored.items("tiles") if (key := item["tile"]).startswith(OWN)]
    kept = TileDocument.read([key for key in keys if "@" not in key], consistent=True)
    tiles = {}
    for key, document in kept.items():
        rows = [(row.id, int(row.version), str(row.severity)) for row in document.rows]
        if document.counts:
            tiles[key] = Tile(rows, document.counts)
    return tiles


def settled() -> dict[str, Tile]:
    """The documents after the minute's sweep has taken what the consumers have left waiting for it."""
    until = time.monotonic() + HANGS_S
    while shared_state.SharedRow.get(shared_state.KEY, consistent_read=True).waiting:
        assert time.monotonic() < until
        if not consume.sweep():  # a killed consumer's lease has to end first
            time.sleep(0.05)
    return documents()


def naive_documents() -> dict[str, Tile]:
    tiles = {
        item["tile"]: {name: int(count) for name, count in item["counts"].items()} for item in stored.items("tiles")
    }
    return {key: Tile([], {name: count for name, count in counts.items() if count}) for key, counts in tiles.items()}


def counts(tiles: dict[str, Tile]) -> dict[str, dict[str, int]]:
    return {key: dict(tile.counts) for key, tile in tiles.items()}


def differences(found: dict[str, Tile], wanted: dict[str, Tile]) -> dict[str, str]:
    """Tiles that are missing, too many, or say something else. A document holds the newest rows, and fits 4 KB."""
    wrong = dict.fromkeys(found.keys() ^ wanted.keys(), "missing or too many")
    for key in found.keys() & wanted.keys():
        rows = found[key].rows
        if found[key].counts != wanted[key].counts:
            wrong[key] = f"{found[key].counts} for {wanted[key].counts}"
        elif rows != wanted[key].rows[: len(rows)] or len(rows) < min(10, len(wanted[key].rows)):
            wrong[key] = f"{rows} for {wanted[key].rows}"
    return wrong


def truth() -> dict[str, Tile]:
    return expected(stored.reports(), int(time.time() * 1000))


def deliver(function: Function, records: list[dict], *, shards: int = 2, seed: int = 1) -> list[Shard]:
    """All records over so many shards at once, each with an instance of its own."""
    parts = into_shards(records, shards, random.Random(seed))
    made = [Shard(f"shard-{number}", part, seed + number) for number, part in enumerate(parts)]
    pairs = zip(made, function.instances(shards), strict=True)
    side_by_side([lambda shard=shard, i=instance: shard.deliver(i.ask) for shard, instance in pairs])
    return made


def crashes(*, every: int) -> Rule:
    """Each so many documents the database goes away for a moment, so that a function gives up in the middle of them."""
    stored_before, failing = [0], [0]

    def rule(call: Call) -> str:
        if call.operation == "PutItem" and not failing[0]:
            stored_before[0] += 1
            failing[0] = 0 if stored_before[0] % every else 5
        failing[0] = max(failing[0] - 1, 0)
        return "throttle" if failing[0] else ""

    return rule


def test_documents_are_right_after_repeats_and_cuts(fleet: Fleet, proxy: FaultProxy) -> None:
    records = Town(fleet.of(WEB), seed=1).live(60)

    shards = deliver(fleet.of(CONSUMER), records)

    assert differences(settled(), truth()) == {}
    assert max(times for shard in shards for times in shard.times) > 1


def test_naive_twin_counts_wrong(fleet: Fleet, proxy: FaultProxy) -> None:
    records = Town(fleet.of(WEB), seed=1).live(40)

    deliver(fleet.of(NAIVE), records)

    assert counts(naive_documents()) != counts(truth())


def test_naive_twin_counts_right_when_nothing_is_repeated(fleet: Fleet, proxy: FaultProxy) -> None:
    """So that the check is known to see repeats, and not something else."""
    records = Town(fleet.of(WEB), seed=1).live(40)

    fleet.of(NAIVE).instance().ask({"Records": records, "shardId": "one"})

    assert counts(naive_documents()) == counts(truth())


def test_documents_are_right_after_crashes_in_mid_batch(fleet: Fleet, proxy: FaultProxy) -> None:
    records = Town(fleet.of(WEB), seed=2).live(30)
    proxy.rule = crashes(every=15)

    shards = deliver(fleet.of(CONSUMER), records)

    proxy.rule = never
    assert sum(shard.raised for shard in shards) > 0
    assert [shard.given_up for shard in shards] == [[], []]
    assert differences(settled(), truth()) == {}


def is_index_of_cells(call: Call) -> bool:
    return call.operation == "Query" and call.said().get("IndexName") == "entries_by_cell"


def test_documents_are_right_after_changes_whose_reply_was_lost(fleet: Fleet, proxy: FaultProxy) -> None:
    """The stream delivers what was stored, whatever answer the reporter received."""
    town = Town(fleet.of(WEB), seed=6)
    town.live(10)
    proxy.rule = lambda call: "err500_after" if call.operation == "UpdateItem" and b"rep_" in call.body else ""
    town.live(20)
    proxy.rule = never

    deliver(fleet.of(CONSUMER), town.recorder.records)

    assert town.unsettled > 0
    assert differences(settled(), truth()) == {}


def test_documents_are_right_though_the_index_lags(fleet: Fleet, proxy: FaultProxy) -> None:
    town, consumers = Town(fleet.of(WEB), seed=3), fleet.of(CONSUMER)
    deliver(consumers, list(town.live(30)))
    before = len(town.recorder.records)
    later = town.live(30)[before:]
    proxy.rule = lambda call: "stale" if is_index_of_cells(call) else ""

    deliver(consumers, later)

    assert proxy.met["stale"] > 0
    assert differences(settled(), truth()) == {}


def poison(number: int) -> Record:
    """A record whose image is no report."""
    report_id = f"rep_poison{number}"
    image = {"id": {"S": report_id}, "cell": {"S": "13/0/0"}, "lat": {"S": "no number"}}
    return record(report_id, f"9{number:020d}", time.time(), NewImage=image)


def set_aside(sent: dict[str, list[Any]]) -> list[str]:
    """The numbers of the records that lie in dead letters."""
    return [letter["changed"]["sequence"] for letter in sent[f"{PREFIX}-report-changes-dead-letters"]]


def test_poison_stops_nobody_and_is_set_aside(fleet: Fleet, proxy: FaultProxy, sent: dict[str, list[Any]]) -> None:
    records = Town(fleet.of(WEB), seed=4).live(30)

    shards = deliver(fleet.of(CONSUMER), [*records[:20], poison(1), *records[20:]])

    assert [number for shard in shards for number in (*shard.named, *shard.given_up)] == []
    assert set(set_aside(sent)) == {number_of(poison(1))}  # batches may come twice
    assert differences(settled(), truth()) == {}


def test_naive_twin_loses_what_stands_beside_poison(fleet: Fleet, proxy: FaultProxy) -> None:
    records = Town(fleet.of(WEB), seed=4).live(30)
    instance = fleet.of(NAIVE_AND_SILENT).instance()

    answer = instance.ask({"Records": [*records[:20], poison(1), *records[20:]], "shardId": "one"})

    assert answer == {"batchItemFailures": []}
    assert counts(naive_documents()) != counts(truth())


@pytest.mark.long
def test_documents_are_right_after_all_that_at_once(
    fleet: Fleet, proxy: FaultProxy, sent: dict[str, list[Any]]
) -> None:
    records = Town(fleet.of(WEB), seed=5).live(1500)
    poisons = [poison(number) for number in range(len(records) // 100)]
    for place, one in enumerate(poisons):
        records.insert(place * 100, one)
    proxy.rule = crashes(every=200)

    shards = deliver(fleet.of(CONSUMER), records)

    proxy.rule = never
    assert [number for shard in shards for number in (*shard.named, *shard.given_up)] == []
    assert set(set_aside(sent)) == {number_of(one) for one in poisons}
    assert sum(shard.raised for shard in shards) > 0
    assert differences(settled(), truth()) == {}
