"""Call a deployed function with an event, as AWS would. For a person's command, with that person's own rights."""

import json
from functools import cache
from typing import Any

from botocore.config import Config

from app.core import dynamodb
from app.core.config import settings

# A function may take a minute; a second try of ours could meet the first one still at work.
TIMES = Config(connect_timeout=2, read_timeout=90, retries={"total_max_attempts": 1, "mode": "standard"})


class FunctionFailed(Exception):
    """The function ran and raised. Its text is what the function said."""


def invoke(name: str, event: dict[str, Any]) -> Any:
    """The answer of `<prefix>-<name>` to an event. Raises FunctionFailed, or what botocore raises."""
    answer = _client().invoke(FunctionName=f"{settings().prefix}-{name}", Payload=json.dumps(event).encode())
    said = answer["Payload"].read().decode("utf-8", "replace")
    if answer.get("FunctionError"):
        raise FunctionFailed(said[:300])
    return json.loads(said)


@cache
def _client() -> Any:
    return dynamodb.session().create_client("lambda", region_name=settings().region, config=TIMES)
