"""Streams of warnings and of reports -> the queue of searches for people. Safe to repeat: each change is one event."""

from typing import Any, TypeVar

from app.alerts import events, report_events
from app.alerts.jobs import Job
from app.aws import streams
from app.core import dynamodb, telemetry
from app.reactions import search_soon
from app.reports.models import Report
from app.warnings.models import OfficialWarning
from handlers.batches import Record, records_of, set_aside

WARNING_IDS, REPORT_IDS = "wrn_", "rep_"
Row = TypeVar("Row", OfficialWarning, Report)
DEAD_LETTERS = "fan-out-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream. Raises ValueError for any other event.

    All events of a batch are noted before the first search begins, so that a message can name all areas of one text. A
    record that cannot be handled because of its content is set aside. If the database or the queue does not answer,
    that record and those after it come again.
    """
    records = records_of(event, "aws:dynamodb")
    jobs: list[tuple[Record, Job]] = []
    failed = None
    for record in records:
        try:
            if job := _noted(record):
                jobs.append((record, job))
        except Exception as error:  # noqa: BLE001 - a poison record must not block the others, whatever it holds
            if failed := _failed(record, error, event):
                break
    for record, job in jobs:
        try:
            search_soon(job)
        except Exception as error:  # noqa: BLE001 - as above
            if sooner := _failed(record, error, event):
                return sooner
    telemetry.logger().info("changes noted", extra={"records": len(records), "searches": len(jobs)})
    return failed or {"batchItemFailures": []}


def _failed(record: Record, error: Exception, event: Record) -> dict[str, Any] | None:
    """Return the answer by which a record and those after it come again; None if it is poison, and set aside."""
    if not dynamodb.is_outage(error):
        set_aside(DEAD_LETTERS, record, error, event=event)
        return None
    number = record["dynamodb"]["SequenceNumber"]
    telemetry.logger().error("change not noted", extra={"sequence": number, "error": type(error).__name__})
    return {"batchItemFailures": [{"itemIdentifier": number}]}


def _noted(record: Record) -> Job | None:
    """Note a new or changed warning or report. A row that ends by its time is no news, and other rows are none."""
    images = record["dynamodb"]
    row_id = str(images["Keys"]["id"]["S"])
    new, old = images.get("NewImage"), images.get("OldImage")
    if new and row_id.startswith(WARNING_IDS):
        return events.note_warning(_row(old, OfficialWarning) if old else None, _row(new, OfficialWarning))
    if new and row_id.startswith(REPORT_IDS):
        return report_events.note_report(_row(old, Report) if old else None, _row(new, Report))
    return None


def _row(image: Record, model: type[Row]) -> Row:
    """Return the row in an image."""
    row = model()
    row.deserialize(streams.image_of(image))
    return row
