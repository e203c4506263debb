"""Call the scheduled functions of serverless.yml, as EventBridge would: `python -m infra.local.schedules [HANDLER ..]`.

All only with LIVE=1, since they may ask sources. In turn, in this process; a failure is logged and the next turn
follows.
"""

import importlib
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from infra.local.gateway_menu import read_functions

EVENT = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
LOGGER = logging.getLogger("schedule")


def timetable(*chosen: str) -> dict[str, int]:
    """Return the interval in seconds of each handler, by module and function: of the chosen ones, else of all."""
    rates = {
        function["handler"]: _seconds(event["schedule"])
        for function in read_functions().values()
        for event in function.get("events", [])
        if "schedule" in event
    }
    return {name: rates[name] for name in chosen or rates}


def _seconds(rate: str | dict[str, Any]) -> int:
    text = rate if isinstance(rate, str) else str(rate["rate"])
    match = RATE.fullmatch(text)
    assert match, f"{text!r} is no rate that this knows"
    return int(match[1]) * SECONDS[match[2]]


def turns(rates: dict[str, int], *, now: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[str]:
    """Yield the handlers in the order of their turns, each immediately and then at its interval."""
    due = dict.fromkeys(rates, now())
    while due:
        handler = min(due, key=lambda name: due[name])
        sleep(max(0.0, due[handler] - now()))
        due[handler] = now() + rates[handler]
        yield handler


def call(name: str) -> None:
    """Run one handler (`handlers/end_expired.handler`) on the schedule's event."""
    module, _, function = name.replace("/", ".").rpartition(".")
    try:
        getattr(importlib.import_module(module), function)(EVENT, None)
    except Exception:  # as Lambda does: after any failure the next turn follows
        LOGGER.exception("%s failed", name)


def main() -> None:
    logging.basicConfig(format="%(name)s: %(message)s")
    for name in turns(timetable(*sys.argv[1:]), now=time.monotonic, sleep=time.sleep):
        call(name)


if __name__ == "__main__":
    main()
