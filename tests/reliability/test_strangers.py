"""A storm of reports, and three visitors on two networks who try to empty the map: what they can do stays small.

All lies in one z8 tile, in which at most a tenth of the active reports, or ten, may be folded by flags.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api import voting
from app.core import dynamodb
from app.core.config import settings
from app.review import folding
from bench.metering import Meter
from tests.factories import sign_in_as
from tests.reporting import file_report
from tests.rig.strangers import FULL, SMALL, Size, Storm, sizes, units_of_queue
from tests.voices import Visitor

ADDRESSES = ("20.7.1.1", "20.7.1.2", "20.8.1.1")
MOST_UNITS = 16
FREE, SHARE = 10, 0.1
NO_LIMIT = 1_000_000


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
    unlimited = settings().vote_limits._replace(flags_per_day=NO_LIMIT, network_flags_per_day=NO_LIMIT)
    monkeypatch.setattr(voting, "settings", lambda: settings()._replace(vote_limits=unlimited))
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


@sizes
def test_strangers_empty_no_map(storm: Storm, meter: Meter, monkeypatch: pytest.MonkeyPatch, size: Size) -> None:
    strangers = [Visitor(storm.client, address=address) for address in ADDRESSES]

    hours, days = (24, 2) if size == FULL else (2, 1)  # from one noon to the next are two days of ten flags each
    statuses = besiege(storm, strangers, hours=hours)

    assert statuses == {200, 204, 429}
    assert storm.gone() == []
    assert storm.folded() <= days * settings().vote_limits.flags_per_day

    flagged = flag_many(storm, monkeypatch)
    storm.follow(storm.ids[:flagged])

    assert storm.gone() == []
    assert storm.folded() == brake(storm) < flagged
    assert max(units_of_queue(storm.client, meter)) <= MOST_UNITS
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
