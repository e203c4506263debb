"""Steps of the story: all tables are backed up, destroyed and brought back, and who left in between stays erased."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.deploy.cli import Service
from tests.deploy.cloud import Cloud
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Functions
from tests.deploy.read_back import faults_of

Rows = dict[str, list[str]]
LEAVER = {"username": "moved-away", "password": "a dry november evening"}
REPORT = {"location": {"lat": 51.0435, "lon": -2.827}, "depth_cm": 20, "title": "Said by one who left"}


def lose_everything_and_bring_it_back(functions: Functions, service: Service, cloud: Cloud) -> None:
    """Drill of docs/operations.md, 8: an account deleted after the backup does not come back."""
    account, report, wanted = _back_up(functions, service, cloud)
    at_backup, until = _rows(cloud), datetime.now(UTC)
    gone = functions.request("DELETE", "/v1/me", {"password": LEAVER["password"]}, **wanted)
    at_the_end = _rows(cloud)
    _destroy(cloud)

    restored = service.python("infra.backups", "restore", "--prefix", PREFIX, "--until", until.isoformat())

    assert (gone.status, restored.code) == (204, 0), restored.text
    assert _rows(cloud) == at_backup | {f"{PREFIX}-tokens": at_the_end[f"{PREFIX}-tokens"]}
    assert [fault for fault in faults_of(cloud.resources(PREFIX)) if "Table" in fault] == []
    assert account in json.dumps(_rows(cloud)[f"{PREFIX}-accounts"]), "the backup had the account"
    _erase_again(functions, service, cloud, account, report)


def _back_up(functions: Functions, service: Service, cloud: Cloud) -> tuple[str, str, dict[str, str]]:
    """Let a person file a report, then back everything up; return the account, the report and the sign-in."""
    account = functions.request("POST", "/v1/accounts", LEAVER).body["id"]
    token = functions.request("POST", "/v1/tokens", LEAVER).body["access_token"]
    who = {"Authorization": f"Bearer {token}"}
    filed = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="report-of-one-who-left", **who)
    for table, rows in _rows(cloud).items():
        if not rows:
            _put_a_row(cloud, table)
    made = service.python("infra.backups", "make", "--prefix", PREFIX)
    assert made.code == 0, made.text
    assert [table for table, rows in _rows(cloud).items() if not rows] == [], "an empty table proves nothing"
    return account, filed.body["id"], who


def _erase_again(functions: Functions, service: Service, cloud: Cloud, account: str, report: str) -> None:
    # An earlier step has left a message in it that can never be handled.
    sqs = cloud.clients("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{PREFIX}-erasures")["QueueUrl"])
    said = service.python("infra.restored", "erase", "--live", f"{PREFIX}-reports")
    while functions.messages_in("erasures"):
        assert functions.deliver_queue("erase_accounts") == []

    assert "1 of their accounts had come back" in said.text
    left = [(table, row) for table, rows in _rows(cloud).items() for row in rows if account in row]
    assert [(table, json.loads(row)["id"]) for table, row in left] == [(f"{PREFIX}-tokens", {"S": f"gone:{account}"})]
    assert functions.request("POST", "/v1/tokens", LEAVER).status == 401
    assert functions.request("GET", f"/v1/reports/{report}").body["title"] is None
    assert functions.request("POST", "/v1/accounts", LEAVER).status == 201, "the name is free"


def _rows(cloud: Cloud) -> Rows:
    """Every row of every table, item by item."""
    client = cloud.clients("dynamodb")
    names = [name for name in client.list_tables()["TableNames"] if name.startswith(f"{PREFIX}-")]
    pages = {name: client.get_paginator("scan").paginate(TableName=name) for name in names}
    return {
        name: sorted(json.dumps(row, sort_keys=True, default=_plain) for page in pages[name] for row in page["Items"])
        for name in names
    }


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else bytes(value).hex()


def _put_a_row(cloud: Cloud, table: str) -> None:
    client = cloud.clients("dynamodb")
    described = client.describe_table(TableName=table)["Table"]
    kinds = {one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]}
    keys = [part["AttributeName"] for part in described["KeySchema"]]
    client.put_item(TableName=table, Item={name: {kinds[name]: "1"} for name in keys})


def _destroy(cloud: Cloud) -> None:
    client = cloud.clients("dynamodb")
    for name in _rows(cloud):
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)
    assert _rows(cloud) == {}
