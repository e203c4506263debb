"""Bring dead letters back to where they came from, after their cause has been fixed.

A letter of a record names its row, which is read again: the function receives what is stored now. A letter is dropped
only after its work is done. A letter that fails again stays in its queue.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.aws import dead_letters, functions, queues
from app.aws.dead_letters import Noted
from app.aws.queues import Letter
from app.aws.streams import Trimmed, as_json, read_range
from app.core import clock
from app.reports.index.rebuild import rebuild_cells, rebuild_since
from app.reports.models import Report
from app.review.audit import AuditRow
from app.warnings.models import OfficialWarning

# Dead letters of a queue go back into it; all others go to the function that could not handle them.
QUEUES = {
    "erasures-dead-letters": "erasures",
    "deliveries-urgent-dead-letters": "deliveries-urgent",
    "deliveries-dead-letters": "deliveries",
    "mail-events-dead-letters": "mail-events",
    "alert-matches-dead-letters": "alert-matches",
    "photo-uploads-dead-letters": "photo-uploads",
}
REPORT_CHANGES, AUDIT_CHANGES = "report-changes-dead-letters", "audit-changes-dead-letters"
FAN_OUT = "fan-out-dead-letters"
FUNCTIONS = {
    REPORT_CHANGES: "report_changed",
    "account-changes-dead-letters": "account_changed",
    "vote-changes-dead-letters": "vote_changed",
    AUDIT_CHANGES: "audit_changed",
    "delivery-additions-dead-letters": "delivery_added",
    FAN_OUT: "fan_out",
    "alerts-due-dead-letters": "alerts_due",
    "photo-sweeps-dead-letters": "clean_photo",
    "end-expired-dead-letters": "end_expired",
    "ingest-warnings-dead-letters": "ingest_warnings",
}
EVERY_QUEUE = (*QUEUES, *FUNCTIONS)


class NoRow(Exception):
    """The letter names no row, because its record named none that we know."""


@dataclass
class Tally:
    """Result of bringing back the letters of one queue."""

    queue: str
    done: int = 0
    failed: list[str] = field(default_factory=list)


def redrive(queue: str) -> Tally:
    """Bring back the letters that are in one queue at the start."""
    tally = Tally(queue)
    for letter in queues.take_all(queue):
        try:
            _bring_back(queue, letter)
        except Exception as error:  # noqa: BLE001 - the letter stays; the next one may succeed
            tally.failed.append(f"{type(error).__name__}: {error}"[:300])
            continue
        queues.drop(queue, letter)
        tally.done += 1
    return tally


def _bring_back(queue: str, letter: Letter) -> None:
    if back := QUEUES.get(queue):
        queues.send_text(back, letter.text)
        return
    message = json.loads(letter.text)
    if noted := dead_letters.read(message):
        _react_again(queue, noted)
        return
    try:
        event = _event(message)
    except Trimmed:
        if queue != REPORT_CHANGES:
            raise
        # The tables still hold what the stream no longer does.
        rebuild_since(_first_arrival_ms(message))
        return
    _invoke(queue, event)


def _invoke(queue: str, event: dict[str, Any]) -> None:
    answer = functions.invoke(FUNCTIONS[queue], event)
    if failed := (answer or {}).get("batchItemFailures"):
        raise functions.FunctionFailed(f"{len(failed)} records failed again.")


def _react_again(queue: str, noted: Noted) -> None:
    """Give a row as it is now to its function. A report that is gone leaves only its cells to rebuild.

    Raises NoRow if the letter has no key, or if an audit row is gone.
    """
    if not noted.row_id:
        raise NoRow(f"The letter names no row; its record is number {noted.sequence or '?'} of shard {noted.shard}.")
    records = [noted.as_record()]
    if queue == REPORT_CHANGES:
        image = Report.stored_image(noted.row_id)
        if image is None:
            rebuild_cells(noted.cells)
            return
        records = noted.as_changes(as_json(image))
    if queue == AUDIT_CHANGES:
        row = AuditRow.image_of(noted.subject, noted.row_id)
        if row is None:
            raise NoRow(f"There is no audit row {noted.row_id} any more.")
        records[0]["dynamodb"]["NewImage"] = row
    if queue == FAN_OUT:
        image = _heard_of(noted.row_id)
        if image is None:
            return
        records[0]["dynamodb"]["NewImage"] = as_json(image)
    _invoke(queue, {"Records": records, "shardId": noted.shard, queues.REDRIVEN: True})


def _heard_of(row_id: str) -> dict[str, Any] | None:
    """Return a warning or a report as it is stored; None if it is gone, so that there is nothing to hear of."""
    model = OfficialWarning if row_id.startswith("wrn_") else Report
    return model.stored_image(row_id)


def _event(message: dict[str, Any]) -> dict[str, Any]:
    """Return the event in a dead letter of AWS, which has one of three forms. Raises Trimmed."""
    if info := message.get("DDBStreamBatchInfo"):  # Lambda's, of a stream: the position of the records
        first, last = info["startSequenceNumber"], info["endSequenceNumber"]
        return {
            "Records": list(read_range(info["streamArn"], info["shardId"], first, last)),
            "shardId": info["shardId"],
        }
    # Lambda's, of an asynchronous call: the whole event. EventBridge's, of a call that failed to start, is the event.
    event: dict[str, Any] = message.get("requestPayload", message)
    return event


def _first_arrival_ms(message: dict[str, Any]) -> int:
    arrived = datetime.fromisoformat(message["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"])
    # The stream's clock is not ours: a minute covers any difference.
    return clock.to_ms(arrived) - clock.MINUTE_MS
