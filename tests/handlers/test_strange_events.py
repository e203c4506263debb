"""S16: an event that is not its own runs nothing in any function, and is never swallowed.

The naive twin, serverless-wsgi alone, is in test_api_refusals.py.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers import (
    account_changed,
    alerts_due,
    api,
    end_expired,
    erase_accounts,
    gateway,
    ingest_warnings,
    report_changed,
    vote_changed,
)
from tests.rig.calls import counted

Event = dict[str, Any]
HANDLERS: dict[str, Callable[[Any, Any], Any]] = {
    module.__name__.rpartition(".")[2]: module.handler
    for module in (
        account_changed,
        alerts_due,
        api,
        end_expired,
        erase_accounts,
        ingest_warnings,
        report_changed,
        vote_changed,
    )
}
STREAMS, QUEUES = {"account_changed", "report_changed", "vote_changed"}, {"erase_accounts"}
FEW, MANY = 40, pytest.param(1000, marks=pytest.mark.long)
COMMAND = "import pathlib; pathlib.Path({marker!r}).write_text('run')"
WORDS = ("aws:sqs", "aws:s3", "aws:sns", "aws:kinesis", "aws:dynamodb", "aws.events", "aws.scheduler", "aws.health")
MEMBERS = ("source", "Records", "eventSource", "httpMethod", "path", "command", "version", "detail", "type", "body")


def some_event(dice: random.Random, marker: str) -> Any:
    """Return an event of another service, or of none."""
    kinds: list[Callable[[], Any]] = [
        lambda: {
            "_serverless-wsgi": {
                "command": dice.choice(["exec", "command", "manage"]),
                "data": COMMAND.format(marker=marker),
            }
        },
        lambda: {
            "source": dice.choice(["aws.health", "aws.s3", "serverless-plugin-warmup", "", None, 5]),
            "detail": {},
        },
        lambda: {"Records": [{dice.choice(["eventSource", "EventSource"]): dice.choice(WORDS[1:4]), "s3": {}}]},
        lambda: {"Records": dice.choice([None, {}, "all", 5, [None], [[]], [{}]])},
        lambda: {"requestContext": {"routeKey": dice.choice(["$connect", "$default"])}, "isBase64Encoded": False},
        lambda: {"type": "TOKEN", "methodArn": "arn:aws:execute-api:x", "authorizationToken": "x"},
        lambda: dice.choice([None, [], "", "x", 0, 1.5, True, {}]),
        lambda: {
            dice.choice(MEMBERS): dice.choice([*WORDS[1:4], None, {}, [], "x"]) for _ in range(dice.randint(1, 4))
        },
    ]
    return dice.choice(kinds)()


def is_its_own(name: str, event: Any) -> bool:
    """Return whether the function is meant to take it: an empty batch or a schedule's event."""
    return isinstance(event, dict) and (event.get("Records") == [] and name in STREAMS | QUEUES)


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[str]:
    yield str(tmp_path / "run")
    assert not (tmp_path / "run").exists(), "an event was run as a program"


@pytest.mark.parametrize("number", [FEW, MANY])
@pytest.mark.parametrize("name", HANDLERS)
def test_strange_event_is_refused_and_does_nothing(tables: None, marker: str, name: str, number: int) -> None:
    dice = random.Random(name)

    with counted() as calls:
        for _ in range(number):
            event = some_event(dice, marker)
            if is_its_own(name, event):
                continue
            with pytest.raises((ValueError, gateway.NotARequest)):
                HANDLERS[name](event, None)

    assert not calls.made
