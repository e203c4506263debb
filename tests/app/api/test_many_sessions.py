"""Lists of very many sessions: whole, page by page, at a bounded cost; and what cannot be read or stored just now."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import session_list, tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.core import clock, dynamodb
from tests.app.accounts.conftest import bearer
from tests.app.api.test_export import set_index as set_index  # noqa: PLC0414 - a fixture
from tests.app.api.test_export import units as units  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, make_account

PATH = "/v1/me/sessions"
MANY = 500
HOUR_S = 3600


@pytest.fixture
def account(client: FlaskClient, noon: Any) -> Account:
    return make_account()


@pytest.fixture
def calls(client: FlaskClient) -> Iterator[list[str]]:
    """The database's operations from now on."""
    asked: list[str] = []

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", note)
    yield asked
    events.unregister("before-call.dynamodb", note)


def pages(client: FlaskClient, headers: dict[str, str], limit: int) -> list[Any]:
    found, address = [], f"{PATH}?limit={limit}"
    while address:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        found.append(answer.json)
        address = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")
    return found


def begin_many(account: Account, number: int, noon: Any) -> list[str]:
    begun = []
    for _ in range(number):
        noon.shift(0.5)
        begun.append(RefreshFamily.start(account, kind="api").id)
    return begun


def test_five_hundred_sessions_are_listed_without_loss_in_bounded_pages(
    client: FlaskClient, account: Account, noon: Any, calls: list[str]
) -> None:
    begun = begin_many(account, MANY, noon)
    headers = bearer(tokens.issue_access(account, RefreshFamily.get(begun[100])))
    calls.clear()

    found = pages(client, headers, 100)

    assert [item["id"] for page in found for item in page["items"]] == begun[::-1]
    assert [item["id"] for page in found for item in page["items"] if item["is_current"]] == [begun[100]]
    assert {len(page["items"]) for page in found} == {100}
    assert len(calls) <= len(found) * (2 + 2 * 2), "the lock's two reads; a query and a batch, at most twice"


def test_sessions_that_began_together_are_each_listed_once(client: FlaskClient, account: Account, noon: Any) -> None:
    begun = {RefreshFamily.start(account).id for _ in range(9)}
    headers = bearer(tokens.issue_access(account, RefreshFamily.get(min(begun))))

    listed = [item["id"] for page in pages(client, headers, 2) for item in page["items"]]

    assert sorted(listed, reverse=True) == listed
    assert sorted(listed) == sorted(begun)


def test_page_among_very_many_that_have_ended_stops_and_says_how_far_it_is_whole(
    client: FlaskClient, account: Account, noon: Any, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_list, "MOST_AT_ONCE", 5)
    monkeypatch.setattr(session_list, "MOST_READ", 10)
    oldest = RefreshFamily.start(account, kind="api")
    ended = begin_many(account, 30, noon)
    own = RefreshFamily.start(account, kind="api")
    for session_id in ended:
        RefreshFamily.get(session_id).update(actions=[RefreshFamily.token_version.set(0)])
    calls.clear()

    found = pages(client, bearer(tokens.issue_access(account, own)), 3)

    assert [item["id"] for page in found for item in page["items"]] == [own.id, oldest.id]
    assert [page["complete_to"] is None for page in found] == [False] * (len(found) - 1) + [True]
    told = [page["complete_to"] for page in found[:-1]]
    assert sorted(told, reverse=True) == told and len(set(told)) == len(told), "each page goes on"


def test_sign_ins_of_long_ago_are_not_looked_through(
    client: FlaskClient, account: Account, noon: Any, calls: list[str]
) -> None:
    begin_many(account, 120, noon)
    noon.shift(8 * 24 * HOUR_S)
    own = RefreshFamily.start(account, kind="api")
    headers = bearer(tokens.issue_access(account, own))
    calls.clear()

    (page,) = pages(client, headers, 50)

    assert [item["id"] for item in page["items"]] == [own.id]
    assert len(calls) == 4


