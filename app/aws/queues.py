"""Send messages to SQS queues, and receive and delete dead letters. A queue is named `<prefix>-<noun>`."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from app.core import clock, dynamodb
from app.core.config import settings

TIMES = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
TAKEN_AT_ONCE = SENT_AT_ONCE = 10
HIDDEN_S = 120
REDRIVEN = "redriven"  # marks an event made from a dead letter


class NotSent(Exception):
    """Error: a queue did not take some messages of a batch."""


@dataclass
class Letter:
    """A message received from a queue: hidden from others for two minutes, then visible again unless dropped."""

    id: str
    text: str
    sent_ms: int
    receipt: str
    is_dropped: bool = False


def are_there() -> bool:
    """Return whether there is a queue service. A local run has none and does the queue's work immediately."""
    return settings().has_queues


def send(noun: str, body: dict[str, Any], *, delay_s: int = 0) -> None:
    """Send one JSON message to a queue. Raises botocore's errors."""
    send_text(noun, json.dumps(body), delay_s=delay_s)


def send_text(noun: str, text: str, *, delay_s: int = 0) -> None:
    """Send one text message to a queue."""
    client().send_message(QueueUrl=_url(noun), MessageBody=text, DelaySeconds=delay_s)


def send_all(noun: str, bodies: Sequence[dict[str, Any]]) -> None:
    """Send JSON messages to a queue, ten in a call. Raises NotSent if the queue did not take some of them."""
    for first in range(0, len(bodies), SENT_AT_ONCE):
        texts = [json.dumps(body) for body in bodies[first : first + SENT_AT_ONCE]]
        entries = [{"Id": str(number), "MessageBody": text} for number, text in enumerate(texts)]
        if client().send_message_batch(QueueUrl=_url(noun), Entries=entries).get("Failed"):
            raise NotSent(noun)


def take_all(noun: str) -> Iterator[Letter]:
    """Yield the messages that were in the queue at the start, each once; the caller drops those that are done.

    At the end all others, and later arrivals, become visible again.
    """
    began_ms = clock.now_ms()
    letters_by_id: dict[str, Letter] = {}
    while letters := [letter for letter in _take(noun) if letter.id not in letters_by_id]:
        for letter in letters:
            letters_by_id[letter.id] = letter
            if letter.sent_ms <= began_ms:
                yield letter
    for letter in letters_by_id.values():
        if not letter.is_dropped:
            _let_go(noun, letter)


def _let_go(noun: str, letter: Letter) -> None:
    """Make a message visible again; no error if it already is, after a long run."""
    with suppress(ClientError):
        client().change_message_visibility(QueueUrl=_url(noun), ReceiptHandle=letter.receipt, VisibilityTimeout=0)


def _take(noun: str) -> list[Letter]:
    answer = client().receive_message(
        QueueUrl=_url(noun),
        MaxNumberOfMessages=TAKEN_AT_ONCE,
        VisibilityTimeout=HIDDEN_S,
        MessageSystemAttributeNames=["SentTimestamp"],
    )
    return [
        Letter(
            message["MessageId"], message["Body"], int(message["Attributes"]["SentTimestamp"]), message["ReceiptHandle"]
        )
        for message in answer.get("Messages", [])
    ]


def drop(noun: str, letter: Letter) -> None:
    """Delete a message from its queue."""
    client().delete_message(QueueUrl=_url(noun), ReceiptHandle=letter.receipt)
    letter.is_dropped = True


@cache
def client() -> Any:
    """Return the client of this process."""
    return dynamodb.session().create_client("sqs", region_name=settings().region, config=TIMES)


@cache
def _url(noun: str) -> str:
    return str(client().get_queue_url(QueueName=f"{settings().prefix}-{noun}")["QueueUrl"])
