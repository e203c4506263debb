"""Schedule -> warnings.ingest, for every source. Safe to repeat: what has not changed is not written."""

from typing import Any

from app import telemetry
from app.clients.sources import read_sources
from app.config import settings
from app.warnings import states
from app.warnings.ingest import ingest
from handlers.batches import check_schedule


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Take the schedule's event and ask every source; raises ValueError for any other event.

    One source's failure is noted in its state and leaves the others alone; a failure of ours fails the event, after
    all were asked.
    """
    check_schedule(event)
    outcomes, failures = {}, []
    for source in read_sources(settings().sources).values():
        try:
            outcome = ingest(source, contact=settings().contact)
        except Exception as error:  # noqa: BLE001 - one source must not keep the others from being asked
            telemetry.logger().exception("ingest failed", extra={"source": source.name})
            failures.append(error)
            continue
        outcomes[source.name] = {"in_force": outcome.in_force, "changed": outcome.changed, "failure": outcome.failure}
    telemetry.measure("SourceAge", states.oldest_s(), "Seconds")
    if failures:
        raise ExceptionGroup("Some sources could not be taken in.", failures)
    return outcomes
