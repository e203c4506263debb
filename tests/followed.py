"""The stream of the reports table as the cloud of the tests keeps it, brought to its consumer."""

from typing import Any

from moto.dynamodb.models import dynamodb_backends

from app.core.config import settings
from handlers import report_changed

MOST_ROUNDS = 20


def _records() -> list[dict[str, Any]]:
    """All records of the stream so far, as a function receives them."""
    backends = (each for regions in dynamodb_backends.values() for each in regions.values())
    tables = [each.tables[name] for each in backends if (name := settings().table("reports")) in each.tables]
    (items,) = (table.stream_shard.items for table in tables if table.stream_shard)
    return [_as_received(item.record) for item in items]


def _as_received(record: dict[str, Any]) -> dict[str, Any]:
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    return {**record, "eventSource": "aws:dynamodb", "dynamodb": change}


class Stream:
    """Brings each record once, in order, with what the consumer itself writes, until nothing new comes."""

    def __init__(self) -> None:
        self.seen = len(_records())

    def run(self) -> int:
        """Bring all new records; return the number of batches that had any."""
        for number in range(MOST_ROUNDS):
            new = _records()[self.seen :]
            if not new:
                return number
            self.seen += len(new)
            report_changed.handler({"Records": new, "shardId": "shard-1"}, None)
        raise AssertionError("the consumer feeds itself")
