"""Filing a report: what is stored, what it is worth by default, and how often it may be done without an account."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from tests.moments import NOON
from tests.reporting import DOOR, file_report, filed, mistakes_of, new_key

MEMBERS = (
    "id location location_precision radius_m severity depth_cm title description status condition observed_at "
    "created_at updated_at expires_at version water_source many_from_one_network connection photo photos reference "
    "warnings links is_disputed confidence votes verification"
).split()
FULL = {
    "location": {"lat": 51.5, "lon": -0.12},
    "radius_m": 120,
    "severity": "severe",
    "depth_cm": 85.5,
    "title": "Water up to the windows",
    "description": "The whole lane.\nIt still rises.",
    "water_source": "river",
    "place": "public",
    "observed_at": "2026-11-21T11:30:00Z",
}


def test_everything_that_was_said_is_answered(client: FlaskClient, noon: Any, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident, **FULL)

    assert {name: report[name] for name in FULL if name != "place"} == {n: v for n, v in FULL.items() if n != "place"}
    assert sorted(report) == sorted(MEMBERS)
    assert report["links"] == {"self": f"/v1/reports/{report['id']}"}


def test_least_report_gets_the_defaults(client: FlaskClient, noon: Any) -> None:
    report = filed(client)

    said = [report[name] for name in ("radius_m", "depth_cm", "title", "description", "water_source", "version")]
    assert said == [50, None, None, None, None, 1]
    assert (report["status"], report["condition"]) == ("pending", "flooded")
    assert {report[name] for name in ("observed_at", "created_at", "updated_at")} == {"2026-11-21T12:00:00Z"}
    assert report["expires_at"] == "2026-11-23T12:00:00Z"


def test_answer_leads_to_the_report(client: FlaskClient) -> None:
    answer = file_report(client)

    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1-exact"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(answer.headers["Location"]).json["id"] == answer.json["id"]


def test_report_is_in_every_list_at_once(client: FlaskClient) -> None:
    report = filed(client)

    pages = [
        client.get(f"/v1/reports{query}").json
        for query in ("", "?lat=51.5&lon=-0.125&radius_km=1", "?since=2026-01-01T00:00:00Z")
    ]
    assert [[item["id"] for item in page["items"]] for page in pages] == [[report["id"]]] * 3


def test_answer_names_no_reporter(client: FlaskClient, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident)
    me = client.get("/v1/me", headers=resident).json

    shown = client.get(f"/v1/reports/{report['id']}", headers=resident).text + client.get("/v1/reports").text
    assert me["id"] not in shown
    assert me["username"] not in shown


def test_edit_token_is_for_those_without_an_account(client: FlaskClient, resident: dict[str, str]) -> None:
    assert "edit_token" in filed(client)
    assert "edit_token" not in filed(client, headers=resident)


@pytest.mark.parametrize(
    ("depth_cm", "severity"),
    [(0, "minor"), (9, "minor"), (9.9, "minor"), (10, "moderate"), (70, "moderate"), (70.1, "severe"), (71, "severe"),
     (150, "severe"), (150.5, "extreme"), (151, "extreme"), (1000, "extreme")],
)  # fmt: skip
def test_depth_stands_for_a_severity(client: FlaskClient, depth_cm: float, severity: str) -> None:
    body = {"location": DOOR, "depth_cm": depth_cm}

    report = client.post("/v1/reports", json=body, headers={"Idempotency-Key": new_key()}).json

    assert (report["severity"], report["depth_cm"]) == (severity, depth_cm)


def test_severity_judges_the_depth_that_is_shown(client: FlaskClient) -> None:
    body = {"location": DOOR, "depth_cm": 9.99999}

    report = client.post("/v1/reports", json=body, headers={"Idempotency-Key": new_key()}).json

    assert (report["depth_cm"], report["severity"]) == (10.0, "moderate")


@pytest.mark.parametrize("depth_cm", [1e-320, 1e-200, -0.0])
def test_depth_of_next_to_nothing_is_none(dynoxide_client: FlaskClient, depth_cm: float) -> None:
    """The database takes no number below 1e-130."""
    answer = file_report(dynoxide_client, depth_cm=depth_cm)

    assert (answer.status_code, str(answer.json["depth_cm"])) == (201, "0")


@pytest.mark.parametrize("said", [{}, {"depth_cm": None}])
def test_severity_or_depth_is_needed(client: FlaskClient, said: dict[str, Any]) -> None:
    body = {"location": DOOR} | said

    answer = client.post("/v1/reports", json=body, headers={"Idempotency-Key": new_key()})

    assert mistakes_of(answer) == {("/severity", "required")}


@pytest.mark.parametrize("word", ["unknown", "minor", "moderate", "severe", "extreme"])
def test_own_word_wins_over_the_depth(client: FlaskClient, word: str) -> None:
    assert filed(client, severity=word, depth_cm=200)["severity"] == word


@pytest.mark.parametrize("ago_ms", [0, -10 * 60_000, 7 * clock.DAY_MS])
def test_observation_may_lie_within_a_week(client: FlaskClient, noon: Any, ago_ms: int) -> None:
    observed = clock.rfc3339(NOON * 1000 - ago_ms)

    assert filed(client, observed_at=observed)["observed_at"] == observed


@pytest.mark.parametrize("ago_ms", [-10 * 60_000 - 1, 7 * clock.DAY_MS + 1, -365 * clock.DAY_MS, 900 * clock.DAY_MS])
def test_observation_beyond_is_refused(client: FlaskClient, noon: Any, ago_ms: int) -> None:
    answer = file_report(client, observed_at=clock.rfc3339(NOON * 1000 - ago_ms))

    assert mistakes_of(answer) == {("/observed_at", "range")}


def test_life_counts_from_the_observation(client: FlaskClient, noon: Any) -> None:
    assert filed(client, observed_at="2026-11-20T13:30:00+05:30")["expires_at"] == "2026-11-22T08:00:00Z"


def test_report_past_its_end_is_stored_but_not_active(client: FlaskClient, noon: Any) -> None:
    report = filed(client, observed_at="2026-11-18T12:00:00Z")

    assert client.get("/v1/reports").json["items"] == []
    assert client.get(f"/v1/reports/{report['id']}").status_code == 200


@pytest.mark.parametrize(("lat", "lon"), [(90, 0), (-90, 180), (0, 180), (0, -180), (1e-320, 5), (85.06, 179.99999)])
def test_every_place_on_the_globe_can_be_flooded(client: FlaskClient, lat: float, lon: float) -> None:
    report = filed(client, location={"lat": lat, "lon": lon}, place="public")

    assert report["location"] == {"lat": round(lat, 5) + 0.0, "lon": lon + 0.0}
    assert "-0.0" not in str(report["location"])
    near = client.get("/v1/reports", query_string={"lat": report["location"]["lat"], "lon": lon, "radius_km": 1}).json
    assert [item["id"] for item in near["items"]] == [report["id"]]


def test_public_place_has_five_decimals(client: FlaskClient) -> None:
    report = filed(client, location={"lat": 51.123456789012344, "lon": -0.1}, place="public")

    assert report["location"] == {"lat": 51.12346, "lon": -0.1}


def test_texts_are_composed_and_trimmed(client: FlaskClient) -> None:
    report = filed(client, title="  Cafe\u0301 under water\u3000", description=" one\r\ntwo\n")

    assert (report["title"], report["description"]) == ("Caf\u00e9 under water", "one\ntwo")


@pytest.mark.parametrize("text", ["  ", "\u200b", "\ufeff \u2060", "\u00ad\u00ad"])
def test_empty_description_is_none_and_empty_title_refused(client: FlaskClient, text: str) -> None:
    assert filed(client, description=text)["description"] is None
    assert mistakes_of(file_report(client, title=text)) == {("/title", "length")}


@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_zero_zero_is_no_place(client: FlaskClient, zero: float) -> None:
    answer = file_report(client, location={"lat": zero, "lon": zero})

    assert (answer.status_code, mistakes_of(answer)) == (422, {("/location", "nowhere")})
    assert file_report(client, location={"lat": 0, "lon": 0.001}).status_code == 201
