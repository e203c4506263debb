"""Times of reports: to the minute for others, exact for the reporter; lists go on by the exact ones."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import make_report, sign_in_as
from tests.moments import NOON

BROWSER = {"Accept": "text/html"}
MOMENT_MS = NOON * 1000 + 34_567
CUT, EXACT = "2026-11-21T12:00:00Z", "2026-11-21T12:00:34.567Z"
TIMES = ("observed_at", "created_at", "updated_at")


@pytest.fixture
def client_at_a_moment(client: FlaskClient, noon: Any) -> FlaskClient:
    noon.shift(34.567)
    return client


def test_others_see_the_minute_in_every_form(client_at_a_moment: FlaskClient, noon: Any) -> None:
    client = client_at_a_moment
    report = make_report()
    noon.shift(60)

    texts = [client.get(path).text for path in ("/v1/reports", "/v1/reports.geojson", f"/v1/reports/{report.id}")]
    texts += [client.get(path).text for path in ("/v1/nearby?lat=51.5&lon=-0.12", "/v1/reports.csv")]
    texts += [client.get(path, headers=BROWSER).text for path in ("/?lat=51.5&lon=-0.12", f"/reports/{report.id}")]

    assert all(report.id in text for text in texts)
    assert not [text for text in texts if "12:00:34" in text]
    [row] = csv.DictReader(io.StringIO(texts[4]))
    assert [row[name] for name in TIMES] == [CUT] * 3
    assert client.get(f"/v1/reports/{report.id}").json["expires_at"] == "2026-11-23T12:00:00Z"


def test_the_reporter_sees_the_exact_times(client_at_a_moment: FlaskClient) -> None:
    client, headers = client_at_a_moment, sign_in_as()
    body = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor"}

    filed = client.post("/v1/reports", json=body, headers=headers | {"Idempotency-Key": "to-the-millisecond"}).json
    read = client.get(f"/v1/reports/{filed['id']}", headers=headers).json
    [own] = client.get("/v1/me/reports", headers=headers).json["items"]

    assert [[told[name] for name in TIMES] for told in (filed, read, own)] == [[EXACT] * 3] * 3
    assert client.get(f"/v1/reports/{filed['id']}").json["created_at"] == CUT


def test_order_and_pages_follow_the_exact_times(client_at_a_moment: FlaskClient) -> None:
    client = client_at_a_moment
    made = [make_report(created_ms=MOMENT_MS - 1000 * number).id for number in range(5)]

    ids, address = [], "/v1/reports?limit=2"
    while address:
        page = client.get(address).json
        ids += [item["id"] for item in page["items"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")

    assert ids == made


def test_tombstone_tells_the_minute_too(client_at_a_moment: FlaskClient) -> None:
    client, headers = client_at_a_moment, sign_in_as()
    body = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor"}
    filed = client.post("/v1/reports", json=body, headers=headers | {"Idempotency-Key": "gone-in-a-moment-or-two"}).json
    client.delete(f"/v1/reports/{filed['id']}", headers=headers | {"If-Match": '"v1"'})

    [gone] = client.get("/v1/reports?updated_since=2026-11-21T11:00:00Z").json["items"]

    assert (gone["gone"], gone["updated_at"]) == (True, CUT)
