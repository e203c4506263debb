"""The calls of the two shipped phone clients, in their order, decoded by rules as strict as theirs.

floodreporter decodes each answer to a POST as a map of text to text, and compares sentences. FloodWarnings decodes
signing in as a required `message`, and takes any `message` of a report for a success. Both ignore the status.
"""

from typing import Any

from flask.testing import FlaskClient

from tests.app.legacy.old_clients import decoded, flood_body, floods_of, string_map

# URLSession sends these; a body it makes of numbers and text, so 100.0 goes out as 100.
IOS = {"Accept": "*/*", "Accept-Language": "en-GB,en;q=0.9", "User-Agent": "FloodWarnings/1 CFNetwork/1568 Darwin/24"}
PERSON = {"first_name": "Bob", "last_name": "Smith", "email": "bob@example.org", "postcode": "M1 1AA"}
SECRET = "a wet november evening"


def login_response(said: dict[str, Any]) -> str:
    """FloodWarnings' LoginResponse: `message` required text, `user_id` a whole number if there."""
    assert isinstance(said["message"], str)
    assert type(said.get("user_id", 0)) is int
    return str(said["message"])


def test_floodreporter_registers_signs_in_reports_and_sees_it(client: FlaskClient) -> None:
    credentials = {"username": "bob", "password": SECRET}
    flood = flood_body(radius=250, severity=5)

    registering = string_map(client.post("/register", json=PERSON | credentials, headers=IOS))
    signing_in = string_map(client.post("/authenticate", json=credentials, headers=IOS))
    reporting = string_map(client.post("/report_flood", json=flood, headers=IOS))
    seen = floods_of(client.get("/view_floods", headers=IOS))

    assert registering["message"] == "User registered successfully"
    assert signing_in["message"] == "Login successful"
    assert reporting["message"] in ("Flood reported successfully", "Flood report added successfully")
    assert [(flood["severity"], flood["radius"], flood["title"]) for flood in seen] == [(5, 250, "Water in the road")]


def test_floodwarnings_registers_signs_in_reports_and_sees_it(client: FlaskClient) -> None:
    credentials = {"username": "Bob", "password": SECRET}

    registering = decoded(client.post("/register", json=credentials, headers=IOS))
    signing_in = decoded(client.post("/authenticate", json=credentials, headers=IOS))
    reporting = string_map(client.post("/report_flood", json=flood_body(username="Bob"), headers=IOS))
    seen = floods_of(client.get("/view_floods", headers=IOS))

    assert registering.get("message") == "User registered successfully"
    assert login_response(signing_in) == "Login successful"
    assert "message" in reporting
    assert [flood["description"] for flood in seen] == ["Up to the kerb"]


def test_clients_tell_their_users_what_went_wrong(client: FlaskClient) -> None:
    """The clients show only the text under `error`; floodreporter only compares, and must not find a success."""
    answers = [
        client.post("/register", json={"username": "bob", "password": "short"}, headers=IOS),
        client.post("/authenticate", json={"username": "bob", "password": "wrong"}, headers=IOS),
        client.post("/report_flood", json=flood_body(), headers=IOS),
        client.post("/report_flood", json=None, headers=IOS | {"Content-Type": "application/json"}),
    ]

    for answer in answers:
        said = string_map(answer)
        assert "message" not in said
        assert said["error"]


def test_start_page_still_tells_a_client_that_the_service_runs(client: FlaskClient) -> None:
    assert string_map(client.get("/", headers=IOS)) == {"message": "Flood Reporting API is running"}


def test_polling_costs_nothing_while_nothing_changes(client: FlaskClient) -> None:
    first = client.get("/view_floods", headers=IOS)

    again = client.get("/view_floods", headers=IOS | {"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
