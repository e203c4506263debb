"""Lives of tokens and limits of attempts, to the second."""

from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.accounts.tokens import Use
from app.core import clock
from app.core.errors import Unauthenticated
from tests.app.accounts.conftest import bearer, sign_in
from tests.app.accounts.test_forged_tokens import altered
from tests.factories import make_account
from tests.moments import NOON

REPORT = "rep_" + "a" * 26
# Seconds: what the documentation promises.
LIVES = {Use.ACCESS: 900, Use.REFRESH: 604_800, Use.EDIT: 86_400, Use.SESSION: 43_200, Use.DEVICE: 15_552_000}
LIVES |= {Use.VISITOR: 2_592_000, Use.PASSWORD: 600}
# The previous release gave refresh tokens for 30 days; the session's own end counts (test_session_limits.py).
ACCEPTED = LIVES | {Use.REFRESH: 2_592_000}
VISITOR = "vis_0123456789abcdef"


@pytest.fixture
def account(client: FlaskClient, noon: time_machine.Traveller) -> Account:
    return make_account(username="Bob")


def token_of(use: Use, account: Account) -> str:
    family = RefreshFamily.start(account)
    return {
        Use.ACCESS: tokens.issue_access(account, family),
        Use.REFRESH: tokens.issue_refresh(family),
        Use.EDIT: tokens.edit_token(REPORT, since_ms=clock.now_ms()),
        Use.SESSION: tokens.session_token(account, family, life_s=LIVES[Use.SESSION]),
        Use.DEVICE: tokens.device_token(account),
        Use.VISITOR: tokens.sign(Use.VISITOR, VISITOR, issued_s=NOON),
        Use.PASSWORD: tokens.password_token(account),
    }[use]


def is_taken(text: str, use: Use) -> bool:
    try:
        return tokens.read(text, use).use == use
    except Unauthenticated:
        return False


@pytest.mark.parametrize("use", Use)
def test_token_lives_its_time_and_five_seconds_for_clocks(
    account: Account, noon: time_machine.Traveller, use: Use
) -> None:
    text = token_of(use, account)

    noon.shift(LIVES[use] + 4)
    assert is_taken(text, use)
    noon.shift(1)
    assert not is_taken(text, use)


@pytest.mark.parametrize("use", Use)
def test_token_that_was_given_a_longer_life_is_refused(account: Account, use: Use) -> None:
    text = token_of(use, account)

    assert is_taken(altered(text, {}, {"exp": NOON + ACCEPTED[use]}, use), use)
    assert not is_taken(altered(text, {}, {"exp": NOON + ACCEPTED[use] + 1}, use), use)


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("claims", [{"iat": NOON - 0.5}, {"exp": NOON + 60.5}, {"iat": True}], ids=str)
def test_times_are_whole_seconds(account: Account, use: Use, claims: dict[str, Any]) -> None:
    assert not is_taken(altered(token_of(use, account), {}, claims, use), use)


@pytest.mark.parametrize("use", Use)
def test_token_says_when_it_was_made_and_ends_and_for_whom(account: Account, use: Use) -> None:
    claims = tokens.read(token_of(use, account), use)

    subject = {Use.EDIT: REPORT, Use.VISITOR: VISITOR}.get(use, account.id)
    assert (claims.subject, claims.issued_at_s, claims.expires_at_s) == (subject, NOON, NOON + LIVES[use])
    assert claims.family.startswith("fam_") == (use not in (Use.EDIT, Use.DEVICE, Use.VISITOR, Use.PASSWORD))
    assert claims.number == (1 if use in (Use.ACCESS, Use.REFRESH, Use.PASSWORD) else 0)


def test_token_longer_than_a_kilobyte_is_not_looked_at(account: Account) -> None:
    text = token_of(Use.ACCESS, account)
    longest = max(
        (altered(text, {}, {"later": "x" * length}) for length in range(300, 700)),
        key=lambda long: len(long) if len(long) <= 1024 else 0,
    )
    shortest_of_all_too_long = min(
        (altered(text, {}, {"later": "x" * length}) for length in range(300, 700)),
        key=lambda long: len(long) if len(long) > 1024 else 9999,
    )

    assert len(longest) <= 1024 < len(shortest_of_all_too_long) <= 1026
    assert is_taken(longest, Use.ACCESS)
    assert not is_taken(shortest_of_all_too_long, Use.ACCESS)


def test_refresh_sent_again_after_its_pair_was_used_is_another_tab_for_ten_seconds(
    client: FlaskClient, account: Account, noon: Any
) -> None:
    pair = sign_in(client)
    said = {"refresh_token": pair["refresh_token"]}
    assert client.post("/v1/tokens/refresh", json=said).status_code == 200

    noon.shift(10)
    again = client.post("/v1/tokens/refresh", json=said)
    assert (again.status_code, again.json["expires_in"]) == (200, 890)
    assert client.get("/v1/me", headers=bearer(again.json["access_token"])).status_code == 200
    assert client.post("/v1/tokens/refresh", json=said).status_code == 200
    noon.shift(0.001)
    assert client.post("/v1/tokens/refresh", json=said).status_code == 401
    assert client.get("/v1/me", headers=bearer(again.json["access_token"])).status_code == 401


def test_tries_to_sign_in_are_ten_a_name_and_a_hundred_a_network_in_a_quarter_of_an_hour(
    client: FlaskClient, account: Account
) -> None:
    answer = client.post("/v1/tokens", json={"username": "bob", "password": "not the password at all"})

    policy = '"sign-in-network";q=100;w=900, "sign-in";q=10;w=900'
    assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (401, policy)
