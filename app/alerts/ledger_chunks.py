"""Put the people whom an event concerns into the ledger of messages, some hundreds at a time.

A chunk is stored in this order: who is in it, so that an end of the event finds all who may have a message; a row of
the ledger for each person, unless there is one; then the queue. A search that is repeated after a kill at any point
stores what is missing, and hands over again what it has stored before and what is not sent yet: a message is sent once.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from app.alerts.event_models import InformedChunk
from app.alerts.jobs import Job
from app.core import dynamodb
from app.core.severity import Severity
from app.mail.models import QUEUE, URGENT_QUEUE, Delivery

KIND = "alert"
MOST_PEOPLE = 500  # in a chunk: its row has some 30 kB
_AT_ONCE = dynamodb.REQUESTS_AT_ONCE


class Message(NamedTuple):
    """A message of the ledger that is to be sent, by its key."""

    recipient: str
    event: str


HandOver = Callable[[str, Sequence[Message]], None]  # the noun of the queue, and what it takes


def store(job: Job, people: Mapping[str, str], *, severity: str, hand_over: HandOver, is_told: bool = True) -> None:
    """Store a chunk: people by recipient, each with the subscription that matched. Safe to repeat.

    `is_told`: an end of the event is to find them.
    """
    if not people:
        return
    ordered = sorted(people.items())
    if is_told:
        InformedChunk.put(job.event, job.member, _digest(json.dumps(ordered)), ordered)
    search = _digest(f"{job.event} {job.member} {job.change}")
    waiting: list[Message] = []
    for first in range(0, len(ordered), _AT_ONCE):
        calls = [partial(_put, job.event, *person, search) for person in ordered[first : first + _AT_ONCE]]
        waiting += [message for message in dynamodb.in_one_round(calls) if message]
    if waiting:
        hand_over(queue_for(severity), waiting)


def queue_for(severity: str) -> str:
    """Return the noun of the queue for messages about something so severe."""
    return URGENT_QUEUE if Severity(severity).gravity >= Severity.SEVERE.gravity else QUEUE


def _put(event: str, recipient: str, subscription: str, search: str) -> Message | None:
    """Store one message unless it is there; return it if this search has to hand it over."""
    values = {"subscription": subscription, "chunk": search}
    delivery = Delivery(recipient, event, kind=KIND, packed_values=json.dumps(values, separators=(",", ":")))
    if not delivery.put_once():
        there = Delivery.find(recipient, event)
        if there is None or not there.is_waiting or there.values.get("chunk") != search:
            return None
    return Message(recipient, event)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
