"""Queues of messages -> reactions. Safe to repeat, and to stop anywhere: the ledger says what was sent."""

import json
import time
from itertools import count
from typing import Any

from app.aws import parameters, queues
from app.core import mail_keys
from app.core.config import settings
from app.mail.models import queue_of
from app.mail.sending import pause_s
from app.reactions import send_message
from handlers.batches import Record, handle_each, has_time

SENDERS = 4  # that may run at once: serverless.yml, two of each queue
LONGEST_DELAY_S = 900
mail_keys.set_store_reader(parameters.read_mail_key)


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS; name the failed messages, so that only they come again. Raises ValueError otherwise.

    A message that is to be looked at later goes to the end of its queue, so that it delays no other.
    """
    places = count()

    def send(record: Record) -> None:
        if not has_time(context):
            raise TimeoutError("no time is left")
        _keep_pace(next(places))
        _send(record)

    return handle_each(event, send, failure="message not handled", done="messages handled")


def _send(record: Record) -> None:
    message = json.loads(record["body"])
    recipient, name = str(message["recipient"]), str(message["event"])
    if again := send_message(recipient, name):
        body = {"recipient": recipient, "event": name}
        queues.send(queue_of(name), body, delay_s=min(again.after_s, LONGEST_DELAY_S))


def _keep_pace(place: int) -> None:
    """Wait between two messages, so that all senders together keep the provider's rate."""
    if place and not settings().mail.is_local:
        time.sleep(pause_s(SENDERS))
