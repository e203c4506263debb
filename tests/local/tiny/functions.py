"""Functions that do one thing each, for the tests of the local runtime and gateway."""

import base64
import importlib.util
import json
import os
import time
from pathlib import Path
from typing import Any

Event = dict[str, Any]
BYTES = bytes(range(256))


def echo(event: Event, context: Any) -> Any:
    return event


def tell(event: Event, context: Any) -> Any:
    """Return the function's view of its environment."""
    return {
        "process": os.getpid(),
        "left_ms": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
        "variables": dict(os.environ),
        "sees_tests": importlib.util.find_spec("pytest") is not None,
    }


def behave(event: Event, context: Any) -> Any:
    """Whatever `do` says: in the event itself, or in the query of a request."""
    asked = (event.get("queryStringParameters") or event) if isinstance(event, dict) else {}
    return {
        "answer": lambda: json.loads(asked["with"]),
        "raise": _raise,
        "exit": lambda: os._exit(3),
        "sleep": lambda: (time.sleep(float(asked["seconds"])), _page("awake"))[1],
        "meet": lambda: _meet(Path(asked["at"]), asked["as"]),
        "grow": lambda: _page("x" * int(asked["bytes"])),
        "bytes": lambda: _page(base64.b64encode(BYTES).decode(), isBase64Encoded=True),
        "request": lambda: _page(json.dumps({name: event[name] for name in event})),
        "size": lambda: _page(str(len(event["body"]))),
        "process": lambda: _page(str(os.getpid())),
    }[asked.get("do", "request")]()


def _raise() -> Any:
    raise KeyError("a fault that was planted")


def _meet(place: Path, name: str) -> Event:
    """Come, and wait until two have come."""
    (place / f"{name}.here").touch()
    until = time.monotonic() + 300
    while len(list(place.glob("*.here"))) < 2:
        if time.monotonic() > until:
            return _page("nobody came")
        time.sleep(0.01)
    return _page("met")


def _page(body: str, **more: Any) -> Event:
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": body, **more}
