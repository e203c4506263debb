"""Limits of the functions and queues of alerts as they are deployed, from serverless.yml and the fragments of infra."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
_ELSEWHERE = r"\$\{file\((infra/\w+\.yml)\):(\w+)\}"


class Reading(NamedTuple):
    """A queue that a function reads. `most`: invocations at once; None where a setting of the stage says it."""

    noun: str
    batch: int
    most: int | None
    visibility_s: float
    most_receipts: int


class Deployed(NamedTuple):
    """Limits of a function, and the queues and streams that it reads; of a stream the records of a batch."""

    timeout_s: float
    memory_mb: int
    queues: tuple[Reading, ...]
    stream_batch: int


@cache
def _stack() -> dict[str, Any]:
    """Return serverless.yml with the resources of all fragments."""
    stack: dict[str, Any] = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))
    fragments = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "infra").glob("*.yml"))]
    stack["resources"] = {
        name: body for one in fragments if isinstance(one, dict) for name, body in (one.get("Resources") or {}).items()
    }
    return stack


def names() -> set[str]:
    """Return the functions that are deployed."""
    return {*_stack()["functions"]}


def _written(value: Any) -> Any:
    """Return a part of serverless.yml, which may stand in a file of its own."""
    if not isinstance(value, str) or not (match := re.fullmatch(_ELSEWHERE, value)):
        return value
    return yaml.safe_load((ROOT / match[1]).read_text(encoding="utf-8"))[match[2]]


def function(name: str) -> Deployed:
    """Return what is deployed of a function."""
    stack = _stack()
    body = _written(stack["functions"][name])
    events = [next(iter(one.items())) for one in body.get("events", []) if isinstance(one, dict)]
    queues = tuple(_reading(event) for kind, event in events if kind == "sqs")
    batches = [event.get("batchSize", 100) for kind, event in events if kind == "stream"]
    timeout_s = body.get("timeout", stack["provider"]["timeout"])
    memory_mb = body.get("memorySize", stack["provider"]["memorySize"])
    return Deployed(timeout_s, memory_mb, queues, min(batches, default=0))


def _reading(event: dict[str, Any]) -> Reading:
    queue = _stack()["resources"][event["arn"]["Fn::GetAtt"][0]]["Properties"]
    noun = queue["QueueName"].rpartition("}-")[2]
    most = event.get("maximumConcurrency")
    return Reading(
        noun,
        event.get("batchSize", 10),
        most if isinstance(most, int) else None,
        queue["VisibilityTimeout"],
        queue["RedrivePolicy"]["maxReceiveCount"],
    )
