"""Audit table's stream (new rows) -> their copies in a bucket. Safe to repeat: no object is stored twice.

Rows are copied some at once. A row that can never be copied is set aside; while the bucket does not answer, the batch
comes again from the first row on that is not copied.
"""

from functools import partial
from typing import Any

from app.core import dynamodb, telemetry
from app.reactions import audit_row_added
from app.review.audit_copy import NoAuditRow
from handlers.batches import Record, has_time, records_of, set_aside

DEAD_LETTERS = "audit-changes-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream. Raises ValueError for any other event."""
    records = records_of(event, "aws:dynamodb")
    copied = 0
    for some in dynamodb.some_at_once(records):
        if not has_time(context):
            return _again_from(some[0], "rows left for the next call")
        for record, error in zip(some, dynamodb.in_one_round([partial(_failure, one) for one in some]), strict=True):
            if isinstance(error, NoAuditRow):
                set_aside(DEAD_LETTERS, record, error, event=event)
            elif error is not None:
                return _again_from(record, type(error).__name__)
        copied += len(some)
    telemetry.logger().info("audit rows copied", extra={"records": copied})
    return {"batchItemFailures": []}


def _failure(record: Record) -> Exception | None:
    try:
        if record.get("eventName", "INSERT") == "INSERT":
            audit_row_added(record["dynamodb"].get("NewImage"))
    except Exception as error:  # one row must not block the others; all but NoAuditRow is an outage
        return error
    return None


def _again_from(record: Record, reason: str) -> dict[str, Any]:
    number = record["dynamodb"]["SequenceNumber"]
    telemetry.logger().error("audit rows not copied", extra={"sequence": number, "error": reason})
    return {"batchItemFailures": [{"itemIdentifier": number}]}
