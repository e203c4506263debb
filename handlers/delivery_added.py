"""Deliveries table's stream (keys of new rows) -> the queues of messages. Safe to repeat: a message is sent once."""

from typing import Any

from app.core import telemetry
from app.mail.models import BY_STREAM
from app.reactions import delivery_added
from handlers.batches import Record, records_of, set_aside

DEAD_LETTERS = "delivery-additions-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream. Raises ValueError for any other event.

    A poison record is set aside. If the queue does not answer, that record and those after it come again.
    """
    records = records_of(event, "aws:dynamodb")
    for record in records:
        try:
            recipient, name = _key(record)
            is_wanted = record.get("eventName", "INSERT") == "INSERT" and name.startswith(BY_STREAM)
        except Exception as error:  # noqa: BLE001 - a poison record must not block the others, whatever it holds
            set_aside(DEAD_LETTERS, record, error, event=event)
            continue
        if not is_wanted:
            continue
        try:
            delivery_added(recipient, name)
        except Exception as error:  # noqa: BLE001 - the queue or the database does not answer: no record is skipped
            number = record["dynamodb"]["SequenceNumber"]
            telemetry.logger().error("message not queued", extra={"sequence": number, "error": type(error).__name__})
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    telemetry.logger().info("messages queued", extra={"records": len(records)})
    return {"batchItemFailures": []}


def _key(record: Record) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return str(keys["recipient"]["S"]), str(keys["event"]["S"])
