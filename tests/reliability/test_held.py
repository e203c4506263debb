"""Every release's data in clients, queues and small tables is accepted by this one (tests/samples/stored/held.md)."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import sessions
from app.reports.models import Report
from handlers import account_changed, erase_accounts
from tests.conftest import PREFIX
from tests.factories import PASSWORD, make_report
from tests.reporting import bearer, filed
from tests.subscribed import confirm, waiting

STORED = Path(__file__).parents[1] / "samples" / "stored"
RELEASES = [folder for folder in sorted(STORED.glob("release-*")) if (folder / "tokens.json").exists()]


class Held:
    """The files of one release."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens = self.read("tokens")

    def token(self, use: str) -> str:
        """Return what a later use of this name was given; skips for a release that had none."""
        if use not in self.tokens:
            pytest.skip(f"{self.folder.name} had no {use}")
        return str(self.tokens[use])

    def read(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))


def as_sent(row: dict[str, Any]) -> dict[str, Any]:
    """A row as boto3 takes it: bytes as bytes."""
    return {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in row.items()}


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def held(request: pytest.FixtureRequest, tables: None) -> Iterator[Held]:
    """Load what a release left in the tables and in files, a minute later."""
    found = Held(request.param)
    client = boto3.client("dynamodb")
    for table, rows in found.read("held_rows").items():
        for row in rows:
            client.put_item(TableName=f"{PREFIX}-{table}", Item=as_sent(row))
    with time_machine.travel(found.tokens["at_s"] + 60, tick=False):
        yield found


def test_there_is_a_release() -> None:
    assert RELEASES


def test_access_token_is_taken(held: Held, client: FlaskClient) -> None:
    answer = client.get("/v1/me", headers=bearer(held.tokens["access"]))

    assert (answer.status_code, answer.json["username"], answer.json["role"]) == (200, "keeper", "resident")


def test_refresh_token_gives_the_next_pair(held: Held, client: FlaskClient) -> None:
    answer = client.post("/v1/tokens/refresh", json={"refresh_token": held.tokens["refresh"]})

    assert answer.status_code == 200
    assert client.get("/v1/me", headers=bearer(answer.json["access_token"])).status_code == 200


def test_password_still_signs_in(held: Held, client: FlaskClient) -> None:
    answer = client.post("/v1/tokens", json={"username": "Keeper", "password": PASSWORD})

    assert answer.status_code == 200
    assert client.post("/v1/accounts", json={"username": "keeper", "password": PASSWORD}).status_code == 409


def test_edit_token_edits_its_report_here_and_on_its_page(held: Held, client: FlaskClient) -> None:
    report_id, token = held.tokens["edited_report"], held.tokens["edit"]
    headers = bearer(token) | {"If-Match": '"v1"'}

    assert client.patch(f"/v1/reports/{report_id}", json={"depth_cm": 12}, headers=headers).status_code == 200
    assert client.get(f"/reports/{report_id}/edit?token={token}").status_code == 200


def test_cookie_of_the_pages_is_taken(held: Held, client: FlaskClient) -> None:
    client.set_cookie(sessions.cookie_name(), held.tokens["session"])

    answer = client.get("/me")

    assert (answer.status_code, "keeper" in answer.text) == (200, True)


def test_form_that_was_open_is_filed_once(held: Held, client: FlaskClient) -> None:
    client.set_cookie(sessions.cookie_name(), held.tokens["session"])
    typed = {name.removeprefix("form_"): text for name, text in held.tokens.items() if name.startswith("form_")}
    typed |= {"step": "send", "lat": "51.5", "lon": "-0.12", "radius_m": "50", "where": "51.5, -0.12", "water": "knee"}
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}

    answers = [client.post("/report", data=typed | {"place": "public"}, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert "token" not in answers[0].json["sent"]  # the account's, which had begun the form


def test_token_of_a_visitor_gives_one_vote(held: Held, client: FlaskClient) -> None:
    neighbour = bearer(held.token("visitor"))
    path = f"/v1/reports/{held.tokens['edited_report']}/votes"

    answers = [client.put(path, json={"condition": "flooded"}, headers=neighbour) for _ in range(2)]

    assert [(answer.status_code, answer.json["votes"]["flooded"]) for answer in answers] == [(200, 2), (200, 2)]


def test_key_of_a_program_files(held: Held, client: FlaskClient) -> None:
    report = filed(client, headers=bearer(held.token("api_key")), key="a-report-of-a-gauge-0001", title="By a gauge")

    own = client.get("/v1/me/reports", headers=bearer(held.tokens["access"])).json["items"]
    assert report["id"] in [item["id"] for item in own]


def test_alerts_go_on_by_the_link_in_every_message(held: Held, client: FlaskClient) -> None:
    link, path = bearer(held.token("alerts_manage")), f"/v1/subscriptions/{held.token('alerts')}"

    assert client.get(path, headers=link).json["state"] == "active"
    assert client.delete(path, headers=link).status_code == 204


def test_alerts_that_were_asked_for_are_confirmed_by_their_link(held: Held, client: FlaskClient) -> None:
    assert waiting(client, held.token("alerts_confirm")) == [held.token("alerts_asked")]
    assert confirm(client, held.token("alerts_confirm"), held.token("alerts_asked")).state == "active"


def test_cursor_leads_where_it_led(held: Held, client: FlaskClient) -> None:
    browser = client.application.test_client()
    browser.set_cookie(sessions.cookie_name(), held.tokens["session"])
    for kept in held.read("cursors"):
        mark = "&" if "?" in kept["path"] else "?"
        address = f"{kept['path']}{mark}cursor={kept['cursor']}"
        if kept["path"] == "/me":
            text = browser.get(address).text
            assert all(report_id in text for report_id in kept["ids"]), address
            continue
        headers = bearer(held.tokens["access"]) if "/me/" in address else {}
        answer = client.get(address, headers=headers)
        assert (answer.status_code, [item["id"] for item in answer.json["items"]]) == (200, kept["ids"]), address


def test_erasure_that_waited_is_done(held: Held) -> None:
    messages = held.read("messages")
    report = make_report(account_id=messages["account_removed"]["dynamodb"]["Keys"]["id"]["S"])
    records = [{"messageId": "m1", "eventSource": "aws:sqs", "body": body} for body in messages["erasure"]]

    answer = erase_accounts.handler({"Records": records}, None)

    left = Report.find(report.id)
    assert left is not None
    assert (answer, left.account_id) == ({"batchItemFailures": []}, None)


def test_record_of_a_removed_account_is_read(held: Held, queues: Callable[[str], list[str]]) -> None:
    record = held.read("messages")["account_removed"]

    assert account_changed.handler({"Records": [record]}, None) == {"batchItemFailures": []}
    assert queues("account-changes-dead-letters") == []


def test_outline_of_an_area_is_drawn(held: Held, client: FlaskClient) -> None:
    areas = client.get("/v1/areas").json["items"]

    for area in areas:
        assert client.get(f"/v1/areas/{area['id']}.geojson").json["geometry"]["type"] == "Polygon"
    assert areas
