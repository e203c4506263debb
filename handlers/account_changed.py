"""Accounts table's stream (keys only) -> reactions. Safe to repeat: a second run finds nothing to do."""

from typing import Any

from app.core import telemetry
from app.reactions import account_altered, account_removed
from handlers.batches import Record, records_of, set_aside

ACCOUNT_IDS = "acc_"
DEAD_LETTERS = "account-changes-dead-letters"
REACTIONS = {"MODIFY": account_altered, "REMOVE": account_removed}


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream: accounts that were changed or removed. Raises ValueError for other events.

    A poison record is set aside and does not block others. A failure names the first record whose account could not be
    noted or queued: that one and those after it come again.
    """
    records = records_of(event, "aws:dynamodb")
    reacted = dict.fromkeys(REACTIONS, 0)
    for record in records:
        try:
            account_id = _account(record)
            kind = record["eventName"]
        except Exception as error:  # a poison record must not block the others, whatever it holds
            set_aside(DEAD_LETTERS, record, error, event=event)
            continue
        if not account_id or kind not in REACTIONS:
            continue
        try:
            REACTIONS[kind](account_id)
        except Exception as error:  # the queue or the database does not answer: no record is skipped
            number = record["dynamodb"]["SequenceNumber"]
            telemetry.logger().error("account change failed", extra={"sequence": number, "error": type(error).__name__})
            return {"batchItemFailures": [{"itemIdentifier": number}]}
        reacted[kind] += 1
    counts = {"removed": reacted["REMOVE"], "altered": reacted["MODIFY"]}
    telemetry.logger().info("accounts changed", extra={"records": len(records)} | counts)
    return {"batchItemFailures": []}


def _account(record: Record) -> str:
    """Return the id of a changed account; "" for rows of user names."""
    row_id = str(record["dynamodb"]["Keys"]["id"]["S"])
    return row_id if row_id.startswith(ACCOUNT_IDS) else ""
