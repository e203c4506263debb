"""A post office for tests: mail is set up, a fake SES takes it, and stream and queues are handed over as in Lambda."""

import heapq
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from app.aws import mail as ses_client
from app.aws import queues
from app.core import clock
from app.mail import index_models
from app.mail.models import BY_STREAM, Delivery
from app.reactions import messages_due
from handlers import deliver, delivery_added, mail_events
from tests.configured import settings_of

SETTINGS = {
    "FLOOD_MAIL": "ses",
    "FLOOD_MAIL_FROM": "Floods here <alerts@floods.example.org>",
    "FLOOD_MAIL_REPLY_TO": "desk@floods.example.org",
    "FLOOD_MAIL_TO": "example.net, example.com",
    "FLOOD_PUBLIC_BASE_URL": "https://floods.example.org",
    "FLOOD_MAIL_PER_SECOND": "100000",
}
NO_SERVER = EndpointConnectionError(endpoint_url="https://email.eu-west-2.amazonaws.com")
NO_ANSWER = ReadTimeoutError(endpoint_url="https://email.eu-west-2.amazonaws.com")


def refusal(code: str, status: int) -> ClientError:
    """Return what botocore raises for an answer of SES."""
    answer: Any = {"Error": {"Code": code, "Message": "-"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")


class Post:
    """Keeps what SES has accepted, newest last. `faults`: what the next calls raise; None accepts."""

    def __init__(self) -> None:
        self.accepted: list[dict[str, Any]] = []
        self.faults: list[Exception | None] = []
        self.accepts_in_spite = False  # a call that raises was accepted all the same
        self.calls = 0
        self.waiting: list[tuple[int, int, str]] = []
        self.seen: set[tuple[str, str]] = set()
        self.number = 0

    # As boto3's client of SES.

    def send_email(self, **asked: Any) -> dict[str, str]:
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.accepts_in_spite:
            self.accepted.append(asked)
        if fault:
            raise fault
        return {"MessageId": f"ses-{len(self.accepted)}"}

    # As SQS.

    def put(self, noun: str, body: dict[str, Any], *, delay_s: int = 0) -> None:
        self.number += 1
        heapq.heappush(self.waiting, (clock.now_ms() + delay_s * 1000, self.number, json.dumps(body)))

    def put_all(self, noun: str, bodies: list[dict[str, Any]]) -> None:
        for body in bodies:
            self.put(noun, body)

    # What AWS does.

    def minute(self) -> int:
        """Hand over what has waited for its minute."""
        return messages_due(lambda: True)

    def stream(self) -> None:
        """Hand over the keys of new rows, as the table's stream does."""
        rows = [(row.recipient, row.event) for row in Delivery.scan() if row.event.startswith(BY_STREAM)]
        new = [key for key in rows if key not in self.seen]
        self.seen.update(new)
        if new:
            delivery_added.handler({"Records": [record_of(*key) for key in new]}, None)

    def work(self) -> None:
        """Hand over what is new and due, until nothing is."""
        self.stream()
        while self.waiting and self.waiting[0][0] <= clock.now_ms():
            _, _, body = heapq.heappop(self.waiting)
            self.hand_over(body)

    def hand_over(self, body: str) -> list[Any]:
        record = {"messageId": "m", "eventSource": "aws:sqs", "body": body}
        failed = deliver.handler({"Records": [record]}, None)["batchItemFailures"]
        if failed:
            self.put("again", json.loads(body), delay_s=180)
        return list(failed)

    def report(self, kind: str, *, number: int = -1, **more: Any) -> None:
        """Let SES report something of a message that it has accepted."""
        tags = {tag["Name"]: [tag["Value"]] for tag in self.accepted[number]["EmailTags"]}
        told = {"eventType": kind, "mail": {"messageId": "ses-1", "tags": tags}} | more
        body = json.dumps({"Type": "Notification", "Message": json.dumps(told)})
        answer = mail_events.handler({"Records": [{"messageId": "e", "eventSource": "aws:sqs", "body": body}]}, None)
        assert answer == {"batchItemFailures": []}

    # What people see.

    def subjects(self, to: str = "") -> list[str]:
        return [_simple(one)["Subject"]["Data"] for one in self.accepted if not to or to in _to(one)]

    def text(self, number: int = -1) -> str:
        return str(_simple(self.accepted[number])["Body"]["Text"]["Data"])

    def html(self, number: int = -1) -> str:
        return str(_simple(self.accepted[number])["Body"]["Html"]["Data"])

    def token(self, number: int | None = None) -> str:
        """Return the token in a message; in the newest that holds one by default."""
        numbers = reversed(range(len(self.accepted))) if number is None else [number]
        found = (re.search(r"https://floods\.example\.org/[a-z/-]+#(\S+)", self.text(one)) for one in numbers)
        return next(match[1] for match in found if match)

    def states(self) -> list[str]:
        return sorted(row.state for row in Delivery.scan() if row.event.startswith("own-"))


def _simple(asked: dict[str, Any]) -> Any:
    return asked["Content"]["Simple"]


def _to(asked: dict[str, Any]) -> list[str]:
    return list(asked["Destination"]["ToAddresses"])


def record_of(recipient: str, event: str) -> dict[str, Any]:
    keys = {"recipient": {"S": recipient}, "event": {"S": event}}
    return {"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": "1"}}


@pytest.fixture
def post(tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """Mail is set up, and goes here. Few shards of a minute: a night has hundreds of minutes, and each is read."""
    office = Post()
    monkeypatch.setattr(index_models, "SHARDS", 2)
    monkeypatch.setattr(ses_client, "client", lambda: office)
    monkeypatch.setattr(queues, "send", office.put)
    monkeypatch.setattr(queues, "send_all", office.put_all)
    with settings_of(**SETTINGS):
        yield office
