"""Read the tables' streams like Lambda, and call the functions of serverless.yml with the changes.

`python -m infra.local.streams ADDRESS POSITION_FILE [--once]`. It resumes where it stopped: the position in the stream
of reports is stored in POSITION_FILE, those of the other tables beside it. Batches, bisecting, retries and partial
failures follow serverless.yml.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from app.aws.streams import as_lambda_record
from infra.local.data_folder import PREFIX
from infra.local.database import client_options, database_client

Event = dict[str, Any]
Handler = Callable[[Event, None], Any]

POLL_EVERY_S = 0.5
BATCH_SIZE = 1000
RETRIES = 5
WAIT_BEFORE_RETRY_S = 0.2
LONGEST_WAIT_S = 3.0
LOGGER = logging.getLogger("stream")


class Position:
    """Position of each shard, stored in a file for one stream: a new database starts from the beginning."""

    def __init__(self, file: Path, stream: str) -> None:
        self.file = file
        self.stream = stream
        self.shards: dict[str, str] = self._read()

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return dict(kept["shards"]) if kept["stream"] == self.stream else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def move(self, shard: str, record: Event) -> None:
        self.shards[shard] = record["dynamodb"]["SequenceNumber"]
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps({"stream": self.stream, "shards": self.shards}), encoding="utf-8")
        part.replace(self.file)


class Stream:
    """The stream of one table in one database."""

    def __init__(self, address: str, position: Path, *, table: str = "reports") -> None:
        # dynoxide's shard ids are shorter than boto3 allows.
        self.client: Any = boto3.client("dynamodbstreams", **client_options(address, parameter_validation=False))
        description = database_client(address).describe_table(TableName=f"{PREFIX}-{table}")["Table"]
        self.arn = description["LatestStreamArn"]
        self.position = Position(position, self.arn)
        self._iterators: dict[str, str] = {}

    def batches(self) -> Iterator[tuple[str, list[Event]]]:
        """Return one batch of each shard that has new records, read on from where the last call ended.

        If that call failed or was left half-way, what its caller did not handle comes again.
        """
        iterators, self._iterators = self._iterators, {}
        following = {}
        for shard, iterator in (iterators or self._at_positions()).items():
            page = self.client.get_records(ShardIterator=iterator, Limit=BATCH_SIZE)
            if page["Records"]:
                yield shard, [as_lambda_record(record, self.arn) for record in page["Records"]]
            following[shard] = page.get("NextShardIterator")
        # After a shard that has ended there are others, to be looked for.
        self._iterators = following if all(following.values()) else {}

    def _at_positions(self) -> dict[str, str]:
        return {shard: self._iterator(shard) for shard in self._shards()}

    def _shards(self) -> list[str]:
        page = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]
        shards = page["Shards"]
        while last := page.get("LastEvaluatedShardId"):
            page = self.client.describe_stream(StreamArn=self.arn, ExclusiveStartShardId=last)["StreamDescription"]
            shards += page["Shards"]
        return [shard["ShardId"] for shard in shards]

    def _iterator(self, shard: str) -> str:
        place = {"StreamArn": self.arn, "ShardId": shard}
        if handled := self.position.shards.get(shard):
            try:
                after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": handled}
                return str(self.client.get_shard_iterator(**place, **after)["ShardIterator"])
            except self.client.exceptions.TrimmedDataAccessException:
                LOGGER.warning("the stream no longer holds what follows %s; reading from its oldest record", handled)
        return str(self.client.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")["ShardIterator"])


def deliver(
    records: list[Event],
    shard: str,
    *,
    handler: Handler,
    handled: Callable[[Event], None],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Deliver a batch. A failed one is tried again, halved if the handler raised, then logged and skipped."""
    size, tries = len(records), 0
    while records:
        batch = records[:size]
        done, has_raised = _invoke(handler, batch, shard)
        if done:
            handled(records[done - 1])
            records, tries = records[done:], 0
        if done == len(batch):
            size = len(records)
            continue
        if has_raised and len(batch) > 1:
            size, tries = len(batch) // 2, 0
            continue
        tries += 1
        if tries > RETRIES:
            LOGGER.error("record %s given up after %d tries", _number(records[0]), tries)
            handled(records[0])
            records, tries = records[1:], 0
        pause(min(WAIT_BEFORE_RETRY_S * 2**tries, LONGEST_WAIT_S))


def _invoke(handler: Handler, batch: list[Event], shard: str) -> tuple[int, bool]:
    """Invoke the handler; return how many records from the start were handled, and whether it raised."""
    try:
        answer = handler({"Records": batch, "shardId": shard}, None)
    except Exception:  # as the Lambda runtime does: after any error the batch comes again
        LOGGER.exception("the handler raised")
        return 0, True
    failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
    numbers = [_number(record) for record in batch]
    return next((place for place, number in enumerate(numbers) if number in failed), len(batch)), False


def _number(record: Event) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def read_once(stream: Stream, handler: Handler) -> bool:
    """Handle one batch of each shard; False if there was nothing new."""
    has_records = False
    for shard, records in stream.batches():
        has_records = True
        deliver(
            records,
            shard,
            handler=handler,
            handled=lambda record, shard=shard: stream.position.move(shard, record),  # type: ignore[misc]
        )
    return has_records


def main(arguments: list[str]) -> None:
    # Imported here, because the product reads its environment when it is first imported.
    from handlers import account_changed, delivery_added, fan_out, report_changed, vote_changed

    logging.basicConfig(format="%(name)s: %(message)s")
    address, position = arguments[0], Path(arguments[1])
    handlers = {"accounts": account_changed.handler, "votes": vote_changed.handler}
    handlers |= {"deliveries": delivery_added.handler, "warnings": fan_out.handler}
    readers = [(Stream(address, position), report_changed.handler)]
    for table, handler in handlers.items():
        place = position.with_stem(f"{position.stem}-{table}")
        readers.append((Stream(address, place, table=table), handler))
    readers.append((Stream(address, position.with_stem(f"{position.stem}-alerts")), fan_out.handler))
    is_once = "--once" in arguments
    while True:
        try:
            if sum(read_once(stream, handler) for stream, handler in readers):
                continue
        except (BotoCoreError, ClientError) as error:
            LOGGER.warning("the stream cannot be read now: %s", error)
        if is_once:
            return
        time.sleep(POLL_EVERY_S)


if __name__ == "__main__":
    main(sys.argv[1:])
