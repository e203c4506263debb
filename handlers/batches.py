"""What the functions on streams and queues share: which events they take, and where poison goes."""

from typing import Any

from app import telemetry
from app.clients import queues

Record = dict[str, Any]


def records_of(event: Any, source: str) -> list[Record]:
    """The records of a batch, perhaps none; raises ValueError for an event of any other source."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list) or any(_source(record) != source for record in records):
        raise ValueError(f"This function takes batches of {source}, and nothing else.")
    return records


def _source(record: Any) -> Any:
    return record.get("eventSource") if isinstance(record, dict) else None


def set_aside(queue: str, record: Record, error: Exception, *, shard: str) -> None:
    """Put a record that can never be handled whole into its dead letters, so that it holds up no other.

    Without a queue service, on one machine, the log is all there is.
    """
    number = record["dynamodb"]["SequenceNumber"]
    telemetry.logger().error("poison record", extra={"sequence": number, "error": type(error).__name__})
    if queues.are_there():
        queues.send(queue, {"record": record, "shard": shard, "error": type(error).__name__})
