"""Limits: every route that counts its callers says in `RateLimit` and `RateLimit-Policy` where they stand."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api import description
from app.pages.account import form_mistakes
from tests.app.legacy.old_clients import registered, report
from tests.app.pages.conftest import OWN_FORM, Visitor
from tests.app.pages.reporting_form import fields_of, reviewed, send, sent
from tests.codes import set_up, sign_in
from tests.configured import settings_of
from tests.factories import PASSWORD, make_account, make_report, sign_in_as
from tests.photo_acts import begin, begun, judge
from tests.post import SETTINGS
from tests.reporting import bearer, file_report, filed
from tests.route_list import ROUTES
from tests.voices import Visitor as Neighbour

WRONG = "a dry and sunny morning"
NEWCOMER = {"username": "newcomer", "password": "another long wet november"}
NO_TOKEN = f"fi_{'0' * 26}{'a' * 32}"
SIGN_IN = ["sign-in-network", "sign-in"]
RESET = ["password-reset-network", "password-reset"]
GUESS = {"username": "somebody", "password": WRONG}


def with_mail(path: str, **sent_values: Any) -> Callable[[FlaskClient], TestResponse]:
    def ask(client: FlaskClient) -> TestResponse:
        with settings_of(**SETTINGS):
            return client.post(path, **sent_values)

    return ask


def edit(client: FlaskClient) -> TestResponse:
    one = filed(client)
    headers = bearer(one["edit_token"]) | {"If-Match": "*"}
    return client.patch(f"/v1/reports/{one['id']}", json={"radius_m": 9}, headers=headers)


def photo(client: FlaskClient) -> TestResponse:
    one = filed(client)
    with settings_of(FLOOD_PHOTOS_BUCKET="a-bucket"):
        return begin(client, one["id"], bearer(one["edit_token"]))


def describe_photo(client: FlaskClient) -> TestResponse:
    one = filed(client)
    own = bearer(one["edit_token"])
    with settings_of(FLOOD_PHOTOS_BUCKET="a-bucket"):
        photo_id = begun(client, one["id"], own)
        return judge(client, one["id"], photo_id, own, alt="Water at the mill")


def edit_on_page(client: FlaskClient) -> TestResponse:
    person = Visitor(client)
    link = sent(person).replace("/report/sent/", "/reports/").replace("?", "/edit?")
    return person.post(link, **(fields_of(person.get(link).text) | {"title": "At the mill"}))


def as_visitor(client: FlaskClient) -> TestResponse:
    return file_report(client, headers=bearer(client.post("/v1/visitors").json["visitor_token"]))


def on_page(client: FlaskClient, act: str, **fields: str) -> TestResponse:
    return Visitor(client).post(f"/reports/{make_report().id}/{act}", **fields)


def old_report(client: FlaskClient) -> TestResponse:
    registered(client)
    return report(client)


def signed_in_post(path: str, **fields: str) -> Callable[[FlaskClient], TestResponse]:
    def ask(client: FlaskClient) -> TestResponse:
        person = Visitor(client)
        person.sign_in(make_account().username)
        return person.post(path, **fields)

    return ask


def of_me(method: str, path: str = "/v1/me", **said: str) -> Callable[[FlaskClient], TestResponse]:
    return lambda client: client.open(path, method=method, json=said, headers=sign_in_as())


def code_at_sign_in(client: FlaskClient) -> TestResponse:
    person = set_up(client, make_account(username="somebody"))
    return sign_in(client, "somebody", totp=person.app.wrong())


LIMITED: dict[str, tuple[list[str], Callable[[FlaskClient], TestResponse]]] = {
    "POST /v1/reports": (["report"], file_report),
    "PATCH /v1/reports/<report_id>": (["edit"], edit),
    "PUT /v1/reports/<report_id>/votes": (["vote"], lambda client: Neighbour(client).vote(make_report().id)),
    "DELETE /v1/reports/<report_id>/votes": (["vote"], lambda client: Neighbour(client).take_back(make_report().id)),
    "POST /v1/reports/<report_id>/flags": (["flag"], lambda client: Neighbour(client).flag(make_report().id)),
    "POST /v1/reports/<report_id>/photos": (["photo"], photo),
    "PUT /v1/reports/<report_id>/photos/<photo_id>": (["edit"], describe_photo),
    "POST /reports/<report_id>/votes": (
        ["visitor", "vote"],
        lambda client: on_page(client, "votes", condition="flooded"),
    ),
    "POST /reports/<report_id>/flags": (["visitor", "flag"], lambda client: on_page(client, "flags", reason="other")),
    "POST /v1/visitors": (["visitor"], lambda client: client.post("/v1/visitors")),
    "POST /report": (["report"], lambda client: send(Visitor(client), reviewed(Visitor(client)))),
    "POST /reports/<report_id>/edit": (["edit"], edit_on_page),
    "POST /report_flood": ([*SIGN_IN, "account-report"], old_report),
    "POST /v1/accounts": (["registration"], lambda client: client.post("/v1/accounts", json=NEWCOMER)),
    "POST /sign-in/new": (["registration"], lambda client: Visitor(client).post("/sign-in/new", **NEWCOMER)),
    "POST /register": (["registration"], lambda client: client.post("/register", json=NEWCOMER)),
    "POST /v1/invitations/accept": (
        ["invitation"],
        lambda client: client.post("/v1/invitations/accept", json={**NEWCOMER, "token": NO_TOKEN}),
    ),
    "POST /invitation": (
        ["invitation"],
        lambda client: Visitor(client).post("/invitation", **NEWCOMER, token=NO_TOKEN),
    ),
    "POST /v1/tokens": (SIGN_IN, lambda client: client.post("/v1/tokens", json=GUESS)),
    "POST /sign-in": (SIGN_IN, lambda client: Visitor(client).sign_in("somebody", WRONG)),
    "POST /authenticate": (SIGN_IN, lambda client: client.post("/authenticate", json=GUESS)),
    "PATCH /v1/me": (["own-password"], of_me("PATCH", password=NEWCOMER["password"], current_password=WRONG)),
    "DELETE /v1/me": (["own-password"], of_me("DELETE", password=PASSWORD)),
    "POST /me/password": (
        ["own-password"],
        signed_in_post("/me/password", current_password=WRONG, password=NEWCOMER["password"]),
    ),
    "POST /v1/me/totp": (["own-password"], of_me("POST", "/v1/me/totp", password=WRONG)),
    "PUT /v1/me/totp": (["own-code"], of_me("PUT", "/v1/me/totp", code="123456")),
    "DELETE /v1/me/totp": (["own-password"], of_me("DELETE", "/v1/me/totp", password=WRONG)),
    "POST /me/second-factor": (["own-password"], signed_in_post("/me/second-factor", current_password=WRONG)),
    "POST /me/second-factor/confirm": (["own-code"], signed_in_post("/me/second-factor/confirm", code="123456")),
    "POST /me/second-factor/remove": (
        ["own-password"],
        signed_in_post("/me/second-factor/remove", ending_password=WRONG, ending_code="123456"),
    ),
    "POST /v1/password-resets": (RESET, with_mail("/v1/password-resets", json={"username": "somebody"})),
    "POST /forgotten-password": (RESET, with_mail("/forgotten-password", data={"who": "somebody"}, headers=OWN_FORM)),
    "POST /v1/password-resets/use": (
        ["password-reset-use"],
        with_mail("/v1/password-resets/use", json={"token": "x", "password": NEWCOMER["password"]}),
    ),
    "POST /reset-password": (
        ["password-reset-use"],
        with_mail("/reset-password", data={"token": "x", "password": NEWCOMER["password"]}, headers=OWN_FORM),
    ),
    "POST /me/delete": (["own-password"], signed_in_post("/me/delete", **{form_mistakes.LEAVING: WRONG})),
}


@pytest.mark.parametrize("route", LIMITED)
def test_limited_route_says_where_its_limits_stand(client: FlaskClient, noon: Any, route: str) -> None:
    kinds, ask = LIMITED[route]

    answer = ask(client)

    assert answer.status_code < 500
    for name in ("RateLimit", "RateLimit-Policy"):
        told = [part.partition(";")[0].strip(' "') for part in answer.headers.get(name, "").split(",")]
        assert told == kinds


def test_code_at_sign_in_says_where_its_limits_stand(client: FlaskClient, noon: Any) -> None:
    told = [part.partition(";")[0].strip(' "') for part in code_at_sign_in(client).headers["RateLimit"].split(",")]

    assert told == [*SIGN_IN, "code-account", "code"]


def test_visitor_is_told_of_their_own_limit(client: FlaskClient, noon: Any) -> None:
    assert as_visitor(client).headers["RateLimit-Policy"] == '"visitor-report";q=30;w=3600, "report";q=300;w=3600'


def test_every_route_that_may_answer_429_is_among_them(app: Flask) -> None:
    described = {
        f"{method.upper()} {path.replace('{', '<').replace('}', '>')}"
        for path, item in description.document(app)["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and "429" in operation["responses"]
    }

    assert described <= set(LIMITED)
    assert set(LIMITED) <= set(ROUTES)
