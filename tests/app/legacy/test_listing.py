"""The list of floods as both old clients decode it: bounded, without anybody's name, and never a null."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.legacy.listing import flood_id
from tests.app.legacy.old_clients import floods_of, registered, report
from tests.factories import make_account, make_report, tell_consumer
from tests.reporting import bearer, filed


def test_no_floods_are_an_empty_list(client: FlaskClient) -> None:
    assert floods_of(client.get("/view_floods")) == []


def test_flood_has_its_ten_members_and_no_more(client: FlaskClient) -> None:
    moment = datetime(2026, 11, 21, 3, 4, 5, 999_000, tzinfo=UTC)
    made = make_report(
        lat=51.5, lon=-0.12, created_ms=clock.to_ms(moment), expires_at_ms=clock.now_ms() + 9**9, title="Water"
    )

    assert floods_of(client.get("/view_floods")) == [
        {
            "flood_id": flood_id(made.id),
            "user_id": 0,
            "gps_longitude": -0.12,
            "gps_latitude": 51.5,
            "radius": 50.0,
            "severity": 3,
            "time_reported": "2026-11-21 03:04:00",
            "username": "resident",
            "title": "Water",
            "description": "",
        }
    ]


def test_nobody_s_name_or_exact_place_is_told(client: FlaskClient) -> None:
    registered(client, "bobby-tables")
    report(client, username="bobby-tables", gps_latitude=51.50041)

    said = client.get("/view_floods").text

    assert "51.5," in said
    assert "bobby" not in said
    assert "51.50041" not in said


def test_newest_come_first_with_their_descriptions(client: FlaskClient) -> None:
    now_ms = clock.now_ms()
    for age in (3, 1, 2):
        make_report(created_ms=now_ms - age * clock.HOUR_MS, title=f"{age} h", description=f"seen {age} h ago")

    found = floods_of(client.get("/view_floods"))

    assert [(flood["title"], flood["description"]) for flood in found] == [
        ("1 h", "seen 1 h ago"),
        ("2 h", "seen 2 h ago"),
        ("3 h", "seen 3 h ago"),
    ]


def test_ended_rejected_and_withdrawn_reports_are_not_listed(client: FlaskClient) -> None:
    withdrawn = filed(client)
    client.delete(f"/v1/reports/{withdrawn['id']}", headers=bearer(withdrawn["edit_token"]))
    make_report(status="rejected")
    make_report(status="merged")
    make_report(created_ms=clock.now_ms() - 49 * clock.HOUR_MS)
    kept = make_report(status="verified")

    assert [flood["flood_id"] for flood in floods_of(client.get("/view_floods"))] == [flood_id(kept.id)]


def test_number_of_a_flood_stays_the_same_and_fits_any_reader(client: FlaskClient) -> None:
    made = make_report()

    numbers = {floods_of(client.get("/view_floods"))[0]["flood_id"] for _ in range(2)} | {flood_id(made.id)}

    assert len(numbers) == 1
    assert 0 < numbers.pop() < 2**53
    assert len({flood_id(f"rep_{number}") for number in range(10_000)}) == 10_000


@pytest.mark.parametrize("told", [False, True])
def test_list_holds_the_newest_500_however_many_there_are(dynoxide_client: FlaskClient, told: bool) -> None:
    now_ms = clock.now_ms()
    reports = [
        make_report(lat=50 + number % 4 / 10, lon=-3 + number % 3 / 10, created_ms=now_ms - 520_000 + number * 1000)
        for number in range(520)
    ]
    if told:
        tell_consumer(reports)

    found = floods_of(dynoxide_client.get("/view_floods"))

    newest = [flood_id(each.id) for each in sorted(reports, key=lambda each: each.sort, reverse=True)]
    assert [flood["flood_id"] for flood in found] == newest[:500]


def test_list_is_anybody_s_and_says_that_it_is_old(client: FlaskClient) -> None:
    make_account(username="Bob")

    answer = client.get("/view_floods")

    assert answer.headers["Deprecation"] == "@1795219200"
    assert answer.headers["Link"] == '</v1/reports>; rel="successor-version", </docs>; rel="deprecation"'
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
    assert client.get("/view_floods", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
