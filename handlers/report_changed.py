"""Stream of the reports table -> reactions. Safe to repeat: what follows is made anew from what is stored."""

from typing import Any

from app import clock, telemetry
from app.reactions import reports_changed
from app.reports.models import Report
from app.tiles.pyramid import Change

REPORT_IDS = "rep_"


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of a DynamoDB stream; name the first record that could not be read, so that only it comes again.

    Raises ValueError for any other event. A failure after reading fails the whole batch, which then comes again.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list) or any(record.get("eventSource") != "aws:dynamodb" for record in records):
        raise ValueError("This function takes batches of the reports table's stream, and nothing else.")
    changes: list[Change] = []
    failed: list[dict[str, str]] = []
    for record in records:
        try:
            changes.extend(_changes(record))
        except Exception as error:  # whatever a poison record holds, it must not hold up the others
            number = record["dynamodb"]["SequenceNumber"]
            telemetry.logger().error("unreadable record", extra={"sequence": number, "error": type(error).__name__})
            failed.append({"itemIdentifier": number})
            break
    reports_changed(changes, shard=event.get("shardId", "stream"))
    telemetry.logger().info("reports changed", extra={"records": len(records), "changes": len(changes)})
    return {"batchItemFailures": failed}


def _changes(record: dict[str, Any]) -> list[Change]:
    """The change that a record tells; none for the calendar's rows."""
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
    report.deserialize(image)
    return report
