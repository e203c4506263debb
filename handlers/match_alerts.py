"""Queue of searches -> the ledger of messages. Safe to repeat: a person has one message about an event."""

from functools import partial
from typing import Any

from app.alerts import jobs
from app.reactions import search
from handlers.batches import Record, handle_each, has_time

LEFT_MS = 6_000  # a page and its people take two seconds, with a database that is slow


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise."""
    goes_on = partial(has_time, context, left_ms=LEFT_MS)

    def handle(record: Record) -> None:
        search(jobs.read(record["body"]), goes_on=goes_on)

    return handle_each(event, handle, failure="search failed", done="searches made")
