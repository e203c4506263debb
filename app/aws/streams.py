"""Convert records of DynamoDB streams to the form that functions receive, and read a range of them again."""

import base64
from collections.abc import Iterator
from typing import Any

from botocore.config import Config

from app.core import dynamodb
from app.core.config import settings

Record = dict[str, Any]
TIMES = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
MOST_PAGES = 1000


class Trimmed(Exception):
    """The stream no longer holds the records: it keeps them for 24 hours."""


class NotReached(Exception):
    """The end of a range was not found; none of it counts as read."""


def read_range(arn: str, shard: str, first: str, last: str) -> Iterator[Record]:
    """Yield the records of a shard between two sequence numbers, both included.

    A page may be empty although more follow (GetRecords, "Amazon DynamoDB API reference"), so reading continues until
    the last record was seen. Raises Trimmed if the stream no longer holds them.
    """
    client: Any = dynamodb.session().create_client("dynamodbstreams", region_name=settings().region, config=TIMES)
    trimmed_errors = client.exceptions.TrimmedDataAccessException, client.exceptions.ResourceNotFoundException
    start = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": first}
    try:
        iterator = client.get_shard_iterator(**start)["ShardIterator"]
        for _ in range(MOST_PAGES):
            page = client.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > int(last):
                    return
                yield as_lambda_record(record, arn)
                if record["dynamodb"]["SequenceNumber"] == last:
                    return
            iterator = page.get("NextShardIterator")
            if not iterator:
                break
    except trimmed_errors as error:
        raise Trimmed("The stream keeps records for 24 hours; these are older.") from error
    raise NotReached(f"The stream did not come to record {last}.")


def as_lambda_record(record: Record, arn: str) -> Record:
    """Convert a record of the streams API to the form that a function receives: seconds for times, base64 for bytes."""
    change = dict(record["dynamodb"])
    if created_at := change.get("ApproximateCreationDateTime"):
        seconds = created_at.timestamp()
        change["ApproximateCreationDateTime"] = int(seconds) if seconds.is_integer() else seconds
    for image in ("Keys", "NewImage", "OldImage"):
        if image in change:
            change[image] = as_json(change[image])
    return {**record, "eventSource": "aws:dynamodb", "eventSourceARN": arn, "dynamodb": change}


def image_of(image: Record) -> Record:
    """Convert an image from the form that a function receives to that of models: bytes for base64."""
    return {
        name: {"B": base64.b64decode(value["B"])} if isinstance(value.get("B"), str) else value
        for name, value in image.items()
    }


def as_json(value: Any) -> Any:
    """Convert bytes in a value to base64, so that JSON can hold it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_json(part) for part in value]
    return value
