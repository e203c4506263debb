"""Event sources of Lambda: what reads queues, a shard of a stream, and a clock, and calls a function for it."""

import json
from collections.abc import Sequence

from bench.alert_storm.cloud import Cloud, Event, Function, Message, Queue


class QueueReader:
    """Lambda's reader of a queue: `most` invocations at once, of some messages each."""

    def __init__(self, queue: Queue, function: Function, *, batch: int, most: int) -> None:
        self.queue, self.function, self.batch, self.most = queue, function, batch, most
        self.running = self.starting = 0
        queue.on_message = self._begin

    def _begin(self) -> None:
        while self.running < self.most and self.starting * self.batch < len(self.queue):
            self.running += 1
            self.starting += 1
            self.queue.cloud.time.start(self._work)

    def _work(self) -> None:
        self.starting -= 1
        try:
            while messages := self.queue.take(self.batch):
                self._hand_over(messages)
        finally:
            self.running -= 1

    def _hand_over(self, messages: Sequence[Message]) -> None:
        source = f"arn:aws:sqs:::{self.queue.noun}"
        records = [
            {"messageId": str(one.number), "eventSource": "aws:sqs", "eventSourceARN": source, "body": one.body,
             "attributes": {"ApproximateReceiveCount": str(one.receipts), "SentTimestamp": str(int(one.sent_ms))}}
            for one in messages
        ]  # fmt: skip
        answer = self.queue.cloud.invoke(self.function, {"Records": records})
        if answer is None:
            return
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        self.queue.delete([one for one in messages if str(one.number) not in failed])


class StreamReader:
    """Lambda's reader of a shard: one batch after the other, again from its first failure on.

    `again`: share of the batches that are delivered a second time although they succeeded.
    """

    def __init__(self, cloud: Cloud, function: Function, *, batch: int, again: float) -> None:
        self.cloud, self.function, self.batch, self.again = cloud, function, batch, again
        self.records: list[Event] = []
        self.is_running = False
        self.longest = 0

    def take(self, record: Event) -> None:
        """Note a record of the stream."""
        record["dynamodb"]["ApproximateCreationDateTime"] = self.cloud.time.now / 1000
        self.records.append(json.loads(json.dumps(record)))
        self.longest = max(self.longest, len(self.records))
        if not self.is_running:
            self.is_running = True
            self.cloud.time.start(self._work)

    def _work(self) -> None:
        while self.records:
            self.cloud.time.spend(200)  # Lambda asks a shard some times a second
            batch = self.records[: self.batch]
            answer = self.cloud.invoke(self.function, {"Records": batch})
            if answer is None:
                self.cloud.time.spend(1000)
                continue
            failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
            places = [place for place, one in enumerate(batch) if one["dynamodb"]["SequenceNumber"] in failed]
            done = min(places, default=len(batch))
            if not places and self.cloud.dice.random() < self.again:
                self.cloud.counts["redelivered"] += len(batch)
                self.cloud.invoke(self.function, {"Records": batch})
            del self.records[:done]
        self.is_running = False


class Schedule:
    """A function that is called each minute until the storm is over."""

    def __init__(self, cloud: Cloud, function: Function, until_ms: float) -> None:
        self.cloud, self.function, self.until_ms = cloud, function, until_ms

    def run(self) -> None:
        """Call it, in a task of its own."""
        while self.cloud.time.now < self.until_ms:
            self.cloud.time.spend(60_000)
            self.cloud.invoke(self.function, {"source": "aws.events"})
