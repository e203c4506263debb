"""Queue of what SES reports -> reactions. Safe to repeat and in any order: no state of a message goes back."""

from typing import Any

from app.core import telemetry
from app.reactions import mail_reported
from handlers.batches import records_of


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise."""
    failed: list[dict[str, Any]] = []
    for record in records_of(event, "aws:sqs"):
        try:
            mail_reported(record["body"])
        except Exception as error:  # noqa: BLE001 - each message fails alone: after five attempts it is a dead letter
            told = {"message_id": record.get("messageId"), "error": type(error).__name__}
            telemetry.logger().error("report not noted", extra=told)
            failed.append({"itemIdentifier": record.get("messageId")})
    telemetry.logger().info("reports noted", extra={"records": len(event["Records"]), "failed": len(failed)})
    return {"batchItemFailures": failed}
