"""Restore rows of earlier releases, as stored by `tests/rig/keep_release.py`, in the tests' tables."""

import base64
import json
import lzma
import tarfile
from pathlib import Path
from typing import Any

import boto3

KEPT = Path(__file__).parents[1] / "samples" / "stored"
RELEASES = sorted(folder.name for folder in KEPT.iterdir() if folder.is_dir())


def kept(release: str, name: str) -> Any:
    """`tables` or `answers` of a release."""
    return json.loads(lzma.decompress((KEPT / release / f"{name}.json.xz").read_bytes()))


def unpack_folder(release: str, folder: Path) -> Path:
    """The release's data folder, as `make serve` left it."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(KEPT / release / "folder.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def restore(release: str, prefix: str) -> None:
    """Put all items of a release into empty tables: nothing more is noted there than the release itself noted."""
    client = boto3.client("dynamodb")
    client.delete_item(TableName=f"{prefix}-reports", Key={"id": {"S": "complete"}})
    for table, items in kept(release, "tables").items():
        for item in items:
            client.put_item(TableName=f"{prefix}-{table}", Item=with_bytes(item))


def with_bytes(item: dict[str, Any]) -> dict[str, Any]:
    """An item with bytes for their base64."""
    return {name: _value(value) for name, value in item.items()}


def _value(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(content)}
    if kind == "M":
        return {kind: with_bytes(content)}
    return {kind: [_value(each) for each in content]} if kind == "L" else value


VARYING = {"as_of", "reports_active_as_of", "age_s", "fetched_at", "stale", "next_cursor", "links", "request_id"}

TIMES = ("observed_at", "created_at", "updated_at", "expires_at")


def comparable(answer: Any) -> Any:
    """An answer without what differs from one moment to the next."""
    if isinstance(answer, dict):
        return {name: comparable(value) for name, value in answer.items() if name not in VARYING}
    return [comparable(each) for each in answer] if isinstance(answer, list) else answer


def without(name: str, answer: Any) -> Any:
    """An answer without a member, wherever it is."""
    if isinstance(answer, dict):
        return {key: without(name, value) for key, value in answer.items() if key != name}
    return [without(name, each) for each in answer] if isinstance(answer, list) else answer


def _to_the_minute(told: dict[str, Any]) -> dict[str, Any]:
    """A report with its times cut to the minute, as others see them since the second release."""
    if "location_precision" not in told and "gone" not in told:
        return told
    return told | {name: f"{told[name][:16]}:00Z" for name in TIMES if name in told}


def in_both(before: Any, now: Any) -> tuple[Any, Any]:
    """Reduce two nearby answers to the items of both; the number of their items must be equal.

    The first release chose the newest reports, later ones the nearest.
    """
    ids = [[item.get("ids") or [item["report"]["id"]] for item in answer["items"]] for answer in (before, now)]
    assert len(ids[0]) == len(ids[1])

    def reduced(answer: Any, own: list[list[str]], others: list[list[str]]) -> Any:
        return answer | {"items": [item for item, name in zip(answer["items"], own, strict=True) if name in others]}

    return reduced(before, *ids), reduced(now, *reversed(ids))


def assert_told(before: Any, now: Any, where: str = "") -> None:
    """Check that the answer holds everything of the earlier one with the same values; new members are allowed."""
    if isinstance(before, dict):
        before, now = _to_the_minute(before), _to_the_minute(now)
        for name, value in before.items():
            assert name in now, f"{where}/{name} is gone"
            assert_told(value, now[name], f"{where}/{name}")
    elif isinstance(before, list):
        assert len(before) == len(now), f"{where}: {len(now)} instead of {len(before)}"
        for number, (one, other) in enumerate(zip(before, now, strict=True)):
            assert_told(one, other, f"{where}/{number}")
    else:
        assert before == now, f"{where}: {now!r} instead of {before!r}"
