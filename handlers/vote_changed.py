"""Votes table's stream (keys only) -> reactions. Safe to repeat: a report's votes are always counted from their rows.

Each report of a batch is settled once, however many spoke about it; the batch gathers five seconds.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from app.core import dynamodb, telemetry
from app.reactions import votes_changed
from handlers.batches import Record, has_time, records_of, set_aside

REPORT_IDS = "rep_"
DEAD_LETTERS = "vote-changes-dead-letters"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of a DynamoDB stream. Raises ValueError for any other event.

    Poison records are set aside one by one. If the database does not answer, the batch fails and comes again. What does
    not fit into the time of one call comes again too, from its first record on.
    """
    records = records_of(event, "aws:dynamodb")
    first_records: dict[str, Record] = {}
    for record in records:
        try:
            if report_id := _report_id(record):
                first_records.setdefault(report_id, record)
        except Exception as error:  # a poison record must not block the others, whatever it holds
            set_aside(DEAD_LETTERS, record, error, event=event)
    settled = 0
    for some in dynamodb.some_at_once(list(first_records)):
        if not has_time(context):
            number = first_records[some[0]]["dynamodb"]["SequenceNumber"]
            telemetry.logger().warning("votes left for the next call", extra={"settled": settled, "sequence": number})
            return {"batchItemFailures": [{"itemIdentifier": number}]}
        _settle(some, first_records, event)
        settled += len(some)
    telemetry.logger().info("votes changed", extra={"records": len(records), "reports": settled})
    return {"batchItemFailures": []}


def _settle(report_ids: Iterable[str], first_records: dict[str, Record], event: Record) -> None:
    """Settle some reports in parallel. One that fails by its content is set aside; an outage is raised at the end."""
    outcomes = dynamodb.in_one_round([partial(_failure, report_id) for report_id in report_ids])
    for report_id, error in zip(report_ids, outcomes, strict=True):
        if error is not None and not dynamodb.is_outage(error):
            set_aside(DEAD_LETTERS, first_records[report_id], error, event=event)
    for error in outcomes:
        if error is not None and dynamodb.is_outage(error):
            raise error


def _failure(report_id: str) -> Exception | None:
    try:
        votes_changed(report_id)
    except Exception as error:  # one report must not block the others, whatever its rows hold
        return error
    return None


def _report_id(record: Record) -> str:
    """Return the report that was spoken about; "" for what ended by its time, and for rows about networks and tiles."""
    keys = record["dynamodb"]["Keys"]
    key = keys.get("report_id") or keys["id"]  # a dead letter that was brought back has the id alone
    row_id = str(key["S"])
    return row_id if record.get("eventName") != "REMOVE" and row_id.startswith(REPORT_IDS) else ""
