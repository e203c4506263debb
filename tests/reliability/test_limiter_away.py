"""The counters of limits are away and nothing else is: reports are taken all the same, guesses are not."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pynamodb.exceptions import UpdateError

from app.accounts import throttle
from app.accounts.throttle_models import Throttle
from app.core.config import settings
from tests.factories import sign_in_as
from tests.reliability.conftest import WITHOUT_LIMITS
from tests.reporting import bearer, file_report, filed, new_key
from tests.rig import client, stored
from tests.rig.fleet import WEB, Fleet
from tests.rig.proxy import Call, FaultProxy, Rule

SIGN_IN = client.event("POST", "/v1/tokens", {"username": "ada", "password": "a long and rainy night"})


def counters(kind: str) -> Rule:
    """A fault of the table of counters alone."""

    def rule(call: Call) -> str:
        return kind if b"-throttles" in call.body else ""

    return rule


@pytest.fixture(scope="module")
def hurried_fleet(session_proxy: FaultProxy) -> Iterator[Fleet]:
    """Instances with the product's own seconds."""
    with Fleet(session_proxy.address, is_patient=False, **WITHOUT_LIMITS) as fleet:
        yield fleet


@pytest.mark.parametrize("kind", ["err500_before", "throttle", "empty", "black_hole", "drip"])
def test_report_is_taken_and_a_guess_is_not(hurried_fleet: Fleet, proxy: FaultProxy, kind: str) -> None:
    web = hurried_fleet.of(WEB).instance()
    request = client.filing(f"without-counters-{kind}")
    proxy.rule = counters(kind)

    replies = [client.ask(web, request).status for _ in range(2)]
    guess = client.ask(web, SIGN_IN).status

    assert (replies, guess) == ([201, 200], 503)
    assert [row["title"] for row in stored.reports()] == [f"without-counters-{kind}"]


@pytest.fixture
def without_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UpdateError("The counters are away.")

    monkeypatch.setattr(Throttle, "add_one", fail)
    monkeypatch.setattr(Throttle, "take_one_back", fail)
    throttle._in_process.clear()


def test_each_process_has_a_small_limit_of_its_own_then(
    client: FlaskClient, without_counters: None, noon: object
) -> None:
    statuses = [file_report(client).status_code for _ in range(throttle.MOST_IN_PROCESS + 2)]

    assert settings().anonymous_writes_hard > throttle.MOST_IN_PROCESS
    assert statuses == [201] * throttle.MOST_IN_PROCESS + [429] * 2
    assert file_report(client, address="203.0.113.9").status_code == 201


def test_replay_and_edit_go_on_too(client: FlaskClient, without_counters: None, noon: object) -> None:
    key = new_key()
    first = file_report(client, key=key)
    said = bearer(first.json["edit_token"]) | {"If-Match": '"v1"'}

    assert file_report(client, key=key).status_code == 200
    assert client.patch(f"/v1/reports/{first.json['id']}", json={"radius_m": 9}, headers=said).status_code == 200


def test_limits_of_guessing_do_not_go_on(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, noon: object) -> None:
    resident = sign_in_as(username="ada")
    report = filed(client, headers=resident)

    def fail(*_: object, **__: object) -> None:
        raise UpdateError("The counters are away.")

    monkeypatch.setattr(Throttle, "add_one", fail)
    said = {"username": "ada", "password": "a long and rainy night in november"}

    assert client.post("/v1/tokens", json=said).status_code == 503
    assert client.post("/v1/accounts", json=said | {"username": "eve"}).status_code == 503
    assert client.delete("/v1/me", json={"password": said["password"]}, headers=resident).status_code == 503
    assert client.get(f"/v1/reports/{report['id']}").status_code == 200
