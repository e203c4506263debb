"""`place: area`: a home that stands alone is shown to others on a grid of 0.01 degrees, and never as more exact."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.unlink_account import unlink_reports
from tests.factories import count_inside, make_report, sign_in_as, tell_consumer
from tests.warning_making import announce_at, square

BROWSER = {"Accept": "text/html"}
DOOR = {"lat": 51.50417, "lon": -0.12683}
ON_GRID = {"lat": 51.5, "lon": -0.13}
NEAR = "lat=51.5&lon=-0.13&radius_km=2"
STREET = square(-0.131, 51.499, side=0.002)  # over the grid's point, not over the door


@pytest.fixture
def resident(client: FlaskClient) -> dict[str, str]:
    return sign_in_as()


@pytest.fixture
def filed(client: FlaskClient, resident: dict[str, str]) -> dict[str, Any]:
    body = {"location": DOOR, "severity": "moderate", "place": "area"}
    answer = client.post("/v1/reports", json=body, headers=resident | {"Idempotency-Key": "a-home-that-stands-alone"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def test_its_reporter_sees_the_door_and_others_a_kilometre(
    client: FlaskClient, filed: dict[str, Any], resident: dict[str, str]
) -> None:
    own = client.get(f"/v1/reports/{filed['id']}", headers=resident).json
    others = client.get(f"/v1/reports/{filed['id']}").json

    assert (filed["location"], own["location"], own["location_precision"]) == (DOOR, DOOR, "exact")
    assert (others["location"], others["location_precision"]) == (ON_GRID, "area")


def test_no_list_or_page_holds_the_door(client: FlaskClient, filed: dict[str, Any]) -> None:
    paths = [
        "/v1/reports?",
        "/v1/reports.geojson?",
        "/v1/reports.csv?",
        "/v1/nearby?",
        "/?",
        f"/reports/{filed['id']}?",
    ]
    texts = [client.get(path + NEAR, headers=BROWSER).text for path in paths[4:]]
    texts += [client.get(path + NEAR).text for path in paths[:4]]

    assert all(filed["id"] in text for text in texts)
    for text in texts:
        assert not [shown for shown in ("51.504", "0.126", "0.127") if shown in text]
    [row] = csv.DictReader(io.StringIO(texts[4]))
    assert row["location_precision"] == "area"


@pytest.mark.parametrize("is_consumed", [True, False])
def test_it_may_be_inside_a_street_and_is_counted_in_none(client: FlaskClient, is_consumed: bool) -> None:
    street = announce_at(STREET, "street")
    report = make_report(**DOOR, place="area")
    if is_consumed:
        tell_consumer([report])
    count_inside()

    shown = client.get(f"/v1/reports/{report.id}").json

    assert (shown["warnings"], shown["possible_warnings"]) == ([], [street])
    assert [one["reports_active"] for one in client.get("/v1/warnings").json["items"]] == [0]


def test_map_draws_it_as_an_area(client: FlaskClient, filed: dict[str, Any]) -> None:
    text = client.get(f"/?{NEAR}", headers=BROWSER).text

    entry = text[text.index(f'data-id="{filed["id"]}"') :].split(">")[0]
    assert 'data-radius-m="1000"' in entry
    assert client.get(f"/v1/reports/{filed['id']}").json["radius_m"] == 50


def test_edits_between_the_three_grids_show_what_each_allows(
    client: FlaskClient, filed: dict[str, Any], resident: dict[str, str]
) -> None:
    shown, version = [], 1
    for place in ("home", "area", "public", "area"):
        headers = resident | {"If-Match": f'"v{version}"'}
        assert client.patch(f"/v1/reports/{filed['id']}", json={"place": place}, headers=headers).status_code == 200
        shown.append(client.get(f"/v1/reports/{filed['id']}").json["location"])
        version += 1

    assert shown == [{"lat": 51.504, "lon": -0.127}, ON_GRID, DOOR, ON_GRID]


def test_what_is_left_of_it_without_its_account_is_as_coarse(client: FlaskClient) -> None:
    report = make_report(**DOOR, place="area", account_id="acc_gone")

    assert unlink_reports("acc_gone", goes_on=lambda done: True, keeps_texts=True)

    shown = client.get(f"/v1/reports/{report.id}").json
    assert (shown["location"], shown["location_precision"]) == (ON_GRID, "area")


def test_form_offers_it(client: FlaskClient) -> None:
    text = client.get("/report", headers=BROWSER).text

    assert 'name="place" value="area"' in text
    assert "Others see it only to within about 1 kilometre." in text
