"""Steps of the story: what neighbours and responders do with a report, by the deployed functions."""

from collections.abc import Callable
from typing import Any

from tests.deploy.cloud import Cloud
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Functions


def stored(cloud: Cloud, report_id: str) -> dict[str, Any]:
    """Return the row of a report, as the database gives it."""
    found = cloud.clients("dynamodb").get_item(TableName=f"{PREFIX}-reports", Key={"id": {"S": report_id}})
    return dict(found["Item"])


def store_latitude(cloud: Cloud, report_id: str, value: dict[str, str]) -> None:
    """Write a latitude into the row of a report, whatever it is."""
    cloud.clients("dynamodb").update_item(
        TableName=f"{PREFIX}-reports",
        Key={"id": {"S": report_id}},
        UpdateExpression="SET lat = :lat",
        ExpressionAttributeValues={":lat": value},
    )


def with_latitude(report_id: str, value: dict[str, str]) -> Callable[[dict[str, Any]], None]:
    """Return what puts a latitude into the records of one report; others stay as they are."""

    def spoil(record: dict[str, Any]) -> None:
        if record["dynamodb"]["Keys"]["id"]["S"] == report_id:
            record["dynamodb"]["NewImage"]["lat"] = value

    return spoil


def vote_and_flag(functions: Functions, report_id: str) -> None:
    """Let a visitor vote on a report and flag it; the stream's function brings both to the report."""
    neighbour = {"Authorization": f"Bearer {functions.request('POST', '/v1/visitors').body['visitor_token']}"}
    report = f"/v1/reports/{report_id}"
    voted = functions.request("PUT", f"{report}/votes", {"condition": "flooded"}, **neighbour)
    flagged = functions.request("POST", f"{report}/flags", {"reason": "other"}, **neighbour)
    handed = functions.deliver_stream("vote_changed")

    assert (voted.status, voted.body["votes"]["flooded"], flagged.status) == (200, 2, 204)
    assert handed >= 2
    assert functions.request("GET", report).body["votes"]["flooded"] == 2


def hold_decide_and_undo(functions: Functions, report_id: str, username: str, password: str) -> None:
    """Let an admin read the queue, hold a report, verify it and undo that."""
    pair = functions.request("POST", "/v1/tokens", {"username": username, "password": password}).body
    chief = {"Authorization": f"Bearer {pair['access_token']}"}
    path = f"/v1/reports/{report_id}/verification"
    queue = functions.request("GET", "/v1/review/queue", **chief)
    held = functions.request("PUT", f"/v1/review/holds/{report_id}", **chief)
    said = {"decision": "verified", "reason": "seen_by_staff"}
    decided = functions.request("PUT", path, said, If_Match='"v1"', **chief)
    undone = functions.request("DELETE", path, If_Match='"v2"', **chief)

    assert [answer.status for answer in (queue, held, decided, undone)] == [200, 200, 200, 200]
    assert (decided.body["status"], undone.body["status"]) == ("verified", "pending")
    _copy_what_was_done(functions, chief)


def _copy_what_was_done(functions: Functions, chief: dict[str, str]) -> None:
    """Let the stream's function copy the audit rows, twice; each has one object, and the admin reads the same rows."""
    handed = functions.deliver_stream("audit_changed")
    functions.read.clear()
    again = functions.deliver_stream("audit_changed")
    bucket = functions.cloud.outputs(PREFIX)["AuditBucketName"]
    copies = functions.cloud.clients("s3").list_object_versions(Bucket=bucket)["Versions"]
    listed = functions.request("GET", "/v1/admin/audit?limit=100", **chief)

    assert again == handed == len(copies) == len(listed.body["items"]) >= 3
    assert {key.split("/")[1] for key in (one["Key"] for one in copies)} == {act["id"] for act in listed.body["items"]}
    assert {"staff.signed_in", "report.verified", "report.undone"} <= {act["action"] for act in listed.body["items"]}
