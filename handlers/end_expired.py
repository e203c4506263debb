"""Schedule -> reactions. Safe to repeat, to skip and to run twice at the same time: it does what is due."""

from functools import partial
from typing import Any

from app.core import telemetry
from app.reactions import figures_due, inside_due, minute_passed, warnings_passed
from handlers.batches import check_schedule, has_time


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle the schedule's event; raises ValueError for any other."""
    check_schedule(event)
    cells = 0
    while rebuilt := minute_passed():
        cells += rebuilt
        if not has_time(context):
            break
    inside = inside_due(partial(has_time, context))
    warned = warnings_passed(partial(has_time, context))
    counted = figures_due(partial(has_time, context))
    telemetry.logger().info(
        "ended what had expired", extra={"cells": cells, "inside": inside, "warned": warned, "counted": counted}
    )
    return {"cells": cells}
