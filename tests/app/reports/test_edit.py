"""Editing a report: by its reporter only, of the version that was read, while it is open."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import sign_in_as
from tests.reporting import DOOR, DOOR_ON_GRID, bearer, file_report, filed, mistakes_of

DAY_S = 24 * 3600


def edit(
    client: FlaskClient, report: dict[str, Any], headers: dict[str, str], match: str = "", **said: Any
) -> TestResponse:
    """PATCH; of the report's own version unless `match` says otherwise."""
    condition = {"If-Match": match or f'"v{report["version"]}"'}
    return client.patch(f"/v1/reports/{report['id']}", json=said, headers=headers | condition)


@pytest.fixture
def mine(client: FlaskClient, resident: dict[str, str]) -> dict[str, Any]:
    return filed(client, headers=resident, title="Before", water_source="sewer")


@pytest.mark.parametrize(
    "said",
    [
        {"title": "After"},
        {"title": None},
        {"description": "More\nto say"},
        {"radius_m": 5000},
        {"severity": "extreme"},
        {"depth_cm": 12.5},
        {"water_source": "unknown"},
        {"water_source": None},
        {"location": {"lat": -33.9, "lon": 151.2}},
        {"title": "After", "severity": "minor", "radius_m": 1},
    ],
    ids="-".join,
)
def test_what_is_said_changes_and_all_else_stays(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], said: dict[str, Any]
) -> None:
    answer = edit(client, mine, resident, **said)

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v2-exact"')
    assert answer.headers["Cache-Control"] == "private, no-store"
    # What is known to kilometres only also says which warnings may be over it.
    derived = {"version": 2, "updated_at": ""} | ({"possible_warnings": []} if said.get("radius_m") == 5000 else {})
    derived["confidence"] = answer.json["confidence"]  # a depth may speak for the severity
    assert answer.json | {"updated_at": ""} == mine | said | derived
    assert client.get(f"/v1/reports/{mine['id']}", headers=resident).json == answer.json


def test_edit_shows_in_lists_at_once(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    edit(client, mine, resident, title="After", location={"lat": 10, "lon": 20})

    assert [item["title"] for item in client.get("/v1/reports").json["items"]] == ["After"]
    there, before = ("?lat=10&lon=20&radius_km=1", f"?lat={DOOR['lat']}&lon={DOOR['lon']}&radius_km=1")
    assert [len(client.get(f"/v1/reports{query}").json["items"]) for query in (there, before)] == [1, 0]


def test_time_of_an_edit_is_kept(client: FlaskClient, noon: Any, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident)
    noon.shift(90)

    edited = edit(client, report, resident, title="Later").json

    assert (edited["created_at"], edited["updated_at"]) == ("2026-11-21T12:00:00Z", "2026-11-21T12:01:30Z")


def test_new_observation_gives_a_new_life(client: FlaskClient, noon: Any, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident)

    edited = edit(client, report, resident, observed_at="2026-11-21T06:00:00Z").json

    assert edited["expires_at"] == "2026-11-23T06:00:00Z"
    assert mistakes_of(edit(client, edited, resident, observed_at="2026-11-01T06:00:00Z")) == {
        ("/observed_at", "range")
    }


@pytest.mark.parametrize(
    "match", ['"v1"', '"v1-exact"', 'W/"v1"', 'W/"v1-exact"', "*", '"v7", "v1"', '"x", W/"v1-exact"', "v1"]
)
def test_version_that_was_read_is_edited(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], match: str
) -> None:
    assert edit(client, mine, resident, match=match, title="After").status_code == 200


@pytest.mark.parametrize(
    "match",
    [
        '"v2"',
        '"v0"',
        '"v01"',
        '"v1-coarse"',
        '"1"',
        '"v-1"',
        '""',
        '"v99999999999999999999"',
        "nonsense",
        '"v１"'.encode().decode("latin-1"),
    ],
)
def test_any_other_version_is_not(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], match: str
) -> None:
    answer = edit(client, mine, resident, match=match, title="After")

    assert (answer.status_code, answer.json["type"]) == (412, "/docs/errors/precondition-failed")
    assert client.get(f"/v1/reports/{mine['id']}").json["title"] == "Before"


def test_edit_without_a_version_is_refused(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    answer = client.patch(f"/v1/reports/{mine['id']}", json={"title": "After"}, headers=resident)

    assert (answer.status_code, answer.json["type"]) == (428, "/docs/errors/precondition-required")


def test_second_of_two_edits_of_one_version_is_refused(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]
) -> None:
    statuses = [edit(client, mine, resident, title=title).status_code for title in ("One", "Two")]

    assert statuses == [200, 412]
    assert client.get(f"/v1/reports/{mine['id']}").json["title"] == "One"


