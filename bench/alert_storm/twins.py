"""Naive twins of the product: each leaves out one thing, and must lose or double messages for it."""

from collections.abc import Callable
from typing import Any

from app.alerts.jobs import QUEUE as MATCHES
from app.core import clock
from app.mail import ses
from app.mail.models import WAITING, State, queue_of
from app.mail.sending import NotNow
from bench.alert_storm.cloud import Queue
from bench.alert_storm.storm import Storm

SWEPT_AFTER_MS = 10 * clock.MINUTE_MS


def leave_out_lease(storm: Storm) -> None:
    """Let a sender take any message that waits, also one that another is sending."""
    database = storm.database
    update = database._UpdateItem

    def carelessly(request: dict[str, Any]) -> dict[str, Any]:
        names = request.get("ExpressionAttributeNames", {})
        if request["TableName"].endswith("-deliveries") and "lease_until" in names.values():
            table = database.tables[request["TableName"]]
            row = table.read(table.key_of(request["Key"]))
            if row and row["state"]["S"] in WAITING:
                request = {name: value for name, value in request.items() if name != "ConditionExpression"}
        return update(request)

    database._UpdateItem = carelessly  # type: ignore[method-assign]


def leave_out_tag(storm: Storm) -> None:
    """Send without tags, so that no report leads to its message, and repeat at once what ended unknown."""
    ses.Unknown = NotNow  # type: ignore[misc]
    storm.server.reports = Queue(storm.cloud, "nowhere", visibility_s=60, most_receipts=1)


def leave_out_repetition(storm: Storm) -> None:
    """Let no part of a search come again; a sweeper queues the messages that wait for long."""
    storm.queues[MATCHES].is_naive = True

    def sweep() -> None:
        while True:
            storm.time.spend(SWEPT_AFTER_MS)
            for (recipient, event), row in storm.ledger():
                is_old = int(row["changed_at"]["N"]) < storm.time.now - SWEPT_AFTER_MS
                if is_old and row["state"]["S"] == State.QUEUED:
                    storm.queues[queue_of(event)].send(f'{{"recipient": "{recipient}", "event": "{event}"}}')

    storm.time.start(sweep)


TWINS: dict[str, Callable[[Storm], None]] = {
    "no lease": leave_out_lease,
    "no tag": leave_out_tag,
    "sweeper only": leave_out_repetition,
}
