"""Stream of the accounts table (keys alone) -> reactions. Safe to repeat: a second erasure finds nothing left."""

from typing import Any

from app import telemetry
from app.reactions import account_removed
from handlers.batches import Record, records_of

ACCOUNT_IDS = "acc_"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Take a batch of a DynamoDB stream; of all changes only removed accounts matter. Raises ValueError otherwise.

    A failure names the first record that was not handled: it and those after it come again.
    """
    records = records_of(event, "aws:dynamodb")
    removed = 0
    for record in records:
        try:
            if account_id := _removed_account(record):
                account_removed(account_id)
                removed += 1
        except Exception as error:  # the queue does not answer, or it is no record: it comes again
            number = record["dynamodb"]["SequenceNumber"]
            telemetry.logger().error("account change failed", extra={"sequence": number, "error": type(error).__name__})
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    telemetry.logger().info("accounts changed", extra={"records": len(records), "removed": removed})
    return {"batchItemFailures": []}


def _removed_account(record: Record) -> str:
    """The id of an account that is gone; empty for every other change and for the rows that hold user names."""
    row_id = str(record["dynamodb"]["Keys"]["id"]["S"])
    return row_id if record["eventName"] == "REMOVE" and row_id.startswith(ACCOUNT_IDS) else ""
