"""Shared by functions for streams, queues and schedules: accepted events, remaining time, and dead letters."""

from collections.abc import Callable
from typing import Any

from app.aws import dead_letters, queues
from app.core import telemetry

Record = dict[str, Any]

LEFT_MS = 15_000  # a round takes a few seconds at most
SCHEDULES = ("aws.events", "aws.scheduler")


def has_time(context: Any, *, left_ms: int = LEFT_MS) -> bool:
    """Return whether there is time for another round before Lambda ends the function; always without a context."""
    return context is None or context.get_remaining_time_in_millis() >= left_ms


def shard_of(event: Record) -> str:
    """Return the stream's shard of a batch, which Lambda adds for functions with a tumbling window."""
    return str(event.get("shardId", "stream"))


def check_schedule(event: Any) -> None:
    """Raise ValueError for anything but a schedule's event."""
    if not isinstance(event, dict) or event.get("source") not in SCHEDULES:
        raise ValueError("This function takes its schedule's events, and nothing else.")


def records_of(event: Any, source: str) -> list[Record]:
    """Return the records of a batch, possibly none; raises ValueError for an event of any other source."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list) or any(_source(record) != source for record in records):
        raise ValueError(f"This function takes batches of {source}, and nothing else.")
    return records


def _source(record: Any) -> Any:
    return record.get("eventSource") if isinstance(record, dict) else None


def handle_each(event: Any, handle: Callable[[Record], object], *, failure: str, done: str) -> dict[str, Any]:
    """Handle the messages of a batch of SQS; name those that failed, so that only they come again.

    After five attempts a message is a dead letter. `failure` and `done` are for the log. Raises ValueError for an event
    of another kind.
    """
    records, failed = records_of(event, "aws:sqs"), list[dict[str, Any]]()
    for record in records:
        try:
            handle(record)
        except Exception as error:  # noqa: BLE001 - each message fails alone, whatever is in it
            told = {"message_id": record.get("messageId"), "error": type(error).__name__}
            telemetry.logger().error(failure, extra=told)
            failed.append({"itemIdentifier": record.get("messageId")})
    telemetry.logger().info(done, extra={"records": len(records), "failed": len(failed)})
    return {"batchItemFailures": failed}


class StillPoison(Exception):
    """A record that was brought back from its dead letters still cannot be handled."""


def set_aside(queue: str, record: Record, error: Exception, *, event: Record) -> None:
    """Note a record that can never be handled in its dead letters, by key and position, so that it blocks no other.

    Without a queue service, on one machine, it is only logged. A record brought back from there stays there: raises
    StillPoison.
    """
    if event.get(queues.REDRIVEN):
        raise StillPoison(f"It still cannot be handled: {type(error).__name__}.") from error
    number = record.get("dynamodb", {}).get("SequenceNumber")
    telemetry.logger().error("poison record", extra={"sequence": number, "error": type(error).__name__})
    if queues.are_there():
        queues.send(queue, dead_letters.letter_of(record, shard=shard_of(event), error=type(error).__name__))
