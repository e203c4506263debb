"""Floods that old clients report: the same act as POST /v1/reports, and safe to repeat without a key."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.severity import Severity
from app.reports.models import Report
from tests.app.legacy.old_clients import PASSWORD, decoded, floods_of, registered, report, string_map


def stored(client: FlaskClient, **wanted: Any) -> str:
    """The address of the report that was stored, or found."""
    answer = report(client, **wanted)
    assert (answer.status_code, string_map(answer)) == (201, {"message": "Flood reported successfully"})
    return answer.headers["Location"]


def test_flood_is_stored_as_a_report_of_its_account(client: FlaskClient) -> None:
    registered(client)

    address = stored(client, severity=4, radius=99.6)

    found = client.get(address).json
    assert {name: found[name] for name in ("radius_m", "severity", "title", "description", "status")} == {
        "radius_m": 100,
        "severity": "severe",
        "title": "Water in the road",
        "description": "Up to the kerb",
        "status": "pending",
    }
    pair = client.post("/v1/tokens", json={"username": "bob", "password": PASSWORD}).json
    own = client.get("/v1/me/reports", headers={"Authorization": f"Bearer {pair['access_token']}"}).json
    assert [item["links"]["self"] for item in own["items"]] == [address]


def test_others_see_the_place_on_the_grid_only(client: FlaskClient) -> None:
    registered(client)

    address = stored(client, gps_latitude=51.50041, gps_longitude=-0.12463)

    found = client.get(address).json
    assert (found["location"], found["location_precision"]) == ({"lat": 51.5, "lon": -0.125}, "grid")


@pytest.mark.parametrize(("number", "word"), list(enumerate(Severity, 1)))
def test_old_numbers_are_the_words_in_their_order(client: FlaskClient, number: int, word: str) -> None:
    registered(client)

    assert client.get(stored(client, severity=number)).json["severity"] == word
    assert [flood["severity"] for flood in floods_of(client.get("/view_floods"))] == [number]


@pytest.mark.parametrize(("title", "description"), [("", ""), ("   ", "  ")])
def test_empty_texts_are_taken_as_ever(client: FlaskClient, title: str, description: str) -> None:
    registered(client)

    found = client.get(stored(client, title=title, description=description)).json

    assert (found["title"], found["description"]) == (None, None)


def test_same_flood_again_within_ten_minutes_is_one_report(client: FlaskClient, noon: Any) -> None:
    registered(client)
    noon.shift(9 * 60)
    addresses = [stored(client)]

    for _ in range(3):  # the second one falls into the next ten minutes of the clock
        noon.shift(3 * 60)
        addresses.append(stored(client))

    assert len(set(addresses)) == 1
    assert len(decoded(client.get("/view_floods"))) == 1


def test_same_flood_after_ten_minutes_is_another_report(client: FlaskClient, noon: Any) -> None:
    registered(client)

    first = stored(client)
    noon.shift(10 * 60)
    second = stored(client)
    noon.shift(5 * 60)

    assert first != second
    assert stored(client) == second


@pytest.mark.parametrize("wanted", [{"title": "Higher"}, {"gps_latitude": 51.6}, {"severity": 4}, {"username": "eve"}])
def test_another_flood_or_another_person_is_another_report(client: FlaskClient, wanted: dict[str, Any]) -> None:
    registered(client)
    registered(client, "eve")

    assert stored(client) != stored(client, **wanted)


def test_same_flood_sent_many_times_at_once_is_one_report(dynoxide_client: FlaskClient) -> None:
    registered(dynoxide_client)

    with ThreadPoolExecutor(4) as fingers:
        answers = list(fingers.map(lambda _: report(dynoxide_client.application.test_client()), range(8)))

    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(floods_of(dynoxide_client.get("/view_floods"))) == 1


def test_lost_reply_is_repaired_by_sending_again(client: FlaskClient, noon: Any) -> None:
    registered(client)
    report(client)  # its reply is lost

    address = stored(client)

    assert Report.find(address.rpartition("/")[2]).version == 1
