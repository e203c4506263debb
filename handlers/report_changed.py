"""Reports table's stream -> reactions. Safe to repeat: everything is rebuilt from what is stored."""

from typing import Any

from app.aws import streams
from app.aws.buckets import BucketFailed
from app.core import clock, dynamodb, telemetry
from app.reactions import reports_changed
from app.reports.index.consume import Change
from app.reports.models import Report
from handlers.batches import Record, records_of, set_aside, shard_of

REPORT_IDS = "rep_"
DEAD_LETTERS = "report-changes-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream. Raises ValueError for any other event.

    Poison records are set aside one by one; the others are handled. If the database or the bucket of photos does not
    answer, the whole batch fails and comes again: readers never wait for this function, so waiting is safe and skipping
    records is not.
    """
    records = records_of(event, "aws:dynamodb")
    records_and_changes: list[tuple[Record, Change]] = []
    for record in records:
        try:
            records_and_changes.extend((record, change) for change in _changes(record))
        except Exception as error:  # a poison record must not block the others, whatever it holds
            set_aside(DEAD_LETTERS, record, error, event=event)
    _react(records_and_changes, event)
    telemetry.logger().info("reports changed", extra={"records": len(records), "changes": len(records_and_changes)})
    return {"batchItemFailures": []}


def _react(records_and_changes: list[tuple[Record, Change]], event: Record) -> None:
    """React to all changes; if that fails because of their content, halve the batch until the bad one is alone."""
    try:
        reports_changed([change for _, change in records_and_changes], shard=shard_of(event))
    except Exception as error:
        if dynamodb.is_outage(error) or (isinstance(error, BucketFailed) and error.is_outage):
            raise
        if len(records_and_changes) == 1:
            set_aside(DEAD_LETTERS, records_and_changes[0][0], error, event=event)
            return
        middle = len(records_and_changes) // 2
        _react(records_and_changes[:middle], event)
        _react(records_and_changes[middle:], event)


def _changes(record: Record) -> list[Change]:
    """Return the change in a record; none for the calendar's rows."""
    record_images = record["dynamodb"]
    if not record_images["Keys"]["id"]["S"].startswith(REPORT_IDS):
        return []
    old, new = (_report(record_images.get(image)) for image in ("OldImage", "NewImage"))
    at_ms = int(float(record_images.get("ApproximateCreationDateTime") or clock.now_ms() / 1000) * 1000)
    return [Change(old, new, at_ms)]


def _report(image: dict[str, Any] | None) -> Report | None:
    if not image:
        return None
    report = Report()
    report.deserialize(streams.image_of(image))
    return report
