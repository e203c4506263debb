"""Accounts table's stream (keys only) -> reactions. Safe to repeat: a second erasure finds no report."""

from typing import Any

from app.core import telemetry
from app.reactions import account_removed
from handlers.batches import Record, records_of, set_aside

ACCOUNT_IDS = "acc_"
DEAD_LETTERS = "account-changes-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream; only removed accounts matter. Raises ValueError for other events.

    A poison record is set aside and does not block others. A failure names the first record whose account could not be
    queued: that one and those after it come again.
    """
    records = records_of(event, "aws:dynamodb")
    removed = 0
    for record in records:
        try:
            account_id = _removed_account(record)
        except Exception as error:  # a poison record must not block the others, whatever it holds
            set_aside(DEAD_LETTERS, record, error, event=event)
            continue
        if not account_id:
            continue
        try:
            account_removed(account_id)
        except Exception as error:  # the queue does not answer: no record is skipped
            number = record["dynamodb"]["SequenceNumber"]
            telemetry.logger().error("account change failed", extra={"sequence": number, "error": type(error).__name__})
            return {"batchItemFailures": [{"itemIdentifier": number}]}
        removed += 1
    telemetry.logger().info("accounts changed", extra={"records": len(records), "removed": removed})
    return {"batchItemFailures": []}


def _removed_account(record: Record) -> str:
    """Return the id of a removed account; "" for every other change and for rows of user names."""
    row_id = str(record["dynamodb"]["Keys"]["id"]["S"])
    return row_id if record["eventName"] == "REMOVE" and row_id.startswith(ACCOUNT_IDS) else ""
