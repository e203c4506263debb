"""Guessing is slowed: per account, per network, and equally for names that do not exist."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.accounts import signing_in, throttle
from app.core.errors import TooMany
from tests.app.accounts.conftest import sign_in
from tests.factories import PASSWORD, make_account, sign_in_as
from tests.moments import NOON

HOME = "198.51.100.7"


def guess(client: FlaskClient, username: str = "bob", password: str = "wrong", address: str = HOME) -> Any:
    body = {"username": username, "password": password}
    return client.post("/v1/tokens", json=body, environ_base={"REMOTE_ADDR": address})


def guess_often(client: FlaskClient, times: int, **wanted: Any) -> list[int]:
    return [guess(client, **wanted).status_code for _ in range(times)]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pause before each attempt, in seconds."""
    waited: list[float] = []
    monkeypatch.setattr(signing_in.time, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("guesses", [40, pytest.param(1000, marks=pytest.mark.long)])
def test_guesses_from_everywhere_wait_after_ten_and_close_nothing(
    client: FlaskClient, noon: Any, pauses: list[float], guesses: int
) -> None:
    make_account(username="Bob")

    statuses = [
        guess(client, address=f"198.51.{number // 250}.{number % 250}").status_code for number in range(guesses)
    ]

    assert statuses == [401] * guesses
    assert pauses == [signing_in.PAUSE_S] * (guesses - 10)


def test_stranger_who_guesses_all_day_does_not_lock_the_owner_out(
    client: FlaskClient, noon: Any, pauses: list[float]
) -> None:
    make_account(username="Bob")
    statuses = guess_often(client, 30)

    assert (statuses.count(401), statuses.count(429)) == (10, 20)
    assert guess(client, password=PASSWORD, address="203.0.113.9").status_code == 200


def test_neighbours_of_one_household_have_one_count(client: FlaskClient, noon: Any) -> None:
    statuses = [guess(client, address=f"2001:db8:1:2::{number:x}").status_code for number in range(1, 13)]

    assert statuses == [401] * 10 + [429] * 2
    assert guess(client, address="2001:db8:1:3::1").status_code == 401


def test_who_has_a_whole_site_gets_the_tries_of_one_network(
    client: FlaskClient, noon: Any, pauses: list[float]
) -> None:
    statuses = [guess(client, address=f"2001:db8:1:{number:x}::1").status_code for number in range(102)]

    assert statuses == [401] * 100 + [429] * 2


def test_right_password_does_not_help_after_too_many_tries_from_there(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    guess_often(client, 10)

    assert guess(client, password=PASSWORD).status_code == 429


def test_spelling_of_the_name_gives_no_more_tries(client: FlaskClient, noon: Any) -> None:
    statuses = [guess(client, username=name).status_code for name in ["bob", "Bob", "BOB", "ＢＯＢ"] * 3]

    assert statuses == [401] * 10 + [429] * 2


def test_other_account_is_not_locked_out(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    make_account(username="Eve")
    guess_often(client, 11)

    assert guess(client, username="eve", password=PASSWORD).status_code == 200


def test_tries_come_back_with_the_next_window(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    guess_often(client, 11)
    noon.shift(15 * 60)

    assert guess(client, password=PASSWORD).status_code == 200


def test_success_is_no_try(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")

    assert {guess(client, password=PASSWORD).status_code for _ in range(12)} == {200}


def test_success_of_the_owner_gives_a_guesser_no_more_tries(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")

    guess_often(client, 9)
    guess(client, password=PASSWORD)

    assert guess_often(client, 2) == [401, 429]


def use_up_network(client: FlaskClient, tries: int) -> None:
    with client.application.test_request_context(environ_base={"REMOTE_ADDR": HOME}):
        for _ in range(tries):
            whole = throttle.Whole("sign-in-network", 100)
            throttle.count_one("sign-in", throttle.at_network(f"person-{tries}"), limit=100, window_s=900, whole=whole)


def test_spraying_from_one_network_ends_after_a_hundred(client: FlaskClient, noon: Any) -> None:
    use_up_network(client, 98)

    statuses = [guess(client, username=f"person-{number}").status_code for number in range(4)]

    assert statuses == [401] * 2 + [429] * 2


def test_spraying_does_not_stop_other_networks(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    use_up_network(client, 100)

    assert guess(client).status_code == 429
    assert guess(client, password=PASSWORD, address="203.0.113.9").status_code == 200


def test_limit_tells_nothing_about_who_exists(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    guess_often(client, 10)
    guess_often(client, 10, username="nobody")

    known, unknown = (
        client.post(
            "/v1/tokens",
            json={"username": name, "password": "x"},
            headers={"X-Request-ID": "same-for-both"},
            environ_base={"REMOTE_ADDR": HOME},
        )
        for name in ("bob", "nobody")
    )

    assert known.status_code == unknown.status_code == 429
    assert known.data == unknown.data
    assert known.headers["Retry-After"] == unknown.headers["Retry-After"] == "900"
    assert sorted(known.headers.keys()) == sorted(unknown.headers.keys())


def test_headers_say_where_the_limits_stand(client: FlaskClient, noon: Any) -> None:
    noon.shift(60)

    answer = guess(client)

    assert answer.headers["RateLimit-Policy"] == '"sign-in-network";q=100;w=900, "sign-in";q=10;w=900'
    assert answer.headers["RateLimit"] == '"sign-in-network";r=99;t=840, "sign-in";r=9;t=840'


def test_headers_of_a_success_count_no_try(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    guess(client)

    answer = guess(client, password=PASSWORD)

    assert answer.status_code == 200
    assert answer.headers["RateLimit"] == '"sign-in-network";r=99;t=900, "sign-in";r=9;t=900'


@pytest.mark.parametrize(
    ("method", "path", "kinds"),
    [
        ("POST", "/v1/tokens", ["sign-in-network", "sign-in"]),
        ("POST", "/v1/accounts", ["registration"]),
        ("PATCH", "/v1/me", ["own-password"]),
        ("DELETE", "/v1/me", ["own-password"]),
        ("POST", "/register", ["registration"]),
        ("POST", "/authenticate", ["sign-in-network", "sign-in"]),
        ("POST", "/sign-in", ["sign-in-network", "sign-in"]),
    ],
)
def test_every_route_that_takes_passwords_says_where_its_limits_stand(
    client: FlaskClient, method: str, path: str, kinds: list[str]
) -> None:
    said = {"username": "newcomer", "password": "another long wet november"}
    if path == "/v1/me":
        said = {"password": PASSWORD} if method == "DELETE" else said | {"current_password": "wrong"}
        said.pop("username", None)
    form = {"data": said} if path == "/sign-in" else {"json": said}
    headers = sign_in_as() if path == "/v1/me" else {"Sec-Fetch-Site": "same-origin"}

    answer = client.open(path, method=method, headers=headers, **form)

    told = [part.partition(";")[0].strip(' "') for part in answer.headers["RateLimit"].split(",")]
    assert told == kinds
    assert answer.headers["RateLimit-Policy"].count(";w=") == len(kinds)


def test_routes_without_limits_say_nothing_of_limits(client: FlaskClient) -> None:
    assert "RateLimit" not in client.get("/v1/me").headers


def test_who_is_signed_in_can_change_the_password_that_is_guessed(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    headers = {"Authorization": f"Bearer {sign_in(client)['access_token']}"}
    guess_often(client, 20)
    change = {"password": "another long password", "current_password": PASSWORD}

    assert client.patch("/v1/me", headers=headers, json=change).status_code == 200


def test_guessing_the_present_password_ends_after_ten(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bob")
    headers = {"Authorization": f"Bearer {sign_in(client)['access_token']}"}
    change = {"password": "another long password", "current_password": "wrong"}

    statuses = [client.patch("/v1/me", headers=headers, json=change).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]
    assert guess(client).status_code == 401


def test_saying_the_right_present_password_is_no_try(client: FlaskClient, noon: Any) -> None:
    make_account(username="Bobby-Bob")
    headers = {"Authorization": f"Bearer {sign_in(client, 'bobby-bob')['access_token']}"}
    own_name = {"password": "bobby-bob", "current_password": PASSWORD}

    statuses = [client.patch("/v1/me", headers=headers, json=own_name).status_code for _ in range(12)]

    assert statuses == [422] * 12


def test_rows_hold_neither_name_nor_address(client: FlaskClient, noon: Any) -> None:
    guess(client, username="bobby-tables")

    rows = boto3.client("dynamodb").scan(TableName="floodmanager-test-throttles")["Items"]

    assert len(rows) == 2
    assert all("bobby" not in str(row) and HOME not in str(row) for row in rows)
    assert {row["purge_at"]["N"] for row in rows} == {str(NOON + 900 + 3600)}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("198.51.100.7", "198.51.100.7", (True, True)),
        ("198.51.100.7", "198.51.100.8", (False, True)),
        ("198.51.100.7", "::ffff:198.51.100.7", (True, True)),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", (True, True)),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", (True, False)),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", (False, False)),
        ("fe80::1%eth0", "fe80::2%eth1", (True, True)),
        ("unix:", "unix:", (True, True)),
    ],
)
def test_network_is_an_ipv4_address_or_an_ipv6_site_and_in_it_a_household(
    client: FlaskClient, one: str, other: str, is_same: tuple[bool, bool]
) -> None:
    def network_of(address: str) -> throttle.Caller:
        with client.application.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return throttle.network()

    first, second = network_of(one), network_of(other)
    assert (first.who == second.who, first.part == second.part) == is_same
    assert one not in str(first)


def test_many_at_once_never_pass_the_limit(dynoxide_client: FlaskClient) -> None:
    def take(_: int) -> bool:
        with dynoxide_client.application.test_request_context():
            try:
                throttle.count_one("sign-in", "bob", limit=10, window_s=86400)
            except TooMany:
                return False
            return True

    with ThreadPoolExecutor(8) as people:
        assert sum(people.map(take, range(100))) == 10


def test_giving_back_never_makes_more_than_there_were(client: FlaskClient, noon: Any) -> None:
    with client.application.test_request_context():
        throttle.uncount_one("report", "somebody", 86400)
        throttle.count_one("report", "somebody", limit=1, window_s=86400)
        with pytest.raises(TooMany):
            throttle.count_one("report", "somebody", limit=1, window_s=86400)
