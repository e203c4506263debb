"""Visitors: people without an account who have a limit of their own, by a token or by the pages' cookie."""

from typing import Any

import boto3
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import throttle, tokens, visitors
from app.accounts.tokens import Use
from app.core import clock
from app.core.config import settings
from app.reports import create
from tests.app.pages.conftest import Visitor
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.app.pages.reporting_form import reviewed, send
from tests.factories import make_account, sign_in_as
from tests.moments import NOON
from tests.reporting import bearer, file_report, filed, new_key

HOME, OFFICE = "198.51.100.7", "203.0.113.9"
MONTH_S = 30 * 86400


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches soon."""
    chosen = settings()._replace(anonymous_writes_per_hour=3, anonymous_writes_hard=6, visitor_reports_per_hour=4)
    monkeypatch.setattr(create, "settings", lambda: chosen)


def ask(client: FlaskClient, address: str = HOME) -> Any:
    return client.post("/v1/visitors", environ_base={"REMOTE_ADDR": address})


def new_visitor(client: FlaskClient, address: str = OFFICE) -> dict[str, str]:
    """The headers of a visitor's requests."""
    answer = ask(client, address)
    assert answer.status_code == 201, answer.text
    return bearer(answer.json["visitor_token"])


def column_of(headers: dict[str, str]) -> str:
    """Return the column that counts this visitor; those of a network share some, by their random ids."""
    token = headers["Authorization"].removeprefix("Bearer ")
    return throttle.column_of_visitor(tokens.read(token, Use.VISITOR).subject)


def statuses_of(client: FlaskClient, times: int, headers: dict[str, str] | None = None) -> list[int]:
    return [file_report(client, address=HOME, headers=headers).status_code for _ in range(times)]


def kept_by(visitor: Visitor) -> str:
    """The visitor's cookie in a browser; empty without one."""
    kept = visitor.client.get_cookie(visitors.cookie_name())
    return kept.value if kept else ""


def test_visitor_gets_a_token_for_a_month_and_nothing_is_stored(client: FlaskClient, noon: Any) -> None:
    answer = ask(client)

    assert (answer.status_code, "Location" in answer.headers) == (201, False)
    assert answer.json["visitor_token"].startswith("fv_")
    assert answer.json["expires_at"] == clock.rfc3339((NOON + MONTH_S) * 1000)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["RateLimit"] == '"visitor";r=29;t=3600'
    for table in ("accounts", "tokens", "reports"):
        rows = boto3.client("dynamodb").scan(TableName=f"floodmanager-test-{table}")["Items"]
        assert not [row for row in rows if "vis_" in str(row)]


def test_tokens_are_limited_by_network(client: FlaskClient, noon: Any) -> None:
    statuses = [ask(client).status_code for _ in range(31)]

    assert statuses == [201] * 30 + [429]
    assert ask(client, OFFICE).status_code == 201


def test_who_uses_up_a_network_stops_no_visitor_there(client: FlaskClient, noon: Any) -> None:
    one = new_visitor(client)
    assert statuses_of(client, 7) == [201] * 6 + [429]

    assert statuses_of(client, 1, one) == [201]


def test_visitor_has_a_limit_and_no_other_visitor_is_counted_in_it(client: FlaskClient, noon: Any) -> None:
    one = new_visitor(client)
    other = next(each for each in iter(lambda: new_visitor(client), {}) if column_of(each) != column_of(one))
    statuses_of(client, 6)

    assert statuses_of(client, 5, one) == [201] * 4 + [429]
    refused = file_report(client, address=HOME, headers=one)
    assert statuses_of(client, 1, other) == [201]
    assert refused.headers["RateLimit-Policy"] == '"visitor-report";q=4;w=3600, "report";q=6;w=3600'
    assert refused.headers["RateLimit"] == '"visitor-report";r=0;t=3600, "report";r=0;t=3600'


