"""Plan the changes of indexes for plugin.js: `python -m infra.index_steps deploy|rollback`.

`deploy` writes the template with the next change of each deployed table's indexes (infra/indexes.py) and prints it;
global names stay as they are deployed (infra/names.py).
`rollback` puts an earlier deployment's template, with the current indexes, into the bucket as a deployment of its own,
and writes its timestamp.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra import names
from infra.aws_times import TIMES
from infra.indexes import IndexesRefused, Plan, kept_template, next_template
from infra.tables import incomplete_copies
from infra.template import deployed_template

FILES = (TEMPLATE, STATE) = ("compiled-cloudformation-template.json", "serverless-state.json")
Client = Callable[[str], Any]


def deploy(client: Client, stack: str, template: Path, output: Path) -> list[Plan]:
    """Write the template to deploy now; return its changes. Raises botocore's errors, and IndexesRefused."""
    deployed = deployed_template(client("cloudformation"), stack)
    wanted = names.kept(json.loads(template.read_text(encoding="utf-8")), deployed)
    database = client("dynamodb")
    now, plans = next_template(wanted, deployed, partial(_describe, database), partial(_unfilled, database))
    output.write_text(json.dumps(now), encoding="utf-8")
    return plans


def _describe(client: Any, table: str) -> dict[str, Any]:
    try:
        return dict(client.describe_table(TableName=table)["Table"])
    except client.exceptions.ResourceNotFoundException:
        return {}


def _unfilled(client: Any, table: str) -> list[str]:
    return incomplete_copies(client, table.removesuffix("-reports"))


def rollback(client: Client, stack: str, bucket: str, folder: str, output: Path) -> list[Plan]:
    """Write the timestamp to roll back to; return what stays. Raises as `deploy` does.

    `folder` is the CLI's folder of the earlier deployment: <prefix>/<timestamp>-<time>.
    """
    stored, (prefix, _, name) = client("s3"), folder.rpartition("/")
    output.write_text(name.partition("-")[0], encoding="utf-8")
    try:
        kept = {file: stored.get_object(Bucket=bucket, Key=f"{folder}/{file}")["Body"].read() for file in FILES}
    except stored.exceptions.NoSuchKey:
        return []  # the CLI says that there is no such deployment
    earlier = json.loads(kept[TEMPLATE])
    template, plans = kept_template(earlier, deployed_template(client("cloudformation"), stack))
    if template != earlier:
        kept[TEMPLATE], name = json.dumps(template).encode(), _new_deployment()
        for file, body in kept.items():
            # Without the hashes that the CLI notes, its next deployment is never mistaken for this one.
            stored.put_object(Bucket=bucket, Key=f"{prefix}/{name}/{file}", Body=body)
        output.write_text(name.partition("-")[0], encoding="utf-8")
    return plans


def _new_deployment() -> str:
    """Return a folder's name as the CLI makes it: milliseconds, and the same as a date."""
    now = datetime.now(UTC)
    return f"{int(now.timestamp() * 1000)}-{now.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _reader() -> argparse.ArgumentParser:
    reader = argparse.ArgumentParser(prog="python -m infra.index_steps", description="Indexes, one at a time.")
    reader.add_argument("act", choices=("deploy", "rollback"))
    reader.add_argument("--stack", required=True)
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    reader.add_argument("--output", required=True, type=Path)
    reader.add_argument("--template", type=Path, help="of `deploy`: the packaged one")
    reader.add_argument("--bucket", help="of `rollback`: where the CLI keeps deployments")
    reader.add_argument("--folder", help="of `rollback`: the earlier deployment's in it")
    return reader


def _client(region: str, service: Any) -> Any:
    return boto3.client(service, region_name=region, config=TIMES)


def main(arguments: Sequence[str]) -> int:
    asked = _reader().parse_args(arguments)
    client = partial(_client, asked.region)
    try:
        if asked.act == "deploy":
            plans = deploy(client, asked.stack, asked.template, asked.output)
        else:
            plans = rollback(client, asked.stack, asked.bucket, asked.folder, asked.output)
    except IndexesRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"What {asked.stack} has could not be read: {error}", file=sys.stderr)
        return 1
    for plan in plans:
        print(*plan.lines(), sep="\n", end="\n" if plan.lines() else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
