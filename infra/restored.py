"""Compare a restored table with the live one, and bring lost reports back.

`python -m infra.restored compare --live floodmanager-prod-reports --restored floodmanager-prod-reports-restored` tells
how many rows each has, whether they hold the same, and how many differ. `copy` puts reports that the live table lacks
back into it, and never touches one that is there: what was since corrected, withdrawn or erased stays so. The stream
then makes the map's tiles. Copied reports of people who have left since are queued to be erased again. `erase` does so
for everybody who has left within the time that backups live, whatever was restored: it ends accounts that came back.
Reads both tables whole, and keeps 100 bytes a row in memory. Safe to repeat.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.aws_times import TIMES_OF_TABLES

REPORTS, ACCOUNTS, TOKENS, ERASURES = "-reports", "-accounts", "-tokens", "-erasures"
GONE, SWEEP = "gone:", "bookmark:homes"
Item = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """Difference of two tables: rows, a hash of all of them, and the keys of rows in only one of them or different."""

    live: int
    restored: int
    live_hash: str
    restored_hash: str
    lost: list[str]
    new: list[str]
    changed: list[str]


def compare(client: Any, live: str, restored: str) -> Difference:
    """Compare both tables, row by row. Raises botocore's errors."""
    here, there = (_hashes(client, table) for table in (live, restored))
    return Difference(
        live=len(here),
        restored=len(there),
        live_hash=_together(here),
        restored_hash=_together(there),
        lost=sorted(there.keys() - here.keys()),
        new=sorted(here.keys() - there.keys()),
        changed=sorted(key for key in here.keys() & there.keys() if here[key] != there[key]),
    )


def _rows(client: Any, table: str) -> Iterator[Item]:
    for page in client.get_paginator("scan").paginate(TableName=table):
        yield from page["Items"]


def _hashes(client: Any, table: str) -> dict[str, bytes]:
    """Return a hash of each row by its key, or by both parts of it."""
    names = [part["AttributeName"] for part in client.describe_table(TableName=table)["Table"]["KeySchema"]]
    return {" / ".join(str(*row[name].values()) for name in names): _hash(row) for row in _rows(client, table)}


def _hash(row: Item) -> bytes:
    return sha256(json.dumps(row, sort_keys=True, default=_plain).encode()).digest()


def _plain(value: Any) -> str:
    return bytes(value).hex()


def _together(hashes: dict[str, bytes]) -> str:
    """Hash all rows in the order of their keys."""
    return sha256(b"".join(hashes[key] for key in sorted(hashes))).hexdigest()[:16]


def copy(client: Any, queues: Any, live: str, restored: str) -> tuple[int, int]:
    """Copy lost reports back; return their number, and the number of people whose reports are to be erased again."""
    lost, people, copied = set(compare(client, live, restored).lost), set[str](), 0
    for row in _rows(client, restored):
        if row["id"]["S"] not in lost or _is_purged(row):
            continue
        try:
            client.put_item(TableName=live, Item=row, ConditionExpression="attribute_not_exists(id)")
        except client.exceptions.ConditionalCheckFailedException:
            continue
        copied += 1
        people |= {row["account_id"]["S"]} if "account_id" in row else set()
    if copied:  # their homes may be overdue for removal, so the sweep starts from its beginning
        client.delete_item(TableName=live, Key={"id": {"S": SWEEP}})
    prefix = live.removesuffix(REPORTS)
    gone = [person for person in sorted(people) if not _is_there(client, prefix + ACCOUNTS, person)]
    _queue(queues, prefix, gone)
    return copied, len(gone)


def erase(client: Any, queues: Any, prefix: str) -> tuple[int, int]:
    """Queue all people who left to be erased again; return their number, and how many accounts had come back."""
    departures = (row for row in _rows(client, prefix + TOKENS) if not _is_purged(row))
    gone = sorted(row["id"]["S"].removeprefix(GONE) for row in departures if row["id"]["S"].startswith(GONE))
    back = [person for person in gone if _end_account(client, prefix + ACCOUNTS, person)]
    _queue(queues, prefix, gone)
    return len(gone), len(back)


def _end_account(client: Any, table: str, person: str) -> bool:
    """Delete an account that came back, with its name and confirmed address unless another account has them by now."""
    key = {"id": {"S": person}}
    row = client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if row is None:
        return False
    claims = (("name", row["username_folded"]), ("mail", row.get("confirmed_hash")))
    for kind, value in claims:
        if value:
            with suppress(client.exceptions.ConditionalCheckFailedException):
                client.delete_item(
                    TableName=table,
                    Key={"id": {"S": f"{kind}:{value['S']}"}},
                    ConditionExpression="account_id = :person",
                    ExpressionAttributeValues={":person": {"S": person}},
                )
    client.delete_item(TableName=table, Key=key)
    return True


def _queue(queues: Any, prefix: str, people: Sequence[str]) -> None:
    for person in people:
        url = queues.get_queue_url(QueueName=prefix + ERASURES)["QueueUrl"]
        queues.send_message(QueueUrl=url, MessageBody=json.dumps({"account_id": person}))


def _is_purged(row: Item) -> bool:
    """Return whether a row's expiry has passed, even if DynamoDB has not deleted it yet."""
    return "purge_at" in row and float(row["purge_at"]["N"]) <= time.time()


def _is_there(client: Any, table: str, key: str) -> bool:
    return "Item" in client.get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.restored", description="Restored tables and live ones.")
    reader.add_argument("act", choices=("compare", "copy", "erase"))
    reader.add_argument("--live", required=True, help="the table that is in use")
    reader.add_argument("--restored", help="the table that was restored beside it; not for `erase`")
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    asked = reader.parse_args(arguments)
    if asked.act != "compare" and not asked.live.endswith(REPORTS):
        reader.error("Only reports are copied: accounts and sign-ins that ended would begin again.")
    if asked.act != "erase" and not asked.restored:
        reader.error("Name the restored table.")
    client, queues = (
        boto3.client(name, region_name=asked.region, config=TIMES_OF_TABLES) for name in ("dynamodb", "sqs")
    )
    try:
        if asked.act == "compare":
            _tell(compare(client, asked.live, asked.restored))
        elif asked.act == "erase":
            people, back = erase(client, queues, asked.live.removesuffix(REPORTS))
            print(f"{people} people who have left are queued to be erased; {back} of their accounts had come back.")
        else:
            copied, erased = copy(client, queues, asked.live, asked.restored)
            print(
                f"{copied} reports copied back; the reports of {erased} people who have left are queued to be erased."
            )
    except (BotoCoreError, ClientError) as error:
        print(f"{asked.act} failed: {error}. Repeat it: nothing is doubled.", file=sys.stderr)
        return 1
    return 0


def _tell(difference: Difference) -> None:
    print(f"live      {difference.live} rows, {difference.live_hash}")
    print(f"restored  {difference.restored} rows, {difference.restored_hash}")
    print(f"only restored: {len(difference.lost)}; only live: {len(difference.new)}; differ: {len(difference.changed)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
