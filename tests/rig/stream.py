"""The reports table's stream, as Lambda delivers it: at least once, in order within an item and a shard, in batches."""

import random
from collections.abc import Callable
from typing import Any
from zlib import crc32

from app.aws.streams import as_json
from tests.rig.fleet import Raised
from tests.rig.stored import raw_item

Record = dict[str, Any]
# serverless.yml: maximumRetryAttempts; a record that fails more often is given up.
RETRIES = 5
LONGEST_STEP_BACK = 6


class Recorder:
    """Writes down each change of a report, with the images before and after it."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.deliveries: dict[str, int] = {}

    def note(self, report_id: str, old: dict[str, Any] | None, at_s: float) -> None:
        images = {"OldImage": old, "NewImage": raw_item("reports", report_id)}
        told = {name: image for name, image in images.items() if image}
        self.records.append(record(report_id, f"{len(self.records):021d}", at_s, **told))


def record(report_id: str, number: str, at_s: float, **images: Any) -> Record:
    told = {"Keys": {"id": {"S": report_id}}, "SequenceNumber": number, "ApproximateCreationDateTime": at_s}
    told |= as_json(images)
    return {"eventSource": "aws:dynamodb", "eventName": "MODIFY", "eventVersion": "1.1", "dynamodb": told}


def keys_record(report_id: str, person: str, number: str, at_s: float) -> Record:
    """The record of the votes table's stream, which holds keys only."""
    made = record(report_id, number, at_s)
    made["dynamodb"]["Keys"] = {"report_id": {"S": report_id}, "person": {"S": person}}
    return made


def number_of(one: Record) -> str:
    return str(one["dynamodb"]["SequenceNumber"])


def into_shards(records: list[Record], count: int, dice: random.Random) -> list[list[Record]]:
    """Every item belongs to one shard. Within it items mix in any order, but each item's records keep theirs."""
    shards: list[dict[str, list[Record]]] = [{} for _ in range(count)]
    for one in records:
        keys = one["dynamodb"]["Keys"]
        (report_id,) = (keys.get("id") or keys["report_id"]).values()
        shards[crc32(report_id.encode()) % count].setdefault(report_id, []).append(one)
    return [_mixed(list(shard.values()), dice) for shard in shards]


def _mixed(queues: list[list[Record]], dice: random.Random) -> list[Record]:
    order = [number for number, queue in enumerate(queues) for _ in queue]
    dice.shuffle(order)
    left = [iter(queue) for queue in queues]
    return [next(left[number]) for number in order]


class Shard:
    """One shard's delivery. `failures` remembers what the function named or raised over."""

    def __init__(self, name: str, records: list[Record], seed: int, *, longest_batch: int = 20) -> None:
        self.name, self.records = name, records
        self.dice = random.Random(seed)
        self.longest_batch = longest_batch
        self.times = [0] * len(records)
        self.named: list[str] = []
        self.given_up: list[str] = []
        self.raised = 0

    def deliver(self, invoke: Callable[[Any], Any], *, most_times: int = 5) -> None:
        """Hand over every record at least once and at most so often by repetition, in batches cut anywhere."""
        place, size, tries = 0, 0, 0
        while place < len(self.records):
            size = size or self.dice.randint(1, self.longest_batch)
            batch = self.records[place : place + size]
            done, has_raised = self._invoke(invoke, batch, place)
            if has_raised and len(batch) > 1:
                size = len(batch) // 2  # bisectBatchOnFunctionError
                continue
            tries = 0 if done else tries + 1
            if tries > RETRIES:
                self.given_up.append(self._number(place))
                done, tries = 1, 0
            place, size = place + done, 0
            if done and not tries:
                place = self._step_back(place, most_times)

    def _invoke(self, invoke: Callable[[Any], Any], batch: list[Record], place: int) -> tuple[int, bool]:
        """Invoke the function; return the number of records of the batch that are done, and whether it raised."""
        for number in range(place, place + len(batch)):
            self.times[number] += 1
        try:
            answer = invoke({"Records": batch, "shardId": self.name})
        except Raised:
            self.raised += 1
            return 0, True
        named = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        self.named += named
        numbers = [number_of(one) for one in batch]
        return min((numbers.index(number) for number in named), default=len(batch)), False

    def _step_back(self, place: int, most_times: int) -> int:
        """Lambda lost its place, and begins some records earlier again."""
        steps = self.dice.randint(0, LONGEST_STEP_BACK) if self.dice.random() < 0.4 else 0
        while steps and place and self.times[place - 1] < most_times:
            if self._number(place - 1) in self.given_up:
                break
            place, steps = place - 1, steps - 1
        return place

    def _number(self, place: int) -> str:
        return number_of(self.records[place])
