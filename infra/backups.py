"""Back up all tables of a deployment, and bring back those that are gone.

`python -m infra.backups make --prefix floodmanager-prod` makes a backup of each table now, and deletes those that are
older than backups may be; `forget` deletes all that were made so. `restore` brings each table that is gone back under
its own name, from its newest backup or, with `--until 2026-11-21T02:55:00Z`, the newest of until then; AWS itself makes
one of each table that is deleted. Then it sets what AWS leaves out of a restored table: stream, expiry, recovery,
protection, ceilings. The table of sign-ins always comes back as it was last: its list of departures says who must not
come back (`python -m infra.restored erase`, next). No row of a table that is there is touched, so it is safe to repeat.
Not tried on real AWS.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from app.core import retention
from infra.aws_times import TIMES_OF_TABLES
from infra.indexes import TABLE
from infra.tables import table_properties
from infra.template import deployed_template, of_type

# A restore takes from minutes to hours, whatever the size.
PATIENCE = {"Delay": 20, "MaxAttempts": 6 * 180}
DEPARTURES = "-tokens"
# As long as the others live; people who have left are listed for longer.
OLDEST = timedelta(seconds=retention.BACKUP.seconds)
Properties = dict[str, Any]


class NoBackup(Exception):
    """A table is gone and no backup of it is there. The message names it."""


def make(client: Any, prefix: str) -> list[str]:
    """Make a backup of each table; return their names. Raises botocore's errors."""
    forget(client, prefix, older_than=OLDEST)
    made = []
    for table in table_properties(prefix):
        name = table["TableName"]
        backup = f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        client.create_backup(TableName=name, BackupName=backup)
        made.append(backup)
    return made


def forget(client: Any, prefix: str, *, older_than: timedelta | None = None) -> int:
    """Delete the backups that `make` has made, or older ones alone; return their number. Raises botocore's errors."""
    names = [table["TableName"] for table in table_properties(prefix)]
    now = datetime.now(UTC)
    made = [one for name in names for one in _backups(client, name, "USER")]
    found = [one for one in made if older_than is None or now - one["BackupCreationDateTime"] > older_than]
    for one in found:
        client.delete_backup(BackupArn=one["BackupArn"])
    return len(found)


def restore(client: Any, tables: Sequence[Properties], until: datetime | None = None) -> list[str]:
    """Bring back the tables that are gone, and give each its settings; return a line for each one brought back.

    Raises NoBackup before anything is restored, and botocore's errors.
    """
    there = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    gone = [table["TableName"] for table in tables if table["TableName"] not in there]
    backups = {name: _newest(client, name, None if name.endswith(DEPARTURES) else until) for name in gone}
    for name, backup in backups.items():  # all at once: each takes its time
        client.restore_table_from_backup(TargetTableName=name, BackupArn=backup["BackupArn"])
    for table in tables:
        _settle(client, table)
    return [f"{name} is back as of {one['BackupCreationDateTime']:%Y-%m-%dT%H:%M:%SZ}" for name, one in backups.items()]


def _backups(client: Any, table: str, kind: str = "ALL") -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_backups").paginate(TableName=table, BackupType=kind):
        yield from (one for one in page["BackupSummaries"] if one["BackupStatus"] == "AVAILABLE")


def _newest(client: Any, table: str, until: datetime | None) -> dict[str, Any]:
    """Return a table's newest backup, of until a time; one that is too old to be kept does not count."""
    since = datetime.now(UTC) - OLDEST
    kept = [one for one in _backups(client, table) if one["BackupCreationDateTime"] >= since]
    usable = [one for one in kept if until is None or one["BackupCreationDateTime"] <= until]
    if not usable:
        raise NoBackup(f"{table} is gone, and there is no backup of it{f' from before {until}' if until else ''}.")
    return max(usable, key=lambda one: one["BackupCreationDateTime"])


def _settle(client: Any, table: Properties) -> None:
    """Wait for a table, and set what its description in the template has and the table lacks."""
    name = table["TableName"]
    _await(client, name)
    for change in list(_changes(table, client.describe_table(TableName=name)["Table"])):
        client.update_table(TableName=name, **change)
        _await(client, name)
    wanted = table.get("TimeToLiveSpecification")
    if wanted and client.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get("TimeToLiveStatus") in (
        None,
        "DISABLED",
    ):
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
    recovery = {"PointInTimeRecoveryEnabled": True}
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)


def _await(client: Any, name: str) -> None:
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig=PATIENCE)


def _changes(table: Properties, now: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the changes that the table needs, each for a call of its own."""
    if (stream := table.get("StreamSpecification")) and not now.get("StreamSpecification", {}).get("StreamEnabled"):
        yield {"StreamSpecification": {"StreamEnabled": True, **stream}}
    if (ceiling := table.get("OnDemandThroughput")) and now.get("OnDemandThroughput") != ceiling:
        yield {"OnDemandThroughput": ceiling}
    if table.get("DeletionProtectionEnabled") and not now.get("DeletionProtectionEnabled"):
        yield {"DeletionProtectionEnabled": True}


def _tables(region: str, prefix: str) -> list[Properties]:
    """Return the tables as they are deployed; as this checkout has them where there is no stack."""
    template = deployed_template(boto3.client("cloudformation", region_name=region, config=TIMES_OF_TABLES), prefix)
    return [body["Properties"] for _, body in of_type(template, TABLE)] or table_properties(prefix)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.backups", description="Backups of all tables.")
    reader.add_argument("act", choices=("make", "forget", "restore"))
    reader.add_argument("--prefix", required=True, help="floodmanager-<stage>")
    reader.add_argument("--until", type=_moment, help="with restore: a time, such as 2026-11-21T02:55:00Z")
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    asked = reader.parse_args(arguments)
    client = boto3.client("dynamodb", region_name=asked.region, config=TIMES_OF_TABLES)
    try:
        if asked.act == "make":
            print("\n".join(make(client, asked.prefix)))
            return 0
        if asked.act == "forget":
            print(f"{forget(client, asked.prefix)} backups are deleted; those of AWS itself end after 35 days.")
            return 0
        lines = restore(client, _tables(asked.region, asked.prefix), asked.until)
    except (BotoCoreError, ClientError, WaiterError, NoBackup) as error:
        print(f"{asked.act} failed: {error} It can be repeated.", file=sys.stderr)
        return 1
    print("\n".join([*lines, f"Next: .venv/bin/python -m infra.restored erase --live {asked.prefix}-reports"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
