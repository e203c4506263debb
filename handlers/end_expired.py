"""Schedule -> reactions. Safe to repeat, to leave out and to run twice at once: it makes anew what is due."""

from typing import Any

from app import telemetry
from app.reactions import minute_passed

LEFT_MS = 15_000  # a round takes a few seconds at most; what is left then is done a minute later


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Take the schedule's event; raises ValueError for any other."""
    if not isinstance(event, dict) or event.get("source") not in ("aws.events", "aws.scheduler"):
        raise ValueError("This function takes its schedule's events, and nothing else.")
    cells = 0
    while found := minute_passed():
        cells += found
        if context is None or context.get_remaining_time_in_millis() < LEFT_MS:
            break
    telemetry.logger().info("ended what had expired", extra={"cells": cells})
    return {"cells": cells}
