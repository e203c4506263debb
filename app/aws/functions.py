"""Invoke a deployed function with an event, as AWS would. For an operator's command, with the operator's rights."""

import json
from functools import cache
from typing import Any

from botocore.config import Config

from app.core import dynamodb
from app.core.config import settings

# A function may take a minute; our own retry could overlap with the first call.
TIMES = Config(connect_timeout=2, read_timeout=90, retries={"total_max_attempts": 1, "mode": "standard"})


class FunctionFailed(Exception):
    """The invoked function raised an exception. The message holds its reply."""


def invoke(name: str, event: dict[str, Any]) -> Any:
    """Return the answer of `<prefix>-<name>` to an event. Raises FunctionFailed, or a botocore error."""
    answer = _client().invoke(FunctionName=f"{settings().prefix}-{name}", Payload=json.dumps(event).encode())
    reply_text = answer["Payload"].read().decode("utf-8", "replace")
    if answer.get("FunctionError"):
        raise FunctionFailed(reply_text[:300])
    return json.loads(reply_text)


@cache
def _client() -> Any:
    return dynamodb.session().create_client("lambda", region_name=settings().region, config=TIMES)
