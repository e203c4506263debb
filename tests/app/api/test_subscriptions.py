"""The routes of subscriptions: every mistake is named, nothing is sent of a bad one, and each sees only their own."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import tokens
from app.alerts.tokens import Right
from app.core import clock
from app.core.translations import LANGUAGES
from app.mail.models import Delivery
from app.warnings.area_models import Area
from tests.configured import settings_of
from tests.factories import sign_in_as
from tests.mailing import ADDRESS
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.reporting import mistakes_of
from tests.subscribed import PLACE, ask, confirm, managing, rows, squares, subscribed, wish

PATH = "/v1/subscriptions"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def area(**more: Any) -> Area:
    found = Area(id="ea-levels", source="ea", code="levels", name="The Levels", updated_at_ms=1, **more)
    found.save()
    return found


BAD_ADDRESSES = {
    "anna@example.net\n": "control",
    "anna@example.net\r\nBcc: all@example.net": "control",
    "a\tb@example.net": "control",
    f"{'a' * 388}@example.net": "length",
    "alerts@floods.example.org": "own",
    "Alerts@FLOODS.example.org": "own",
    "desk@floods.example.org": "own",
    "alerts+anna@floods.example.org": "own",
    "abuse+anna@example.net": "role",
    "postmaster@example.net": "role",
    "abuse@example.net": "role",
    "anna@faß.example": "email",
    "anna@[127.0.0.1]": "email",
    "anna@localhost": "email",
    "Anna <anna@example.net>": "markup",
    "": "length",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_address_that_is_no_persons_is_refused(client: FlaskClient, post: Post, address: str) -> None:
    answer = ask(client, address)

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [
        ("/channel/address", BAD_ADDRESSES[address])
    ]
    assert rows() == []


def test_a_domain_in_unicode_is_an_address(client: FlaskClient, post: Post) -> None:
    with settings_of(FLOOD_MAIL_TO="xn--bcher-kva.example"):
        assert ask(client, "anna@bücher.example").status_code == 202
        post.work()

    assert post.accepted[0]["Destination"]["ToAddresses"] == ["anna@xn--bcher-kva.example"]


BAD_PLACES: list[tuple[Any, str]] = [
    ({}, "/place"),
    ({"lat": 51}, "/place/lon"),
    ({"radius_km": 5}, "/place/lat"),
    ({"lat": 0, "lon": 0}, "/place"),
    ({"lat": 91, "lon": 0}, "/place/lat"),
    ({"lat": 51, "lon": "-2"}, "/place/lon"),
    (PLACE | {"radius_km": 0.05}, "/place/radius_km"),
    (PLACE | {"radius_km": 51}, "/place/radius_km"),
    (PLACE | {"area": "ea-levels"}, "/place"),
    (PLACE | {"height": 3}, "/place/height"),
    ({"area": "ea-not-there"}, "/place/area"),
    ({"area": "../etc/passwd"}, "/place/area"),
    ({"area": "ea-nowhere"}, "/place/area"),
    ({"bbox": [-3, 51, -2.9]}, "/place/bbox"),
    ({"bbox": [-3, 52, -2.9, 51]}, "/place/bbox"),
    ({"bbox": [-3, 51, -3, 51.1]}, "/place/bbox"),
    ({"bbox": [-3, 51, -1, 51.1]}, "/place/bbox"),
    ({"bbox": [-3, 51, -2.9, 52]}, "/place/bbox"),
    ({"bbox": [-3, 89, -2.9, 91]}, "/place/bbox"),
    ("Burrowbridge", "/place"),
    (None, "/place"),
]


@pytest.mark.parametrize(("place", "pointer"), BAD_PLACES)
def test_a_place_that_is_none_is_refused(client: FlaskClient, post: Post, place: Any, pointer: str) -> None:
    Area(id="ea-nowhere", source="ea", code="nowhere", name="Nowhere", updated_at_ms=1, reason="none").save()
    answer = ask(client, place=place)

    assert answer.status_code == 422
    assert pointer in [one["pointer"] for one in answer.json["errors"]]
    assert rows() == []


BAD_WISHES: list[tuple[dict[str, Any], str]] = [
    ({"what": []}, "/what"),
    ({"what": ["reports", "reports"]}, "/what"),
    ({"what": ["rumours"]}, "/what/0"),
    ({"what": "reports"}, "/what"),
    ({"severity_min": "terrible"}, "/severity_min"),
    ({"reports": "all"}, "/reports"),
    ({"language": "xx"}, "/language"),
    ({"label": "x" * 61}, "/label"),
    ({"label": "<b>x"}, "/label"),
    ({"digest": "weekly"}, "/digest"),
    ({"quiet": {"from": "22:00", "to": "07:00", "time_zone": "Mars/Olympus"}}, "/quiet/time_zone"),
    ({"quiet": {"from": "22:00", "to": "07:00", "time_zone": "../../etc/localtime"}}, "/quiet/time_zone"),
    ({"quiet": {"from": "22:00", "to": "07:00", "time_zone": "Europe"}}, "/quiet/time_zone"),
    ({"quiet": {"from": "22:00", "to": "07:00", "time_zone": "localtime"}}, "/quiet/time_zone"),
    ({"quiet": {"from": "22:00", "to": "07:00", "time_zone": "right/Europe/London"}}, "/quiet/time_zone"),
    ({"quiet": {"from": "22:00", "to": "07:00"}}, "/quiet/time_zone"),
    ({"quiet": {"from": "25:00", "to": "07:00", "time_zone": "Europe/London"}}, "/quiet/from"),
    ({"quiet": {"from": "22:00", "to": "22:00", "time_zone": "Europe/London"}}, "/quiet/to"),
    ({"channel": {"kind": "sms", "number": "+441234567890"}}, "/channel/kind"),
    ({"channel": {"kind": "push", "subscription": {"endpoint": "https://x", "keys": {}}}}, "/channel/kind"),
    ({"channel": {"kind": "pigeon", "address": ADDRESS}}, "/channel/kind"),
    ({"channel": {"kind": "email"}}, "/channel/address"),
    ({"paused_until": "2026-12-01T00:00:00Z"}, "/paused_until"),
]


@pytest.mark.parametrize(("more", "pointer"), BAD_WISHES)
def test_a_wish_with_one_mistake_is_answered_with_it(
    client: FlaskClient, post: Post, more: dict[str, Any], pointer: str
) -> None:
    answer = client.post(PATH, json=wish() | more)

    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, [pointer])
    assert rows() == []


def test_every_mistake_is_told_at_once(client: FlaskClient, post: Post) -> None:
    body = {"place": {"lat": 0, "lon": 0}, "channel": {"kind": "email", "address": "x"}, "digest": "weekly", "odd": 1}

    told = [pointer for pointer, _ in mistakes_of(client.post(PATH, json=body))]
    assert sorted(told) == ["/channel/address", "/digest", "/odd", "/place"]


def test_where_no_mail_is_set_up_alerts_are_not_offered(client: FlaskClient) -> None:
    answer = ask(client)

    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "mail-not-set-up")


def test_where_no_mail_is_set_up_any_more_alerts_stay_with_their_address(client: FlaskClient, post: Post) -> None:
    anna, elsewhere = subscribed(client, post), {"channel": {"kind": "email", "address": "bob@example.net"}}
    with settings_of(FLOOD_MAIL=""):
        answers = [
            client.patch(f"{PATH}/{anna.id}", json=body, headers=managing(anna)) for body in (elsewhere, {"label": "x"})
        ]
        stopped = client.delete(f"{PATH}/{anna.id}", headers=managing(anna))

    assert [one.status_code for one in (*answers, stopped)] == [409, 200, 204]


def test_an_area_is_known_by_its_name_and_covered_by_its_centre_or_outline(client: FlaskClient, post: Post) -> None:
    area(lat=51.0657, lon=-2.8226)
    anna = subscribed(client, post, place={"area": "ea-levels"})
    shown = client.get(f"{PATH}/{anna.id}", headers=managing(anna)).json

    assert shown["place"] == {"area": "ea-levels", "name": "The Levels"}
    assert {one.packed_shape for one in squares()} == {'["a","ea-levels"]'}
    assert 0 < len(squares()) <= 12


def test_defaults_are_those_of_a_first_form(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post, place={"lat": 51.0657, "lon": -2.8226})
    shown = client.get(f"{PATH}/{anna.id}", headers=managing(anna)).json

    assert shown["place"] == PLACE
    assert shown["channel"] == {"kind": "email", "address": ADDRESS}
    assert (shown["what"], shown["reports"], shown["severity_min"]) == (["warnings", "reports"], "verified", None)
    assert (shown["state"], shown["label"], shown["language"]) == ("active", "", "en")
    assert (shown["quiet"], shown["digest"], shown["paused_until"]) == (None, "off", None)
    assert shown["confirmed_at"] == clock.rfc3339(clock.now_ms())


def test_all_that_is_asked_for_is_kept_and_changed(client: FlaskClient, post: Post) -> None:
    night = {"from": "22:00", "to": "07:00", "time_zone": "Europe/London"}
    told = {"label": "Mum", "what": ["reports"], "reports": "likely", "severity_min": "extreme", "quiet": night}
    anna = subscribed(client, post, **told, digest="daily", language="es")
    path, headers = f"{PATH}/{anna.id}", managing(anna)
    shown = client.get(path, headers=headers).json
    changed = client.patch(path, json={"what": ["warnings"], "quiet": None, "label": ""}, headers=headers).json
    back = client.patch(path, json={"what": ["warnings", "reports"]}, headers=headers).json

    assert {name: shown[name] for name in told} == told
    assert (shown["digest"], shown["language"]) == ("daily", "es")
    assert (changed["what"], changed["reports"], changed["quiet"], changed["label"]) == (["warnings"], None, None, "")
    assert (back["reports"], client.get(path, headers=headers).json) == ("verified", back)
    assert set(LANGUAGES) >= {shown["language"]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"state": "active"}, "/state"),
        ({"paused_until": "2020-01-01T00:00:00Z"}, "/paused_until"),
        ({"paused_until": "2036-01-01T00:00:00Z"}, "/paused_until"),
        ({"place": {"area": "ea-not-there"}}, "/place/area"),
        ({"channel": {"kind": "sms", "number": "1"}}, "/channel/kind"),
    ],
)
def test_a_bad_change_changes_nothing(client: FlaskClient, post: Post, body: dict[str, Any], pointer: str) -> None:
    anna = subscribed(client, post)
    answer = client.patch(f"{PATH}/{anna.id}", json=body, headers=managing(anna))

    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, [pointer])
    assert rows()[0].version == anna.version


def test_an_account_sees_its_own_and_no_other(client: FlaskClient, post: Post, noon: Any) -> None:
    anna, bob = sign_in_as(), sign_in_as()
    first = subscribed(client, post, headers=anna)
    noon.shift(timedelta(seconds=1))
    asked = ask(client, headers=anna).json["id"]
    stranger = subscribed(client, post)
    listed = client.get(PATH, headers=anna).json["items"]

    assert [(one["id"], one["state"]) for one in listed] == [(asked, "unconfirmed"), (first.id, "active")]
    assert client.get(PATH, headers=bob).json == {"items": []}
    for method in ("GET", "PATCH", "DELETE"):
        body = {"json": {"label": "x"}} if method == "PATCH" else {}
        for one, headers in ((first.id, bob), (stranger.id, anna), (first.id, managing(stranger)), ("sub_x", anna)):
            assert client.open(f"{PATH}/{one}", method=method, headers=headers, **body).status_code == 404
    exported = client.get("/v1/me/export", headers=anna).json["subscriptions"]
    assert [one["id"] for one in exported] == [asked, first.id]


def test_a_manage_token_is_good_for_its_subscription_alone(client: FlaskClient, post: Post) -> None:
    anna = subscribed(client, post)
    token = managing(anna)["Authorization"].removeprefix("Bearer ")
    stopping = tokens.link_token(anna, Right.STOP)
    bad = [token[:-1] + ("A" if token[-1] != "A" else "B"), f"fs_{stopping[3:]}", "fs_", f"fs_{'0' * 26}_{'a' * 43}"]

    assert [client.get(f"{PATH}/{anna.id}", headers={"Authorization": f"Bearer {one}"}).status_code for one in bad] == [
        401
    ] * 4
    assert client.get("/v1/me", headers=managing(anna)).status_code == 403
    assert client.get(PATH, headers=managing(anna)).status_code == 403
    assert client.get(f"{PATH}/{anna.id}", headers={"Authorization": f"Bearer {stopping}"}).status_code == 401


def test_stopping_by_the_api_is_safe_to_repeat(client: FlaskClient, post: Post) -> None:
    anna, headers = subscribed(client, post), {}
    headers = managing(anna)
    statuses = [client.delete(f"{PATH}/{anna.id}", headers=headers).status_code for _ in range(2)]
    shown = client.get(f"{PATH}/{anna.id}", headers=headers).json

    assert (statuses, squares()) == ([204, 204], [])
    assert (shown["state"], shown["channel"], shown["place"]) == ("stopped", None, None)
    assert client.patch(f"{PATH}/{anna.id}", json={"label": "x"}, headers=headers).status_code == 409


def test_what_waits_can_be_changed_but_neither_paused_nor_sent_elsewhere(client: FlaskClient, post: Post) -> None:
    person = sign_in_as()
    asked = ask(client, headers=person).json["id"]
    path, tomorrow = f"{PATH}/{asked}", clock.rfc3339(clock.now_ms() + clock.DAY_MS)
    elsewhere = {"channel": {"kind": "email", "address": "bob@example.net"}}

    assert client.patch(path, json={"label": "Home"}, headers=person).json["label"] == "Home"
    assert squares() == []
    assert client.patch(path, json={"paused_until": tomorrow}, headers=person).status_code == 409
    assert client.patch(path, json=elsewhere, headers=person).status_code == 409
    post.work()
    assert confirm(client, post.token(), asked).label == "Home"
    assert post.subjects("bob@example.net") == []


def test_what_was_sent_is_listed_with_its_state(client: FlaskClient, post: Post, noon: Any) -> None:
    anna = subscribed(client, post)
    for event, values in (("w-1", anna.id), ("r-2", anna.id), ("w-3", "sub_of_another")):
        noon.shift(timedelta(minutes=1))
        Delivery(anna.recipient, event, kind="alert", packed_values=f'{{"subscription":"{values}"}}').save()
    items = client.get(f"{PATH}/{anna.id}/deliveries", headers=managing(anna)).json["items"]

    assert [(one["about"], one["state"]) for one in items[:2]] == [("report", "queued"), ("warning", "queued")]
    assert [one["about"] for one in items[2:]].count("confirmation") == 1
    assert {"confirmation", "summary"} == {one["about"] for one in items[2:]}


def test_no_get_changes_anything(client: FlaskClient, post: Post) -> None:
    asked, person = ask(client).json["id"], sign_in_as()
    own = ask(client, headers=person).json["id"]
    before = [row.serialize() for row in rows()]
    for path in (PATH, f"{PATH}/{own}", f"{PATH}/{asked}", f"{PATH}/{own}/deliveries"):
        client.get(path, headers=person)

    assert [row.serialize() for row in rows()] == before
