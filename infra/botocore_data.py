"""Reduce botocore's data to the services and operations that the product uses, without texts.

botocore carries every AWS service, lists all their folders to find one, and parses its whole description at a start.
The reduced files replace the originals, so that botocore's own loader finds them and nothing is patched.
"""

import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

OPERATIONS = {
    "dynamodb": frozenset(
        "BatchGetItem BatchWriteItem DeleteItem DescribeEndpoints DescribeTable GetItem PutItem Query Scan "
        "TransactGetItems TransactWriteItems UpdateItem".split()
    ),
    # CreateBucket is never called: botocore reads from it how the address of a form is made.
    "s3": frozenset("CopyObject CreateBucket DeleteObject GetObject ListObjectsV2 PutObject".split()),
    "sesv2": frozenset(("SendEmail",)),
    "sqs": frozenset(("GetQueueUrl", "SendMessage", "SendMessageBatch")),
    "ssm": frozenset(("GetParameters",)),
}
# Files that botocore reads for every service.
COMMON = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")
RULES = "endpoint-rule-set-1"
MODEL = "service-2"


def cut(data: Path) -> None:
    """Reduce a copy of botocore's `data` folder in place."""
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in OPERATIONS:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name.removesuffix(".gz") not in COMMON:
            entry.unlink()
    for service, operations in OPERATIONS.items():
        _cut_service(data / service, operations)
    _rewrite(data / "endpoints", _of_our_services)


def _cut_service(folder: Path, operations: frozenset[str]) -> None:
    """Keep the newest version's reduced model, and its endpoint rules."""
    *older, newest = sorted(folder.iterdir())
    for version in older:
        shutil.rmtree(version)
    for file in list(newest.iterdir()):
        if not file.name.startswith((RULES, MODEL)):
            file.unlink()
    _rewrite(newest / MODEL, lambda model: cut_model(model, operations))
    _rewrite(newest / RULES, _without_texts)


def _rewrite(stem: Path, change: Any) -> None:
    """Replace `stem.json` or `stem.json.gz` by a changed `stem.json`: decompressing costs time at each start."""
    plain, packed = stem.with_name(f"{stem.name}.json"), stem.with_name(f"{stem.name}.json.gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
    plain.unlink(missing_ok=True)  # never through a hard link into an installer's cache
    plain.write_text(json.dumps(change(json.loads(raw)), separators=(",", ":")), encoding="utf-8")
    packed.unlink(missing_ok=True)


def _of_our_services(endpoints: dict[str, Any]) -> dict[str, Any]:
    for partition in endpoints["partitions"]:
        partition["services"] = {name: body for name, body in partition["services"].items() if name in OPERATIONS}
    return endpoints


def cut_model(model: dict[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    """Return a service's description with these operations and the shapes that they reach, without texts."""
    kept = {name: body for name, body in model["operations"].items() if name in operations}
    shapes = model["shapes"]
    reached: set[str] = set()
    waiting = list(_shapes_named(kept.values()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_shapes_named([shapes[name]]))
    cut_down = {"operations": kept, "shapes": {name: shapes[name] for name in sorted(reached)}}
    whole: dict[str, Any] = _without_texts(model | cut_down)
    for parameter in whole.get("clientContextParams", {}).values():
        parameter["documentation"] = ""  # botocore reads it
    return whole


def _shapes_named(parts: Iterable[Any]) -> Iterable[str]:
    for part in parts:
        if isinstance(part, dict):
            if isinstance(part.get("shape"), str):
                yield part["shape"]
            yield from _shapes_named(part.values())
        elif isinstance(part, list):
            yield from _shapes_named(part)


def _without_texts(part: Any) -> Any:
    """Remove documentation. A structure's member may have that name too: only texts are removed."""
    if isinstance(part, list):
        return [_without_texts(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _without_texts(value)
        for name, value in part.items()
        if not (name == "documentation" and isinstance(value, str))
    }