def test_edit_that_says_nothing_is_refused(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    assert mistakes_of(edit(client, mine, resident)) == {("", "empty")}


@pytest.mark.parametrize("name", ["location", "place", "severity", "radius_m", "observed_at"])
def test_what_a_report_must_have_cannot_be_null(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], name: str
) -> None:
    for answer in (edit(client, mine, resident, **{name: None}), file_report(client, **{name: None})):
        assert mistakes_of(answer) == {(f"/{name}", "null")}
        assert answer.json["errors"][0]["detail"] == "It must not be null."


@pytest.mark.parametrize(
    "name", ["status", "version", "id", "created_at", "expires_at", "location_precision", "source"]
)
def test_what_is_ours_cannot_be_edited(
    client: FlaskClient, mine: dict[str, Any], resident: dict[str, str], name: str
) -> None:
    assert mistakes_of(edit(client, mine, resident, **{name: mine.get(name, "x")})) == {(f"/{name}", "unknown")}


@pytest.mark.parametrize("role", ["resident", "responder", "admin"])
def test_report_of_another_is_not_found(client: FlaskClient, mine: dict[str, Any], role: str) -> None:
    answer = edit(client, mine, sign_in_as(role), title="After")

    assert (answer.status_code, answer.json["type"]) == (404, "/docs/errors/not-found")


def test_edit_token_edits_its_own_report_only(client: FlaskClient) -> None:
    mine, other = filed(client), filed(client)

    statuses = [edit(client, report, bearer(mine["edit_token"]), title="After").status_code for report in (mine, other)]

    assert statuses == [200, 404]


def test_account_does_not_edit_what_it_filed_without_signing_in(client: FlaskClient, resident: dict[str, str]) -> None:
    assert edit(client, filed(client), resident, title="After").status_code == 404


def test_edit_token_ends_after_a_day(client: FlaskClient, noon: Any) -> None:
    report = filed(client)
    noon.shift(DAY_S - 60)
    in_time = edit(client, report, bearer(report["edit_token"]), title="After")
    noon.shift(120)

    late = edit(client, in_time.json, bearer(report["edit_token"]), title="Too late")

    assert (in_time.status_code, late.status_code) == (200, 401)
    assert late.headers["WWW-Authenticate"].startswith("Bearer")


def test_stranger_is_asked_to_sign_in(client: FlaskClient, mine: dict[str, Any]) -> None:
    assert edit(client, mine, {}, title="After").status_code == 401


def test_withdrawn_report_is_closed(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    client.delete(f"/v1/reports/{mine['id']}", headers=resident)

    answer = edit(client, mine, resident, match="*", title="After")

    assert (answer.status_code, answer.json["type"]) == (409, "/docs/errors/conflict")


def test_derived_severity_follows_the_depth(client: FlaskClient, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident, severity="minor", depth_cm=5)
    derived = filed(client, headers=resident, depth_cm=5) | {"severity": "minor"}
    assert edit(client, report, resident, depth_cm=200).json["severity"] == "minor"

    body = {"location": DOOR, "depth_cm": 5}
    derived = client.post("/v1/reports", json=body, headers=resident | {"Idempotency-Key": "derived-one"}).json
    deeper = edit(client, derived, resident, depth_cm=200).json
    unknown = edit(client, deeper, resident, depth_cm=None).json
    own = edit(client, unknown, resident, severity="severe").json

    assert [each["severity"] for each in (derived, deeper, unknown, own)] == ["minor", "extreme", "unknown", "severe"]
    assert edit(client, own, resident, depth_cm=1).json["severity"] == "severe"


def test_place_can_be_made_coarse_and_exact_again(client: FlaskClient, resident: dict[str, str]) -> None:
    report = filed(client, headers=resident, place="public")
    shown = [client.get(f"/v1/reports/{report['id']}").json["location"]]
    for place in ("home", "public"):
        report = edit(client, report, resident, place=place).json
        shown.append(client.get(f"/v1/reports/{report['id']}").json["location"])
        assert report["location"] == DOOR

    assert shown == [DOOR, DOOR_ON_GRID, DOOR]


def test_new_place_of_a_home_is_coarse_too(client: FlaskClient, mine: dict[str, Any], resident: dict[str, str]) -> None:
    edit(client, mine, resident, location={"lat": 10.00049, "lon": 20.00049})

    assert client.get(f"/v1/reports/{mine['id']}").json["location"] == {"lat": 10.0, "lon": 20.0}


def test_unknown_report_is_not_found(client: FlaskClient, resident: dict[str, str]) -> None:
    assert edit(client, {"id": f"rep_{'a' * 26}", "version": 1}, resident, title="After").status_code == 404
