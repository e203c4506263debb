"""Wait between attempts at one write, for a random time: who was refused together must not meet again."""

import random
import time

FIRST_S = 0.05
_MOST_DOUBLINGS = 10


def pause(attempt: int, *, first_s: float = FIRST_S, doublings: int = _MOST_DOUBLINGS) -> None:
    """Wait after an attempt, counted from 0: at most `first_s` after the first, twice as long after each further one.

    `doublings`: the number of them after which it stays the same.
    """
    time.sleep(random.uniform(0, first_s * 2 ** min(attempt, doublings)))  # nosec: a delay, no secret
