"""Stream of the accounts table (keys alone) -> reactions. Safe to repeat: a second erasure finds nothing left."""

from typing import Any

from app.core import telemetry
from app.reactions import account_removed
from handlers.batches import Record, records_of, set_aside

ACCOUNT_IDS = "acc_"
DEAD_LETTERS = "account-changes-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Take a batch of a DynamoDB stream; of all changes only removed accounts matter. Raises ValueError otherwise.

    Poison is set aside, and holds up no other. A failure names the first record whose account could not be queued: it
    and those after it come again.
    """
    records = records_of(event, "aws:dynamodb")
    removed = 0
    for record in records:
        try:
            account_id = _removed_account(record)
        except Exception as error:  # whatever a poison record holds, it must not hold up the others
            set_aside(DEAD_LETTERS, record, error, event=event)
            continue
        if not account_id:
            continue
        try:
            account_removed(account_id)
        except Exception as error:  # the queue does not answer: nothing is passed over
            number = record["dynamodb"]["SequenceNumber"]
            telemetry.logger().error("account change failed", extra={"sequence": number, "error": type(error).__name__})
            return {"batchItemFailures": [{"itemIdentifier": number}]}
        removed += 1
    telemetry.logger().info("accounts changed", extra={"records": len(records), "removed": removed})
    return {"batchItemFailures": []}


def _removed_account(record: Record) -> str:
    """The id of an account that is gone; empty for every other change and for the rows that hold user names."""
    row_id = str(record["dynamodb"]["Keys"]["id"]["S"])
    return row_id if record["eventName"] == "REMOVE" and row_id.startswith(ACCOUNT_IDS) else ""
