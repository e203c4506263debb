"""Before the index of accounts by role is there, its readers answer 503, and all else works."""

import boto3
from flask.testing import FlaskClient

from tests.conftest import PREFIX
from tests.factories import make_account, sign_in_as


def test_only_what_needs_the_index_waits_for_it(dynoxide_client: FlaskClient) -> None:
    admin, person = sign_in_as("admin"), make_account()
    table, client = f"{PREFIX}-accounts", boto3.client("dynamodb")
    client.update_table(TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by_role"}}])
    own_id = dynoxide_client.get("/v1/me", headers=admin).json["id"]
    end = {"role": "resident", "reason": "duty_ended"}

    listed = dynoxide_client.get("/v1/admin/accounts", headers=admin)
    own_end = dynoxide_client.patch(f"/v1/admin/accounts/{own_id}", headers=admin, json=end)
    raised = dynoxide_client.patch(
        f"/v1/admin/accounts/{person.id}", headers=admin, json={"role": "admin", "reason": "appointed"}
    )

    assert (listed.status_code, own_end.status_code, raised.status_code) == (503, 503, 200)
    assert "Retry-After" in listed.headers
