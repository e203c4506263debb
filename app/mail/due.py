"""Hand the messages that wait for a minute to their queues when it has come."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from app.core import clock
from app.mail.due_models import Released
from app.mail.index_models import due_keys
from app.mail.models import Delivery

MOST_AT_ONCE = 1000  # messages in memory
Key = tuple[str, str]  # recipient and event


def release(hand_over: Callable[[Sequence[Key]], None], goes_on: Callable[[], bool]) -> int:
    """Hand over what is due, minute by minute since the last run; return how many messages.

    `goes_on` returns whether there is time for more; the next run goes on with the minute that was not finished. A
    message is stored at least a minute before it is due, so that none comes to a minute that is done. Safe to repeat.
    """
    released, now_ms, count = Released.find(), clock.now_ms(), 0
    released.minute_ms = released.minute_ms or clock.minute_of(now_ms) - clock.MINUTE_MS
    for minute_ms in range(int(released.minute_ms) + clock.MINUTE_MS, now_ms + 1, clock.MINUTE_MS):
        for key, keys in _parts(minute_ms, released):
            if not goes_on():
                return count
            hand_over(keys)
            released.note_part(key, keys[-1][0])
            count += len(keys)
        released.note(minute_ms)
        if not goes_on():
            break
    return count


def _parts(minute_ms: int, released: Released) -> Iterator[tuple[str, list[Key]]]:
    """Yield the messages of a minute, some at a time, each with the key of its shard; what is done is left out.

    The last person of the part before comes once more: there may be two messages to one person.
    """
    keys = due_keys(minute_ms)
    first_shard = keys.index(released.key) if released.key in keys else 0
    for key in keys[first_shard:]:
        waiting = Delivery.due_at(key, first=str(released.person) if key == released.key else "")
        while rows := list(islice(waiting, MOST_AT_ONCE)):
            yield key, [(str(row.recipient), str(row.event)) for row in rows]
