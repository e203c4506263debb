"""Reports whose confidence rises and falls in tests: who files them, who stands beside them, what is decided."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import tokens
from app.accounts.models import Account
from tests.factories import make_account, sign_in_as
from tests.followed import Stream
from tests.reporting import file_report, filed

DAY_S = 24 * 3600
HERE = {"lat": 51.5, "lon": -0.125}
BESIDE = {"lat": 51.502, "lon": -0.125}  # 220 m to the north


def make_trusted(client: FlaskClient, noon: Any, stream: Stream) -> Account:
    """An account that had a report verified, eight days ago."""
    account = make_account()
    old = filed(client, headers=signed_in(account), location={"lat": 54.0, "lon": -2.0})
    decide(client, old["id"], decision="verified", reason="seen_by_staff")
    noon.shift(8 * DAY_S)
    stream.run()
    return account


def signed_in(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue_access(account)}"}


def decide(client: FlaskClient, report_id: str, **decision: Any) -> TestResponse:
    """Decide about a report as a responder, or undo the decision in force."""
    headers = sign_in_as("admin")
    headers["If-Match"] = client.get(f"/v1/reports/{report_id}", headers=headers).headers["ETag"]
    path = f"/v1/reports/{report_id}/verification"
    answer = client.put(path, json=decision, headers=headers) if decision else client.delete(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def of_trusted(client: FlaskClient, trusted: dict[str, str], **wanted: Any) -> str:
    return str(filed(client, headers=trusted, location=dict(HERE), place="public", **wanted)["id"])


def by_neighbour(client: FlaskClient, number: int, *, network: int | None = None, **wanted: Any) -> str:
    address = f"30.{network if network is not None else number}.0.1"
    wanted = {"location": dict(BESIDE), "place": "public"} | wanted
    answer = file_report(client, address=address, **wanted)
    assert answer.status_code == 201
    return str(answer.json["id"])


def confidence(client: FlaskClient, report_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/reports/{report_id}")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json["confidence"]
    return told


def reasons(client: FlaskClient, report_id: str) -> dict[str, float]:
    return {reason["code"]: reason["weight"] for reason in confidence(client, report_id)["reasons"]}
