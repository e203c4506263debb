"""State of the database's tables, and the clock of its service. For commands of the operator."""

from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from app.core import clock, dynamodb

ACTIVE = "ACTIVE"


class TableState(NamedTuple):
    """State of a table and of each of its indexes, in the service's words: ACTIVE, CREATING, UPDATING ..."""

    status: str
    indexes: dict[str, str]


def describe(name: str) -> TableState | None:
    """Return the state of a table; None if there is none. Raises botocore's errors."""
    try:
        table = _describe(name)["Table"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return None
        raise
    indexes = table.get("GlobalSecondaryIndexes", [])
    return TableState(
        table.get("TableStatus", ACTIVE), {each["IndexName"]: each.get("IndexStatus", ACTIVE) for each in indexes}
    )


def skew_ms(name: str) -> int | None:
    """Return by how many milliseconds our clock is ahead of the service's, to a second or two; None if it tells none.

    The Date of its answer about a table, also of a refusal: a clock far off makes it refuse every call.
    """
    began_ms = clock.now_ms()
    try:
        answer = _describe(name)
    except ClientError as error:
        answer = dict(error.response)
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if not (date := headers.get("date")):
        return None
    middle_ms = (began_ms + clock.now_ms()) // 2
    # The Date is cut to the second.
    return middle_ms - clock.to_ms(parsedate_to_datetime(date)) - 500


def _describe(name: str) -> dict[str, Any]:
    client: Any = dynamodb.connection().client
    answer: dict[str, Any] = client.describe_table(TableName=name)
    return answer
