"""Queues of messages -> reactions. Safe to repeat, and to stop anywhere: the ledger says what was sent."""

import json
import time
from typing import Any

from app.aws import parameters, queues
from app.core import clock, mail_keys
from app.core.config import settings
from app.mail.models import URGENT_QUEUE, queue_of
from app.mail.sending import LONGEST_DELAY_S
from app.reactions import send_message
from handlers.batches import Record, handle_each, has_time

mail_keys.set_store_reader(parameters.read_mail_key)


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise.

    A message that is to be looked at later goes to the end of its queue, so that it delays no other.
    """
    pace = _Pace()

    def send(record: Record) -> None:
        if not has_time(context):
            raise TimeoutError("no time is left")
        pace.keep()
        _send(record)

    answer = handle_each(event, send, failure="message not handled", done="messages handled")
    pace.keep()  # for the next batch
    return answer


class _Pace:
    """Lets each message begin some time after the one before, so that all senders together keep the provider's rate."""

    def __init__(self) -> None:
        self._next_s: float | None = None

    def keep(self) -> None:
        """Wait until the next message may be sent: an interval after the last one, which may be over already."""
        now_s = clock.running_s()
        if self._next_s is not None and now_s < self._next_s:
            time.sleep(self._next_s - now_s)
            now_s = self._next_s
        self._next_s = now_s + (0 if settings().mail.is_local else settings().mail.interval_s)


def _send(record: Record) -> None:
    message = json.loads(record["body"])
    recipient, name = str(message["recipient"]), str(message["event"])
    if again := send_message(recipient, name):
        body = {"recipient": recipient, "event": name}
        queues.send(_queue_of(record, name), body, delay_s=min(again.after_s, LONGEST_DELAY_S))


def _queue_of(record: Record, event: str) -> str:
    """Return the queue that a message came from: what was urgent stays so."""
    is_urgent = str(record.get("eventSourceARN", "")).endswith(f"-{URGENT_QUEUE}")
    return URGENT_QUEUE if is_urgent else queue_of(event)
