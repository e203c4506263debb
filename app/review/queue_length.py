"""Count the responders' queue up to a bound: the exact number, or `more than N`."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from app.core import clock, dynamodb
from app.review.queue_models import QueueRow
from app.review.queue_pages import busy_tiles
from app.review.urgency import SHARDS, State, shard_of

MOST_ROWS = 500  # that are read of those that wait for a first look: about 35 read units, and half for each partition
MOST_RARE_ROWS = 200  # of each other state
MOST_TILES = 16
_ROUNDS = 3


class Length(NamedTuple):
    """Number of waiting reports; `is_at_least`: there are more, or may be."""

    number: int
    is_at_least: bool


def count() -> dict[State, Length]:
    """Return for how many active reports each state of the queue stands. Raises what the database raises.

    At most 112 queries of a first round, and about 150 read units, however many wait: the 16 tiles with most reports.
    """
    tiles = busy_tiles(lambda _: True)
    counted = tiles[:MOST_TILES]
    shards = [shard_of(tile, number) for tile in counted for number in range(SHARDS)]
    lengths = {State.WAITING: _count(shards, State.WAITING, MOST_ROWS, is_by_state=False)}
    for state in (State.DISPUTED, State.MAY_BE_OVER, State.PHOTOS):
        partitions = [f"{tile}#{state}" for tile in counted]
        lengths[state] = _count(partitions, state, MOST_RARE_ROWS, is_by_state=True)
    if len(tiles) > len(counted):
        lengths = {state: length._replace(is_at_least=True) for state, length in lengths.items()}
    return lengths


def _count(partitions: Sequence[str], state: State, most: int, *, is_by_state: bool) -> Length:
    """Count the rows of some partitions, each as far as its part of the bound reaches."""
    number, now_ms = 0, clock.now_ms()
    left: list[tuple[str, object]] = [(partition, None) for partition in partitions]
    for _ in range(_ROUNDS):
        if not left or most <= 0:
            break
        limit = max(1, most // len(left))
        read = partial(QueueRow.count_in, state=state, now_ms=now_ms, limit=limit, is_by_state=is_by_state)
        pages = dynamodb.in_one_round([partial(read, partition, start=start) for partition, start in left])
        number += sum(page.number for page in pages)
        most -= sum(page.read for page in pages)
        left = [(name, page.next_start) for (name, _), page in zip(left, pages, strict=True) if page.next_start]
    return Length(number, is_at_least=bool(left))
