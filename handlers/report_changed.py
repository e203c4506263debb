"""Reports table's stream -> reactions. Safe to repeat: everything is rebuilt from what is stored."""

from typing import Any

from app.aws import streams
from app.core import clock, dynamodb, telemetry
from app.core.errors import Unavailable
from app.reactions import reports_changed
from app.reports.index.tile_documents import Change
from app.reports.models import Report
from handlers.batches import Record, records_of, set_aside, shard_of

REPORT_IDS = "rep_"
DEAD_LETTERS = "report-changes-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream. Raises ValueError for any other event.

    Poison records are set aside one by one; the others are handled. If the database does not answer, the whole batch
    fails and comes again: readers never wait for this function, so waiting is safe and skipping records is not.
    """
    records = records_of(event, "aws:dynamodb")
    told: list[tuple[Record, Change]] = []
    for record in records:
        try:
            told.extend((record, change) for change in _changes(record))
        except Exception as error:  # a poison record must not block the others, whatever it holds
            set_aside(DEAD_LETTERS, record, error, event=event)
    _react(told, event)
    telemetry.logger().info("reports changed", extra={"records": len(records), "changes": len(told)})
    return {"batchItemFailures": []}


def _react(told: list[tuple[Record, Change]], event: Record) -> None:
    """React to all changes; if that fails because of their content, halve the batch until the bad one is alone."""
    try:
        reports_changed([change for _, change in told], shard=shard_of(event))
    except Exception as error:
        if dynamodb.is_outage(error) or isinstance(error, Unavailable):
            raise
        if len(told) == 1:
            set_aside(DEAD_LETTERS, told[0][0], error, event=event)
            return
        middle = len(told) // 2
        _react(told[:middle], event)
        _react(told[middle:], event)


def _changes(record: Record) -> list[Change]:
    """Return the change in a record; none for the calendar's rows."""
    told = record["dynamodb"]
    if not told["Keys"]["id"]["S"].startswith(REPORT_IDS):
        return []
    old, new = (_report(told.get(image)) for image in ("OldImage", "NewImage"))
    at_ms = int(float(told.get("ApproximateCreationDateTime") or clock.now_ms() / 1000) * 1000)
    return [Change(old, new, at_ms)]


def _report(image: dict[str, Any] | None) -> Report | None:
    if not image:
        return None
    report = Report()
    report.deserialize(streams.image_of(image))
    return report
