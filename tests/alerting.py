"""Alerts in tests: people who asked for them, and what the streams and the queue of searches bring about."""

import json
from itertools import count
from typing import Any

import pytest

from app.alerts import asked_place
from app.alerts.event_models import AlertEvent
from app.alerts.subscription_index import State, new_id
from app.alerts.subscription_models import Square, Subscription
from app.aws import queues
from app.aws.streams import as_json
from app.core import clock
from app.mail.models import Delivery
from handlers import fan_out, match_alerts
from tests.queueing import stored

Image = dict[str, Any]
LONDON = {"lat": 51.5, "lon": -0.12, "radius_km": 2.0}  # in the square that tests draw by default


def subscribe(name: str, *, place: dict[str, Any] | None = None, **wanted: Any) -> Subscription:
    """A person whose alerts are in force; their recipient is `to-<name>`."""
    subscription_id = wanted.pop("id", new_id())
    values = asked_place.attributes_of(place or LONDON, subscription_id) | {"state": State.ACTIVE.value}
    values |= {"recipient": f"to-{name}", "address": f"{name}@example.net", "nonce": "-"} | wanted
    made = Subscription(subscription_id, **values)
    made.store_with(lambda transaction: Square.put_in(transaction, rows=Square.all_of(made)))
    return made


class Alerts:
    """Hands over what has changed since the last time, as streams and queues do, and knows who got what."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}
        self.numbers = count(1)
        self.searches: list[str] = []  # messages of the queue of searches
        self.handed: list[tuple[str, str, str]] = []  # queue, recipient and event of each message to be sent
        self.delays: list[int] = []
        self.known: set[tuple[str, str]] = set()

    # As the product's queues.

    def send(self, noun: str, body: dict[str, Any], *, delay_s: int = 0) -> None:
        assert noun == "alert-matches"
        self.searches.append(json.dumps(body))
        self.delays.append(delay_s)

    def send_all(self, noun: str, bodies: list[dict[str, Any]]) -> None:
        self.handed += [(noun, body["recipient"], body["event"]) for body in bodies]

    # What AWS does.

    def changes(self) -> list[Image]:
        """The records of the warnings and reports that have changed since the last time."""
        rows = [row for table in ("warnings", "reports") for row in stored(table)]
        now = {row["id"]["S"]: row for row in rows if row["id"]["S"].startswith(("wrn_", "rep_"))}
        changed = [key for key in sorted(now) if now[key] != self.images.get(key)]
        records = [self.record(key, self.images.get(key), now[key]) for key in changed]
        self.images = now
        return records

    def record(self, key: str, old: Image | None, new: Image) -> Image:
        images = {name: image for name, image in (("OldImage", old), ("NewImage", new)) if image}
        change = {"Keys": {"id": {"S": key}}, "SequenceNumber": str(next(self.numbers))} | as_json(images)
        return {"eventSource": "aws:dynamodb", "eventName": "MODIFY" if old else "INSERT", "dynamodb": change}

    def hand_over(self, records: list[Image]) -> list[str]:
        """Call the function with these records; return those that it names as failed."""
        answer = fan_out.handler({"Records": records, "shardId": "shard-1"}, None)
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def search(self) -> None:
        """Make all searches that wait, in turn."""
        while self.searches:
            assert self.search_one(self.searches.pop(0)) == []

    def search_one(self, body: str, context: Any = None) -> list[Any]:
        record = {"messageId": "m", "eventSource": "aws:sqs", "body": body}
        return list(match_alerts.handler({"Records": [record]}, context)["batchItemFailures"])

    def forget(self) -> None:
        """Let nothing have happened: no event, no message, no search that waits."""
        for row in (*ledger(), *AlertEvent.scan()):
            row.delete()
        self.searches, self.handed = [], []

    def catch_up(self) -> None:
        """Let everything happen that follows from the last changes."""
        assert self.hand_over(self.changes()) == []
        self.search()

    # What people have.

    def heard(self) -> set[tuple[str, str]]:
        """The people who have a message in the ledger, and the first letter of its event: `w`, `e`, `r` or `u`."""
        return {(row.recipient.removeprefix("to-"), row.event[0]) for row in ledger()}

    def news(self) -> list[tuple[str, str]]:
        """Those of the messages that came since the last call, in order."""
        rows = {(row.recipient, row.event) for row in ledger()}
        new, self.known = rows - self.known, rows
        return sorted((recipient.removeprefix("to-"), event[0]) for recipient, event in new)


def ledger() -> list[Delivery]:
    """All messages of alerts."""
    return [row for row in Delivery.scan() if row.kind == "alert"]


def events() -> list[AlertEvent]:
    """All events, by name."""
    return sorted((row for row in AlertEvent.scan() if row.sort == "!"), key=lambda row: row.id)


@pytest.fixture
def alerts(tables: None, monkeypatch: pytest.MonkeyPatch) -> Alerts:
    """Streams and queues, which a test hands over when it wants."""
    office = Alerts()
    monkeypatch.setattr(queues, "are_there", lambda: True)
    monkeypatch.setattr(queues, "send", office.send)
    monkeypatch.setattr(queues, "send_all", office.send_all)
    return office


def in_minutes(minutes: float) -> int:
    return int(clock.now_ms() + minutes * clock.MINUTE_MS)
