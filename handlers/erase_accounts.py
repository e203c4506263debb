"""Queue of erasures -> reactions. Safe to repeat: reports already unlinked are not found again."""

import json
from typing import Any

from app.reactions import erase_account
from handlers.batches import Record, handle_each, has_time


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise."""

    def erase(record: Record) -> None:
        erase_account(_account_id(record), goes_on=lambda _: has_time(context))

    return handle_each(event, erase, failure="erasure failed", done="accounts erased")


def _account_id(record: Record) -> str:
    account_id = json.loads(record["body"])["account_id"]
    if not (isinstance(account_id, str) and account_id):
        raise ValueError("The message names no account.")
    return account_id
