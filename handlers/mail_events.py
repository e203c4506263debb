"""Queue of what SES reports -> reactions. Safe to repeat and in any order: no state of a message goes back."""

from typing import Any

from app.reactions import mail_reported
from handlers.batches import handle_each


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise."""
    return handle_each(
        event, lambda record: mail_reported(record["body"]), failure="report not noted", done="reports noted"
    )
