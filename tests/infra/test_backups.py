"""Tables that are gone come back from their backups with what a restore leaves out; those there stay as they are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import time_machine

from infra import backups
from infra.backups import NoBackup, forget, main, make, restore
from infra.tables import create_tables, delete_tables, table_properties

PREFIX = "floodmanager-drill"
NOUNS = [table["TableName"].removeprefix(f"{PREFIX}-") for table in table_properties(PREFIX)]
REPORTS, TOKENS = f"{PREFIX}-reports", f"{PREFIX}-tokens"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def client(cloud: Any) -> Iterator[Any]:
    create_tables(cloud, PREFIX)
    yield cloud
    for name in [table["TableName"] for table in table_properties(PREFIX)]:
        if name in cloud.list_tables()["TableNames"]:
            cloud.update_table(TableName=name, DeletionProtectionEnabled=False)
    delete_tables(cloud, PREFIX)
    for backup in cloud.list_backups()["BackupSummaries"]:
        cloud.delete_backup(BackupArn=backup["BackupArn"])


@pytest.fixture
def _no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables are those of this checkout."""
    monkeypatch.setattr(backups, "_tables", lambda region, prefix: table_properties(prefix))


def put(client: Any, table: str, key: str) -> None:
    client.put_item(TableName=table, Item={"id": {"S": key}})


def keys(client: Any, table: str) -> set[str]:
    return {row["id"]["S"] for row in client.scan(TableName=table)["Items"]} - {"complete"}


def test_every_table_of_the_deployment_is_backed_up(client: Any) -> None:
    make(client, PREFIX)

    names = {one["TableName"] for one in client.list_backups()["BackupSummaries"]}
    assert names == {f"{PREFIX}-{noun}" for noun in NOUNS}


def test_table_that_is_gone_comes_back_with_its_rows_and_settings(client: Any) -> None:
    put(client, REPORTS, "rep_1")
    make(client, PREFIX)
    client.delete_table(TableName=REPORTS)

    lines = restore(client, table_properties(PREFIX))

    table = client.describe_table(TableName=REPORTS)["Table"]
    expiry = client.describe_time_to_live(TableName=REPORTS)["TimeToLiveDescription"]
    recovery = client.describe_continuous_backups(TableName=REPORTS)["ContinuousBackupsDescription"]
    assert [line.partition(" is back as of ")[0] for line in lines] == [REPORTS]
    assert keys(client, REPORTS) == {"rep_1"}
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["DeletionProtectionEnabled"] is True
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "purge_at")
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_table_that_is_there_keeps_its_rows_and_a_second_run_changes_nothing(client: Any) -> None:
    make(client, PREFIX)
    put(client, REPORTS, "rep_since")

    assert (restore(client, table_properties(PREFIX)), restore(client, table_properties(PREFIX))) == ([], [])

    assert keys(client, REPORTS) == {"rep_since"}


def test_a_time_chooses_the_backup_but_departures_come_back_as_they_were_last(client: Any) -> None:
    for hour in range(2):
        with time_machine.travel(MONDAY + timedelta(hours=hour), tick=False):
            put(client, REPORTS, f"rep_{hour}")
            put(client, TOKENS, f"gone:{hour}")
            make(client, PREFIX)
    for name in (REPORTS, TOKENS):
        client.delete_table(TableName=name)

    with time_machine.travel(MONDAY + timedelta(hours=2), tick=False):
        restore(client, table_properties(PREFIX), MONDAY + timedelta(minutes=30))

    assert keys(client, REPORTS) == {"rep_0"}
    assert keys(client, TOKENS) == {"gone:0", "gone:1"}


def test_backups_live_no_longer_than_the_others(client: Any) -> None:
    with time_machine.travel(MONDAY, tick=False):
        make(client, PREFIX)
    client.delete_table(TableName=REPORTS)

    with time_machine.travel(MONDAY + backups.OLDEST + timedelta(hours=1), tick=False):
        with pytest.raises(NoBackup):
            restore(client, table_properties(PREFIX))
        create_tables(client, PREFIX)
        make(client, PREFIX)

    assert len(client.list_backups()["BackupSummaries"]) == len(NOUNS), "one of each, the new ones"
    assert forget(client, PREFIX) == len(NOUNS)
    assert client.list_backups()["BackupSummaries"] == []


def test_without_a_backup_of_one_nothing_is_restored(client: Any) -> None:
    client.create_backup(TableName=REPORTS, BackupName="by-hand")
    for name in (REPORTS, TOKENS):
        client.delete_table(TableName=name)

    with pytest.raises(NoBackup, match=TOKENS):
        restore(client, table_properties(PREFIX))

    assert REPORTS not in client.list_tables()["TableNames"]


@pytest.mark.usefixtures("_no_stack")
def test_the_command_says_what_is_back_and_what_comes_next(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["make", "--prefix", PREFIX]) == 0
    client.delete_table(TableName=REPORTS)

    assert main(["restore", "--prefix", PREFIX]) == 0

    told = capsys.readouterr().out
    assert f"{REPORTS} is back as of" in told
    assert f"Next: .venv/bin/python -m infra.restored erase --live {REPORTS}" in told


@pytest.mark.usefixtures("_no_stack")
def test_a_failure_is_told_and_can_be_repeated(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("dynamodb").delete_table(TableName=REPORTS)

    assert main(["restore", "--prefix", PREFIX]) == 1

    assert f"{REPORTS} is gone, and there is no backup of it. It can be repeated." in capsys.readouterr().err
