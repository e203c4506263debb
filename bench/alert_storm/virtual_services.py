"""The product in virtual time: its clock, its database, its queues and its mail, for this process alone."""

import random
import time
from collections.abc import Callable, Sequence
from functools import cache, cached_property, lru_cache, partial
from typing import Any

from app.alerts import present
from app.aws import mail, queues
from app.core import dynamodb, telemetry
from app.gazetteer import small_list
from bench.alert_storm.cloud import Cloud, Queue
from bench.alert_storm.mail_server import MailServer
from bench.alert_storm.size import SEED
from bench.direct_stand_in import DirectStandIn

DATABASE_MS, ENTRY_MS = 5.0, 0.09  # of a call, and of each entry of a query: bench/slow_stand_in.py
QUEUE_MS = 8.0
MOST_KEPT = 4096  # by all processes together
NO_LOG = 1000


class Sqs:
    """Client of SQS. A queue that the storm does not know takes messages and hands none out."""

    def __init__(self, cloud: Cloud, known: dict[str, Queue]) -> None:
        self.cloud, self.known = cloud, known

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803 - the service's own name
        """Return the name without the deployment's prefix."""
        return {"QueueUrl": next((noun for noun in sorted(self.known) if QueueName.endswith(f"bench-{noun}")), "")}

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:  # noqa: N803 - as above
        self.cloud.call(QUEUE_MS)
        self.known[QueueUrl].send(MessageBody, delay_s=DelaySeconds)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.cloud.call(QUEUE_MS)
        queue = self.known[QueueUrl]
        for entry in Entries:
            queue.send(entry["MessageBody"], delay_s=entry.get("DelaySeconds", 0))
        queue.requests -= len(Entries) - 1
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries], "Failed": []}


def _in_turn(cloud: Cloud) -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Return a replacement of `in_one_round` without threads: the calls take a share of the time each."""

    def run(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        with cloud.side_by_side(min(len(calls), dynamodb.REQUESTS_AT_ONCE)):
            return [call() for call in calls]

    return run


def _get_alone(own: Any, instance: Any, owner: Any = None) -> Any:
    """Compute once without a lock, as Python does from 3.12 on: who waits for a lock would stop virtual time."""
    if instance is None:
        return own
    if own.attrname not in vars(instance):
        vars(instance)[own.attrname] = own.func(instance)
    return vars(instance)[own.attrname]


def _keep_apart(cloud: Cloud) -> None:
    """Let each process of a function have what it keeps of events for itself."""
    read = lru_cache(MOST_KEPT)(lambda name, moment, container: present.read_fresh(name))
    present._read = lambda name, moment: read(name, moment, cloud.container())  # type: ignore[assignment]


def take_over(cloud: Cloud, database: DirectStandIn, known: dict[str, Queue], server: MailServer) -> None:
    """Let the product of this process use these from now on."""
    database.before = partial(cloud.call, DATABASE_MS)
    database.after = lambda entries: cloud.time.spend(ENTRY_MS * entries) if entries else None
    database.caller = cloud.caller
    time.time = lambda: cloud.time.now / 1000
    time.monotonic = cloud.time.running_s
    time.sleep = lambda seconds: cloud.pause(seconds * 1000)  # type: ignore[assignment]
    random.seed(SEED)
    cached_property.__get__ = _get_alone  # type: ignore[method-assign,assignment]
    _keep_apart(cloud)
    small_list.nearest = cache(small_list.nearest)  # people share their places
    dynamodb.SharedConnection.client = property(lambda _: database)  # type: ignore[assignment,method-assign]
    dynamodb.in_one_round = _in_turn(cloud)  # type: ignore[assignment]
    dynamodb.at_once = lambda first, second: (first(), second())  # type: ignore[assignment]
    sqs = Sqs(cloud, known)
    queues.client = lambda: sqs  # type: ignore[assignment]
    queues._url.cache_clear()
    mail.client = lambda: server  # type: ignore[assignment]
    telemetry.logger().setLevel(NO_LOG)
