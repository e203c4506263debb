"""SES in virtual time: a rate, faults of which some were accepted all the same, outages, and its reports."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from bench.alert_storm.cloud import Cloud, Queue

ANSWER_MS = 120.0
CONNECT_MS, READ_MS = 2000.0, 5000.0  # the limits of the product's client: app/aws/mail.py
FAULTS, ACCEPTED_FAULTS = 0.01, 0.5
FEWEST_AT_ONCE = 5.0  # of a small storm, whose rate is one or two a second
SEND_MS, DELIVERY_MS = (200.0, 3000.0), (1000.0, 30_000.0)  # until it reports that it took, and handed over, a message
SLOW_DELIVERY_MS = (300_000.0, 1_800_000.0)  # of one whose answer was lost: the report that it was taken alone tells
URL = "https://email.eu-west-2.amazonaws.com"
_CODE = re.compile(r"\bW\d{4}\b")


class Accepted(NamedTuple):
    """A message that was taken: the tags of the ledger, and the codes of the areas that it names."""

    recipient: str
    event: str
    codes: tuple[str, ...]
    at_ms: float


class Outage(NamedTuple):
    """A time in which nothing is taken: no connection, or an answer that says so."""

    from_ms: float
    to_ms: float
    is_mute: bool


class MailServer:
    """Takes messages as boto3's client of SES. `note` gets each one that it accepts."""

    def __init__(
        self, cloud: Cloud, reports: Queue, rate: float, outages: list[Outage], note: Callable[[Accepted], None]
    ) -> None:
        self.cloud, self.reports, self.outages, self.note = cloud, reports, outages, note
        self.per_ms, self.burst = rate / 1000, max(FEWEST_AT_ONCE, rate)
        self.allowed, self.counted_at_ms = self.burst, cloud.time.now
        self.calls = self.accepted = self.refused = 0
        self.unknown: set[tuple[str, str]] = set()  # what was accepted without an answer that says so

    def send_email(self, **asked: Any) -> dict[str, str]:
        """Answer as SES does. Raises botocore's errors."""
        self.calls += 1
        outage = next((one for one in self.outages if one.from_ms <= self.cloud.time.now < one.to_ms), None)
        if outage:
            self.cloud.pause(CONNECT_MS if outage.is_mute else ANSWER_MS)
            raise ConnectTimeoutError(endpoint_url=URL) if outage.is_mute else _error("ServiceUnavailable", 503)
        self.cloud.pause(ANSWER_MS / 2)
        if not self._is_allowed():
            self.refused += 1
            self.cloud.pause(ANSWER_MS / 2)
            raise _error("TooManyRequestsException", 429)
        dice = self.cloud.dice
        is_fault, is_taken = dice.random() < FAULTS, dice.random() < ACCEPTED_FAULTS
        if not is_fault or is_taken:
            self._accept(asked, SLOW_DELIVERY_MS if is_fault else DELIVERY_MS)
            if is_fault:
                self.unknown.add(_key_of({tag["Name"]: [tag["Value"]] for tag in asked["EmailTags"]}))
        if is_fault:
            is_mute = dice.random() < 0.5
            self.cloud.pause(READ_MS if is_mute else ANSWER_MS / 2)
            raise ReadTimeoutError(endpoint_url=URL) if is_mute else _error("InternalFailure", 500)
        self.cloud.pause(ANSWER_MS / 2)
        return {"MessageId": f"ses-{self.calls}"}

    def is_dear(self, event: dict[str, Any]) -> bool:
        """Return whether a batch of reports holds one that alone tells of an accepted message, for the first time."""
        for record in event["Records"]:
            told = json.loads(json.loads(record["body"])["Message"])
            is_first = record["attributes"]["ApproximateReceiveCount"] == "1"
            if is_first and told["eventType"] == "Send" and _key_of(told["mail"]["tags"]) in self.unknown:
                return True
        return False

    def _is_allowed(self) -> bool:
        """Keep the rate: what was not used in the last second may be used now."""
        now = self.cloud.time.now
        self.allowed = min(self.burst, self.allowed + (now - self.counted_at_ms) * self.per_ms)
        self.counted_at_ms = now
        if self.allowed < 1:
            return False
        self.allowed -= 1
        return True

    def _accept(self, asked: dict[str, Any], delivery_ms: tuple[float, float]) -> None:
        now, dice = self.cloud.time.now, self.cloud.dice
        self.accepted += 1
        tags = {tag["Name"]: [tag["Value"]] for tag in asked["EmailTags"]}
        text = asked["Content"]["Simple"]["Body"]["Text"]["Data"]
        codes = tuple(sorted({*_CODE.findall(text)}))
        self.note(Accepted(tags["recipient"][0], tags["event"][0], codes, now))
        for kind, (soonest, latest) in (("Send", SEND_MS), ("Delivery", delivery_ms)):
            told = {"eventType": kind, "mail": {"messageId": f"ses-{self.calls}", "tags": tags}}
            body = json.dumps({"Type": "Notification", "Message": json.dumps(told)})
            self.cloud.time.at(now + dice.uniform(soonest, latest), partial(self.reports.send, body))


def _key_of(tags: dict[str, list[str]]) -> tuple[str, str]:
    return tags["recipient"][0], tags["event"][0]


def _error(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "-"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")
