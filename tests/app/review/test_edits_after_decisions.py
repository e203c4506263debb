"""A reporter's edit of a report that a responder has verified: what makes it wait again, and what does not."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.queueing import Responder
from tests.reporting import bearer, filed

TOLD: dict[str, Any] = {
    "location": {"lat": 51.50041, "lon": -0.12463},
    "place": "home",
    "severity": "moderate",
    "depth_cm": 40,
    "title": "Water in the road",
    "description": "Up to the kerb.",
}


@pytest.fixture
def responder(client: FlaskClient, noon: Any) -> Responder:
    return Responder(client)


def verify(responder: Responder, report: dict[str, Any], **corrections: Any) -> None:
    body = {"decision": "verified", "reason": "seen_by_staff", "corrections": corrections}
    headers = responder.headers | {"If-Match": '"v1"'}
    answer = responder.client.put(f"/v1/reports/{report['id']}/verification", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def edit(client: FlaskClient, report: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Send an edit over the present version; return the report as its reporter then sees it."""
    path, token = f"/v1/reports/{report['id']}", bearer(report["edit_token"])
    matched = token | {"If-Match": client.get(path, headers=token).headers["ETag"]}
    answer = client.patch(path, json=values, headers=matched)
    assert answer.status_code == 200, answer.text
    shown = client.get(path, headers=token).json
    assert isinstance(shown, dict)
    return shown


def test_the_same_values_again_leave_a_report_verified(client: FlaskClient, responder: Responder) -> None:
    report = filed(client, **TOLD)
    verify(responder, report)

    for values in ({"severity": "moderate"}, {"title": "Water in the road"}, TOLD, {"radius_m": 80}):
        after = edit(client, report, **values)
        assert (after["status"], after["confidence"]["level"]) == ("verified", "high"), values


@pytest.mark.parametrize(
    "values",
    [{"severity": "minor"}, {"depth_cm": 41}, {"title": None}, {"description": "Over it."}, {"place": "public"}],
)
def test_one_other_value_makes_it_wait_again(client: FlaskClient, responder: Responder, values: dict[str, Any]) -> None:
    report = filed(client, **TOLD)
    verify(responder, report)

    after = edit(client, report, **(TOLD | values))

    assert (after["status"], after["verification"], after["confidence"]["level"]) == ("pending", None, "low")


def test_the_reporters_own_words_again_leave_verification_and_correction(
    client: FlaskClient, responder: Responder
) -> None:
    report = filed(client, **TOLD)
    moved = {"lat": 51.5101, "lon": -0.12}
    verify(responder, report, severity="severe", title="Water in High Street", location=moved)

    after = edit(client, report, **TOLD)

    assert after["status"] == "verified"
    assert (after["severity"], after["title"]) == ("severe", "Water in High Street")
    assert after["location"] == moved
    assert after["original"] == {name: TOLD[name] for name in ("severity", "title", "location")}


def test_other_words_than_the_own_ones_replace_the_correction_of_that_field_alone(
    client: FlaskClient, responder: Responder
) -> None:
    report = filed(client, **TOLD)
    verify(responder, report, severity="severe", title="Water in High Street")

    after = edit(client, report, severity="extreme", title=TOLD["title"])

    assert (after["status"], after["severity"], after["title"]) == ("pending", "extreme", "Water in High Street")
    assert after["original"] == {"title": TOLD["title"]}


def test_who_takes_a_responders_word_over_has_said_something_else_than_before(
    client: FlaskClient, responder: Responder
) -> None:
    report = filed(client, **TOLD)
    verify(responder, report, severity="severe")

    after = edit(client, report, severity="severe")

    assert (after["status"], after["severity"], after.get("original")) == ("pending", "severe", None)
