"""A storm of reports, and three visitors on two networks who try to empty the map: what they can do stays small.

All lies in one z8 tile, in which at most a tenth of the active reports, or ten, may be folded by flags.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.api import voting
from app.core import clock, dynamodb
from app.core.config import settings
from app.reports.models import Report
from app.review import folding
from bench.metering import Meter
from handlers import vote_changed
from tests.factories import make_account, sign_in_as, tell_consumer
from tests.reporting import bearer, file_report
from tests.voices import Visitor

ADDRESSES = ("20.7.1.1", "20.7.1.2", "20.8.1.1")
SOUTH, WEST, NORTH, EAST = 51.0, -1.2, 51.5, -0.2
PAGE, MOST_UNITS = 20, 16
FREE, SHARE = 10, 0.1
BATCH = 100
NO_LIMIT = 1_000_000
_numbers = count(1)


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
        accounts = [make_account() for _ in range(size.accounts)]
        while len(self.ids) < size.reports:
            headers = [bearer(tokens.issue_access(account)) for account in accounts]
            for number in range(len(self.ids), min(len(self.ids) + BATCH, size.reports)):
                self.file(number, headers)
            self.follow(self.ids[-BATCH:])

    def file(self, number: int, headers: Sequence[dict[str, str]]) -> None:
        lat, lon = self.dice.uniform(SOUTH, NORTH), self.dice.uniform(WEST, EAST)
        half = number // 2
        own = headers[half % len(headers)] if number % 2 else {}
        network = half % self.size.networks
        answer = file_report(
            self.client,
            headers=own,
            address=f"20.{20 + network // 250}.{network % 250}.7",
            location={"lat": round(lat, 5), "lon": round(lon, 5)},
            title="Water in the road",
            place="public",
        )
        assert answer.status_code == 201, answer.text
        self.ids.append(answer.json["id"])
        self.noon.shift(1.5)

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


def besiege(storm: Storm, strangers: Sequence[Visitor], hours: int) -> set[int]:
    """Let each stranger say "receded" of and flag one report after the other, hour by hour, until 429; the statuses."""
    statuses = set()
    acts = [(act, iter(storm.ids)) for stranger in strangers for act in (receded_by(stranger), flag_by(stranger))]
    for _ in range(hours):
        for act, ids in acts:
            for report_id in ids:
                statuses.add(status := act(report_id))
                if status == 429:
                    break
        storm.noon.shift(3600)
    return statuses


def receded_by(stranger: Visitor) -> Any:
    return lambda report_id: stranger.vote(report_id, "receded").status_code


def flag_by(stranger: Visitor) -> Any:
    return lambda report_id: stranger.flag(report_id, "offensive").status_code


def flag_many(storm: Storm, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let two strangers on two networks flag a fifth of all, or 30, as if no limit held them; return the number."""
    unlimited = settings().said._replace(flags_per_day=NO_LIMIT, network_flags_per_day=NO_LIMIT)
    monkeypatch.setattr(voting, "settings", lambda: settings()._replace(said=unlimited))
    some = storm.ids[: max(30, len(storm.ids) // 5)]
    pair = [Visitor(storm.client, address=address) for address in ADDRESSES[1:]]
    for report_id in some:
        assert {stranger.flag(report_id, "offensive").status_code for stranger in pair} == {204}
    return len(some)


def brake(storm: Storm) -> int:
    return max(FREE, int(len(storm.ids) * SHARE))


@pytest.fixture
def storm(dynoxide_client: FlaskClient, noon: Any, size: Size) -> Storm:
    return Storm(dynoxide_client, noon, size)


@pytest.fixture
def meter(dynoxide: str) -> Iterator[Meter]:
    counted, client = Meter(), dynamodb.connection().client
    counted.attach(client)
    yield counted
    counted.detach(client)


def units_of_pages(storm: Storm, meter: Meter, pages: int = 5) -> list[float]:
    """Read units of the first pages of the queue, each with reports."""
    headers, found, address = sign_in_as("responder"), list[float](), f"/v1/review/queue?limit={PAGE}"
    while address and len(found) < pages:
        with meter.counting() as bill:
            answer = storm.client.get(address, headers=headers)
        assert answer.status_code == 200 and answer.json["items"]
        found.append(max(bill.reads, bill.reported))
        address = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")
    return found


@sizes
def test_strangers_empty_no_map(storm: Storm, meter: Meter, monkeypatch: pytest.MonkeyPatch, size: Size) -> None:
    strangers = [Visitor(storm.client, address=address) for address in ADDRESSES]

    hours, days = (24, 2) if size == FULL else (2, 1)  # from one noon to the next are two days of ten flags each
    statuses = besiege(storm, strangers, hours=hours)

    assert statuses == {200, 204, 429}
    assert storm.gone() == []
    assert storm.folded() <= days * settings().said.flags_per_day

    flagged = flag_many(storm, monkeypatch)
    storm.follow(storm.ids[:flagged])

    assert storm.gone() == []
    assert storm.folded() == brake(storm) < flagged
    assert max(units_of_pages(storm, meter)) <= MOST_UNITS
    people_are_served(storm)


def people_are_served(storm: Storm) -> None:
    """File, find, vote on and verify reports of people on the networks of the strangers and of the storm."""
    for address in (ADDRESSES[0], "20.20.0.7"):
        filed = file_report(storm.client, address=address, location={"lat": 51.25, "lon": -0.7}, place="public")
        assert filed.status_code == 201
        report_id = filed.json["id"]
        near = storm.client.get("/v1/reports?lat=51.25&lon=-0.7&radius_km=1").json["items"]
        assert report_id in [item["id"] for item in near]
        assert Visitor(storm.client, address=address).vote(report_id).status_code == 200
        path, said = f"/v1/reports/{report_id}/verification", {"decision": "verified", "reason": "seen_by_staff"}
        headers = sign_in_as("responder") | {"If-Match": "*"}
        assert storm.client.put(path, json=said, headers=headers).status_code == 200


@pytest.mark.parametrize("size", [SMALL], ids=["small"])
def test_naive_twin_folds_all_without_the_brake(storm: Storm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "may_fold", lambda _: True)

    flagged = flag_many(storm, monkeypatch)

    assert storm.folded() == flagged > brake(storm)
