"""A storm of reports by accounts and networks, for tests of what strangers can do to the map and how it is stopped."""

import random
from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.core import clock
from app.reports.models import Report
from bench.metering import Meter
from handlers import vote_changed
from tests.factories import make_account, sign_in_as, tell_consumer
from tests.reporting import bearer, file_report

SOUTH, WEST, NORTH, EAST = 51.0, -1.2, 51.5, -0.2
BATCH = 100
PAGE = 20
_numbers = count(1)


def address_of(network: int) -> str:
    """The address from which one of the storm's networks sends."""
    return f"20.{20 + network // 250}.{network % 250}.7"


class Size(NamedTuple):
    """Numbers of reports, of the accounts that file half of them, and of the networks that file the others."""

    reports: int
    accounts: int
    networks: int


SMALL, FULL = Size(60, 5, 10), Size(5000, 50, 500)
sizes = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.long)], ids=["small", "full"])


class Storm:
    """Reports that come in within about two hours, and what follows from them and from what is said about them."""

    def __init__(self, client: FlaskClient, noon: Any, size: Size) -> None:
        self.client, self.noon, self.size = client, noon, size
        self.dice = random.Random(size.reports)
        self.ids: list[str] = []
        self.accounts = [make_account() for _ in range(size.accounts)]
        while len(self.ids) < size.reports:
            headers = self.sign_ins()
            for number in range(len(self.ids), min(len(self.ids) + BATCH, size.reports)):
                self.file(number, headers)
            self.follow(self.ids[-BATCH:])

    def file(self, number: int, headers: Sequence[dict[str, str]]) -> None:
        answer = self.send(number, headers)
        assert answer.status_code == 201, answer.text
        self.ids.append(answer.json["id"])
        self.noon.shift(1.5)

    def send(self, number: int, headers: Sequence[dict[str, str]]) -> Any:
        """Send the next report: every second one with an account, the others from one network after the other."""
        lat, lon = self.dice.uniform(SOUTH, NORTH), self.dice.uniform(WEST, EAST)
        half = number // 2
        own = headers[half % len(headers)] if number % 2 else {}
        network = half % self.size.networks
        return file_report(
            self.client,
            headers=own,
            address=address_of(network),
            location={"lat": round(lat, 5), "lon": round(lon, 5)},
            title="Water in the road",
            place="public",
        )

    def sign_ins(self) -> list[dict[str, str]]:
        """Sign-ins of all accounts at this moment; the storm lasts longer than one is valid."""
        return [bearer(tokens.issue_access(account)) for account in self.accounts]

    def follow(self, ids: Sequence[str]) -> None:
        """Tell both streams' consumers of these reports."""
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            keys = [{"Keys": {"id": {"S": one}}, "SequenceNumber": str(next(_numbers))} for one in some]
            records = [{"eventSource": "aws:dynamodb", "dynamodb": key} for key in keys]
            vote_changed.handler({"Records": records, "shardId": "votes"}, None)
            tell_consumer(Report.find_all(some, consistent=True))

    def stored(self) -> list[Report]:
        return Report.find_all(self.ids, consistent=True)

    def folded(self) -> int:
        return sum(bool(report.is_disputed) for report in self.stored())

    def gone(self) -> list[str]:
        """Reports that are not public, not active or said to be over."""
        now_ms = clock.now_ms()
        left = [one.id for one in self.stored() if one.is_active(now_ms) and one.condition == "flooded"]
        return sorted({*self.ids} - {*left})


def units_of_queue(client: FlaskClient, meter: Meter, pages: int = 5) -> list[float]:
    """Read units of the first pages of the queue, each with reports."""
    headers, found, address = sign_in_as("responder"), list[float](), f"/v1/review/queue?limit={PAGE}"
    while address and len(found) < pages:
        with meter.counting() as bill:
            answer = client.get(address, headers=headers)
        assert answer.status_code == 200 and answer.json["items"]
        found.append(max(bill.reads, bill.reported))
        address = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")
    return found