def test_cursor_of_another_person_is_refused(client: FlaskClient, account: Account, noon: Any) -> None:
    begun = begin_many(account, 3, noon)
    cursor = client.get(f"{PATH}?limit=1", headers=bearer(tokens.issue_access(account, RefreshFamily.get(begun[0]))))
    stranger = bearer(tokens.issue_access(make_account()))

    assert client.get(f"{PATH}?cursor={cursor.json['next_cursor']}", headers=stranger).status_code == 422


@pytest.mark.parametrize("state", ["", "CREATING"])
def test_list_is_refused_while_its_index_is_not_complete(
    client: FlaskClient, account: Account, set_index: Callable[[str], None], state: str
) -> None:
    other = RefreshFamily.start(account)
    headers = bearer(tokens.issue_access(account))
    set_index(state)

    answer = client.get(PATH, headers=headers)

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert client.delete(f"{PATH}/{other.id}", headers=headers).status_code == 204, "one can be ended all the same"
    assert client.delete(PATH, headers=headers).status_code == 204


def test_own_session_that_was_ended_meanwhile_is_not_brought_back(
    client: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two devices end all others at the same moment: one wins, and the other is signed out."""
    own, other = RefreshFamily.start(account), RefreshFamily.start(account)
    headers, really_end = bearer(tokens.issue_access(account, own)), session_list.end_others

    def end_too_late(seen: Account, family: RefreshFamily) -> None:
        really_end(Account.get(account.id), other)
        really_end(seen, family)

    monkeypatch.setattr(session_list, "end_others", end_too_late)

    assert client.delete(PATH, headers=headers).status_code == 401
    assert client.get("/v1/me", headers=headers).status_code == 401
    now = Account.get(account.id)
    assert (
        client.get("/v1/me", headers=bearer(tokens.issue_access(now, RefreshFamily.get(other.id)))).status_code == 200
    )


def test_change_of_the_account_at_the_same_moment_is_no_hindrance(
    client: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other, really_end = RefreshFamily.start(account), RefreshFamily.start(account), session_list.end_others

    def end_after_a_change(seen: Account, family: RefreshFamily) -> None:
        Account.get(account.id).change(email="ada@example.org")
        really_end(seen, family)

    monkeypatch.setattr(session_list, "end_others", end_after_a_change)
    now_ms = clock.now_ms()

    answer = client.delete(PATH, headers=bearer(tokens.issue_access(account, own)))

    assert (answer.status_code, now_ms <= clock.now_ms()) == (204, True)
    now = Account.get(account.id)
    assert RefreshFamily.get(own.id).token_version == now.token_version != RefreshFamily.get(other.id).token_version
    assert now.email == "ada@example.org"


def test_what_sessions_cost(dynoxide_client: FlaskClient, units: dict[str, list[float]]) -> None:
    """The lock reads 2 units. A sign-in on a new device is noted by one write more than one on a known device."""
    account, said = make_account(username="ada"), {"username": "ada", "password": PASSWORD}
    mark = tokens.device_token(account)
    units.clear()
    answer = dynoxide_client.post("/v1/tokens", json=said, headers={"Device-Token": mark})
    assert (units["PutItem"], units["UpdateItem"]) == ([2], [1] * 2), "two for the limits"
    headers = bearer(answer.json["access_token"])
    units.clear()
    dynoxide_client.post("/v1/tokens", json=said)
    assert (units["PutItem"], units["UpdateItem"]) == ([2], [1] * 5), "four for the limits, one for the note"
    other = RefreshFamily.start(account)
    units.clear()

    listed = dynoxide_client.get(PATH, headers=headers).json["items"]
    assert (len(listed), units) == (3, {"GetItem": [1, 1], "Query": [0.5], "BatchGetItem": [3]})
    units.clear()
    assert dynoxide_client.delete(f"{PATH}/{other.id}", headers=headers).status_code == 204
    assert units == {"GetItem": [1, 1, 1], "DeleteItem": [2]}
    units.clear()
    assert dynoxide_client.delete(PATH, headers=headers).status_code == 204
    assert units == {"GetItem": [1, 1, 1], "TransactWriteItems": [2, 2]}
