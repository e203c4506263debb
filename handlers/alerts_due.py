"""Schedule -> reactions. Safe to repeat, to skip and to run twice at the same time: it does what is due."""

from functools import partial
from typing import Any

from app import reactions
from app.core import telemetry
from handlers.batches import check_schedule, has_time


def handler(event: Any, context: Any) -> dict[str, int]:
    """Handle the schedule's event; raises ValueError for any other."""
    check_schedule(event)
    done = reactions.alerts_due(partial(has_time, context))
    telemetry.logger().info("did what was due of alerts", extra=done)
    return done