def test_visitor_beyond_the_own_limit_is_marked_and_refused_with_the_network_only(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings()._replace(anonymous_writes_per_hour=100, anonymous_writes_hard=6, visitor_reports_per_hour=2)
    monkeypatch.setattr(create, "settings", lambda: chosen)
    one = new_visitor(client)

    answers = [file_report(client, address=HOME, headers=one) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [201] * 6 + [429]
    assert [answer.json["many_from_one_network"] for answer in answers[:6]] == [False] * 2 + [True] * 4


def test_replay_of_a_visitor_is_not_counted_with_the_token_or_without(client: FlaskClient, noon: Any) -> None:
    one, key = new_visitor(client), new_key()
    first = file_report(client, address=HOME, headers=one, key=key)
    noon.shift(1)

    again = [file_report(client, address=HOME, headers=headers, key=key) for headers in (one, {}, one)]

    assert [(one.status_code, one.json["id"]) for one in again] == [(200, first.json["id"])] * 3
    assert again[2].headers["RateLimit"] == '"visitor-report";r=3;t=3599, "report";r=5;t=3599'


def test_visitors_reports_count_for_their_network_too(client: FlaskClient, noon: Any) -> None:
    one = new_visitor(client)
    reports = [file_report(client, address=HOME, headers=one).json for _ in range(3)]

    assert [report["many_from_one_network"] for report in reports] == [False] * 3
    assert filed(client, headers=one)["many_from_one_network"] is False  # from another network
    assert file_report(client, address=HOME).json["many_from_one_network"] is True


def test_visitor_gets_an_edit_token_for_each_report_and_no_right_by_the_own_one(client: FlaskClient) -> None:
    one = new_visitor(client)
    report = filed(client, headers=one)
    path, change = f"/v1/reports/{report['id']}", {"radius_m": 9}

    assert report["edit_token"].startswith("fe_")
    assert client.patch(path, json=change, headers=one | {"If-Match": "*"}).status_code == 401
    edited = client.patch(path, json=change, headers=bearer(report["edit_token"]) | {"If-Match": "*"})
    assert edited.status_code == 200


def test_edit_token_of_the_previous_release_had_no_prefix_and_stays_good(client: FlaskClient) -> None:
    report = filed(client)
    headers = bearer(report["edit_token"].removeprefix("fe_")) | {"If-Match": "*"}

    assert client.patch(f"/v1/reports/{report['id']}", json={"radius_m": 9}, headers=headers).status_code == 200


@pytest.mark.parametrize("prefix", ["", "fe_", "fm_", "fv_fv_", "FV_"])
def test_token_under_another_form_is_refused(client: FlaskClient, prefix: str) -> None:
    token = ask(client).json["visitor_token"]
    bent = prefix + token.removeprefix("fv_")

    assert file_report(client, headers=bearer(bent)).status_code == 401
    assert client.get("/v1/reports", headers=bearer(bent)).status_code == 401


def test_access_token_under_a_prefix_is_refused(client: FlaskClient) -> None:
    token = sign_in_as()["Authorization"].removeprefix("Bearer ")

    assert {client.get("/v1/me", headers=bearer(form + token)).status_code for form in ("fv_", "fe_")} == {401}


def test_token_ends_after_a_month(client: FlaskClient, noon: Any) -> None:
    one = new_visitor(client)
    noon.shift(MONTH_S - 1)
    assert file_report(client, headers=one).status_code == 201

    noon.shift(tokens.LEEWAY_S + 2)
    assert file_report(client, headers=one).status_code == 401


def test_public_lists_are_the_same_for_a_visitor(client: FlaskClient) -> None:
    one = new_visitor(client)

    answer = client.get("/v1/reports", headers=one)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=0, s-maxage=1")


def test_browser_becomes_a_visitor_with_its_first_report_and_not_before(visitor: Visitor, noon: Any) -> None:
    review = reviewed(visitor)
    assert kept_by(visitor) == ""

    answer = send(visitor, review)

    (said,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{visitors.cookie_name()}=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={MONTH_S}"} <= set(said.split("; "))
    assert tokens.read(kept_by(visitor), Use.VISITOR).expires_at_s == NOON + MONTH_S
    first = kept_by(visitor)
    send(visitor, reviewed(visitor))
    assert kept_by(visitor) == first


def test_neighbours_who_use_up_the_network_stop_no_browser_that_has_reported(
    app: Flask, visitor: Visitor, noon: Any
) -> None:
    send(visitor, reviewed(visitor))
    assert [file_report(app.test_client()).status_code for _ in range(6)] == [201] * 5 + [429]

    assert send(visitor, reviewed(visitor)).status_code == 303
    assert send(Visitor(app.test_client()), reviewed(visitor)).status_code == 429


def test_network_that_sends_very_many_makes_no_more_visitors(app: Flask, noon: Any) -> None:
    browsers = [Visitor(app.test_client()) for _ in range(5)]
    for one in browsers:
        assert send(one, reviewed(one)).status_code == 303

    assert [bool(kept_by(one)) for one in browsers] == [True] * 3 + [False] * 2


def test_account_needs_no_visitor(visitor: Visitor, noon: Any) -> None:
    visitor.sign_in(make_account().username)

    assert send(visitor, reviewed(visitor)).status_code == 303
    assert kept_by(visitor) == ""


@pytest.mark.parametrize("bent", ["x", "fv_x.y.z", "a" * 2000])
def test_bent_cookie_is_nobodys(visitor: Visitor, noon: Any, bent: str) -> None:
    visitor.client.set_cookie(visitors.cookie_name(), bent)

    assert send(visitor, reviewed(visitor)).status_code == 303
    assert kept_by(visitor).startswith("fv_")
