"""Other servers in the database's place and truncated answers are not believed, and no caller waits on them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.reliability.conftest import WITHOUT_LIMITS
from tests.rig import client, stored
from tests.rig.fleet import WEB, Fleet, side_by_side
from tests.rig.proxy import LIES, Call, FaultProxy, Rule

BELIEVING = "tests.rig.naive:believe_every_reply"
PASSWORD = "a long and rainy night"
FILE = client.filing("a-report-under-a-lie-0001")
SIGN_IN = client.event("POST", "/v1/tokens", {"username": "ada", "password": PASSWORD})
REGISTER = client.event("POST", "/v1/accounts", {"username": "eve", "password": PASSWORD})
Requests = dict[str, dict[str, Any]]


def always(kind: str) -> Rule:
    def rule(call: Call) -> str:
        return kind

    return rule


@pytest.fixture
def requests(fleet: Fleet, proxy: FaultProxy) -> Requests:
    """One of each kind that reads or writes; what they ask about is there."""
    web = fleet.of(WEB).instance()
    report = client.ask(web, client.filing("a-report-of-a-calm-day-1")).body
    registered = client.ask(web, client.event("POST", "/v1/accounts", {"username": "ada", "password": PASSWORD}))
    assert registered.status == 201
    tokens = client.ask(web, SIGN_IN).body
    path, editing = f"/v1/reports/{report['id']}", {"Authorization": f"Bearer {report['edit_token']}", "If_Match": "*"}
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    return {
        "file": FILE,
        "read": client.event("GET", path),
        "edit": client.event("PATCH", path, {"title": "Higher now"}, **editing),
        "withdraw": client.event("DELETE", path, **editing),
        "list": client.event("GET", "/v1/reports"),
        "register": REGISTER,
        "sign in": SIGN_IN,
        "refresh": client.event("POST", "/v1/tokens/refresh", {"refresh_token": tokens["refresh_token"]}),
        "me": client.event("GET", "/v1/me", **bearer),
        "my reports": client.event("GET", "/v1/me/reports", **bearer),
        "sign out": client.event("DELETE", "/v1/tokens", **bearer),
    }


@pytest.mark.parametrize("kind", LIES)
def test_while_the_database_lies_nothing_is_found_refused_stored_or_broken(
    fleet: Fleet, proxy: FaultProxy, requests: Requests, kind: str
) -> None:
    web = fleet.of(WEB).instance()
    proxy.rule = always(kind)

    replies = {name: client.ask(web, request) for name, request in requests.items()}

    assert {name: (reply.status, "retry-after" in reply.headers) for name, reply in replies.items()} == dict.fromkeys(
        requests, (503, True)
    )


def test_a_lie_is_asked_about_once_more(fleet: Fleet, proxy: FaultProxy) -> None:
    web, told = fleet.of(WEB).instance(), []

    def rule(call: Call) -> str:
        told.append(call.operation)
        return "empty" if told.count(call.operation) == 1 else ""

    proxy.rule = rule
    reply = client.ask(web, FILE)

    assert (reply.status, told.count("PutItem")) == (201, 2)
    assert [row["title"] for row in stored.items("reports") if "title" in row] == ["a-report-under-a-lie-0001"]


def test_naive_twin_says_stored_of_what_is_not(fleet: Fleet, proxy: FaultProxy) -> None:
    twin = fleet.of(BELIEVING).instance()
    proxy.rule = lambda call: "empty" if call.operation == "PutItem" else ""

    assert client.ask(twin, FILE).status == 201
    assert [row for row in stored.items("reports") if "title" in row] == []


@pytest.fixture(scope="module")
def hurried_fleet(session_proxy: FaultProxy) -> Iterator[Fleet]:
    """Instances with the product's own seconds."""
    with Fleet(session_proxy.address, is_patient=False, **WITHOUT_LIMITS) as fleet:
        yield fleet


def test_an_answer_that_drips_is_not_waited_for(hurried_fleet: Fleet, proxy: FaultProxy) -> None:
    """Each byte would come in time, and all of them after a minute."""
    filing, signing_in = hurried_fleet.of(WEB).instances(2)
    proxy.rule = always("drip")

    replies = side_by_side([lambda: client.ask(filing, FILE).status, lambda: client.ask(signing_in, SIGN_IN).status])

    assert replies == [503, 503]
