"""Schedule -> warnings.ingest, for every source. Safe to repeat: unchanged warnings are not written."""

from typing import Any

from app.core import telemetry
from app.core.config import settings
from app.warnings import source_status
from app.warnings.ingest.run import ingest
from app.warnings.sources.registry import asked_sources
from handlers.batches import check_schedule


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle the schedule's event and ask every source that is not turned off; raises ValueError for any other event.

    A failure of one source is recorded in its status and does not affect the others; an error of our own fails the
    event after all sources were asked.
    """
    check_schedule(event)
    outcomes, failures = {}, []
    for source in asked_sources().values():
        try:
            outcome = ingest(source, contact=settings().contact)
        except Exception as error:  # noqa: BLE001 - one source must not prevent the others from being asked
            telemetry.logger().exception("ingest failed", extra={"source": source.name})
            failures.append(error)
            continue
        outcomes[source.name] = {"in_force": outcome.in_force, "changed": outcome.changed, "failure": outcome.failure}
    telemetry.measure("SourceAge", source_status.oldest_s(), "Seconds")
    if failures:
        raise ExceptionGroup("Some sources could not be taken in.", failures)
    return outcomes
