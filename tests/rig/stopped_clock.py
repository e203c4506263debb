"""The web function on a machine whose clock stands still, so that all requests fall into one millisecond."""

import functools
import time
from typing import Any

import time_machine

from handlers import api


@functools.cache
def _stop() -> None:
    """At the next full ten seconds: the same moment in all instances, and later than what was signed before."""
    time_machine.travel(time.time() // 10 * 10 + 10, tick=False).start()


def handler(event: Any, context: Any) -> Any:
    _stop()
    return api.handler(event, context)
