"""Sessions of the API end as those of the pages do: after a time without use, and after a longer one in any case."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from tests.app.accounts.conftest import bearer, sign_in
from tests.factories import make_account
from tests.moments import NOON

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600
IDLE = [("resident", 12 * HOUR_S), ("responder", 30 * MINUTE_S), ("admin", 30 * MINUTE_S)]
WHOLE = [
    ("resident", 11 * HOUR_S, 7 * DAY_S),
    ("responder", 25 * MINUTE_S, 12 * HOUR_S),
    ("admin", 25 * MINUTE_S, 12 * HOUR_S),
]


def refresh(client: FlaskClient, pair: Any) -> Any:
    return client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})


def status_of_me(client: FlaskClient, pair: Any) -> int:
    return client.get("/v1/me", headers=bearer(pair["access_token"])).status_code


def family_of(pair: Any) -> RefreshFamily:
    return RefreshFamily.get(tokens.read(pair["access_token"], tokens.Use.ACCESS).family)


@pytest.mark.parametrize(("role", "idle_s"), IDLE)
def test_refresh_token_ends_after_a_time_without_use(client: FlaskClient, noon: Any, role: str, idle_s: int) -> None:
    account = make_account(role)
    early, late = sign_in(client, account.username), sign_in(client, account.username)

    noon.move_to(NOON + idle_s)
    assert refresh(client, early).status_code == 200
    noon.move_to(NOON + idle_s + 1)
    assert refresh(client, late).status_code == 401


@pytest.mark.parametrize(("role", "idle_s"), IDLE)
def test_use_of_an_access_token_counts_as_use(client: FlaskClient, noon: Any, role: str, idle_s: int) -> None:
    """Else a client that refreshes when it must, after a quarter of an hour, had half the time."""
    pair = sign_in(client, make_account(role).username)
    assert status_of_me(client, pair) == 200
    noon.shift(14 * MINUTE_S)
    assert status_of_me(client, pair) == 200
    is_noted = idle_s * 0.1 < 14 * MINUTE_S  # of a resident a use is noted after 72 minutes

    noon.move_to(NOON + idle_s + (14 * MINUTE_S if is_noted else 0))
    assert refresh(client, pair).status_code == 200


@pytest.mark.parametrize(("role", "each_s", "whole_s"), WHOLE)
def test_session_ends_in_any_case_with_the_access_token_in_hand(
    client: FlaskClient, noon: Any, role: str, each_s: int, whole_s: int
) -> None:
    pair = sign_in(client, make_account(role).username)
    for passed_s in range(each_s, whole_s, each_s):
        noon.move_to(NOON + passed_s)
        answer = refresh(client, pair)
        assert answer.status_code == 200, passed_s
        pair = answer.json
    noon.move_to(NOON + whole_s - 60)
    pair = refresh(client, pair).json

    assert pair["expires_in"] == 60, "the access token promises no more than the session holds"
    assert status_of_me(client, pair) == 200
    noon.move_to(NOON + whole_s + 1)
    assert status_of_me(client, pair) == 401
    assert refresh(client, pair).status_code == 401


def test_new_role_brings_its_limits_with_the_next_request(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    idle, long_ago = sign_in(client, account.username), sign_in(client, account.username)
    for _ in range(2):
        noon.shift(7 * HOUR_S)
        long_ago = refresh(client, long_ago).json
    assert status_of_me(client, long_ago) == 200

    Account.get(account.id).change(role=Role.RESPONDER.value)

    assert status_of_me(client, long_ago) == 401, "it began 14 hours ago"
    fresh = sign_in(client, account.username)
    noon.shift(31 * MINUTE_S)
    assert refresh(client, fresh).status_code == 401
    Account.get(account.id).change(role=Role.RESIDENT.value)
    assert refresh(client, fresh).status_code == 200
    assert refresh(client, idle).status_code == 401, "not used for 14 hours"


def test_role_of_a_later_release_has_the_strictest_limits(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    pair = sign_in(client, account.username)
    Account.get(account.id).change(role="moderator")

    noon.shift(30 * MINUTE_S + 1)

    assert refresh(client, pair).status_code == 401


def refreshed_by_the_previous_release(account: Account) -> tuple[RefreshFamily, Any]:
    """A session that began at noon, refreshed now: its row has no later member, its token is good for 30 days."""
    began = RefreshFamily.start(account)

    def refresh_token(now_s: int) -> dict[str, str]:
        actions = [RefreshFamily.rotated_at_ms.set(now_s * 1000), RefreshFamily.purge_at_s.set(now_s + 30 * DAY_S)]
        began.update(actions=actions)
        claims = {"issued_s": now_s, "life_s": 30 * DAY_S, "family": began.id, "number": int(began.number)}
        return {"refresh_token": tokens.sign(tokens.Use.REFRESH, account.id, **claims)}

    return began, refresh_token


@pytest.mark.parametrize(
    ("refreshed_s", "asked_s", "status"),
    [
        (6 * DAY_S, 6 * DAY_S + 12 * HOUR_S, 200),
        (6 * DAY_S, 6 * DAY_S + 12 * HOUR_S + 1, 401),
        (7 * DAY_S - 60, 7 * DAY_S, 200),
        (7 * DAY_S, 7 * DAY_S + 1, 401),
        (29 * DAY_S, 29 * DAY_S + 60, 401),
    ],
)
def test_session_of_the_previous_release_ends_as_all_others_do(
    client: FlaskClient, noon: Any, refreshed_s: int, asked_s: int, status: int
) -> None:
    _, token_at = refreshed_by_the_previous_release(make_account())

    noon.move_to(NOON + asked_s)

    assert refresh(client, token_at(NOON + refreshed_s)).status_code == status


def test_session_without_a_time_in_its_id_has_ended(client: FlaskClient, noon: Any) -> None:
    """Refused, as nothing would limit it."""
    account = make_account()
    family = RefreshFamily(id="fam_of-another-form", account_id=account.id, token_version=account.token_version)
    family.save()

    assert client.get("/v1/me", headers=bearer(tokens.issue_access(account, family))).status_code == 401


def test_uses_are_noted_now_and_then_only(client: FlaskClient, noon: Any) -> None:
    pair = sign_in(client, make_account("responder").username)
    noted = {}
    for minutes in (0, 2, 4, 6, 8):
        noon.move_to(NOON + minutes * MINUTE_S)
        assert status_of_me(client, pair) == 200
        noted[minutes] = (family_of(pair).last_used_at_ms // 1000 - NOON) / MINUTE_S

    assert noted == {0: 0, 2: 0, 4: 4, 6: 4, 8: 8}


def test_ended_session_is_not_brought_back_by_a_use_at_the_same_moment(client: FlaskClient, noon: Any) -> None:
    pair = sign_in(client, make_account().username)
    family = family_of(pair)
    family.end()

    family.note_use("api", is_of_new_pair=False)

    assert RefreshFamily.find(family.id) is None
