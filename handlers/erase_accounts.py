"""Queue of erasures -> reactions. Safe to repeat: reports already unlinked are not found again."""

import json
from typing import Any

from app.core import telemetry
from app.reactions import erase_account
from handlers.batches import Record, has_time, records_of


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise."""
    failed: list[dict[str, Any]] = []
    for record in records_of(event, "aws:sqs"):
        try:
            erase_account(_account_id(record), goes_on=lambda _: has_time(context))
        except Exception as error:  # noqa: BLE001 - each message fails alone: after five attempts it is a dead letter
            telemetry.logger().error(
                "erasure failed", extra={"message_id": record.get("messageId"), "error": type(error).__name__}
            )
            failed.append({"itemIdentifier": record.get("messageId")})
    telemetry.logger().info("accounts erased", extra={"records": len(event["Records"]), "failed": len(failed)})
    return {"batchItemFailures": failed}


def _account_id(record: Record) -> str:
    account_id = json.loads(record["body"])["account_id"]
    if not (isinstance(account_id, str) and account_id):
        raise ValueError("The message names no account.")
    return account_id
