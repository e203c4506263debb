"""Limits of what a network sends without an account: beyond a soft one it is taken and marked, at a hard one refused.

One row and one write count the network (of IPv6 the site), the household in it and the visitor. The limits of a part of
a network are smaller; those of an IPv6 site are four times a household's. A visitor has attempts of their own, which a
used-up network does not refuse; beyond these they count as anyone on the network does, and are marked.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

from app.accounts import throttle
from app.accounts.persons import Person
from app.accounts.throttle import PARTS_AT_ONCE, WHOLE, Caller
from app.core import dynamodb, replies

MARK_BYTES = 6
FEW = 3  # acts in a window that a person keeps when others have used up the network
VISITOR = "visitor-"  # prefix of the limit's name in headers


class NetworkLimits(NamedTuple):
    """Attempts in a window: of a network until they are marked, of a network in all, of one visitor."""

    soft: int
    hard: int
    visitor: int


class CountedAttempt(NamedTuple):
    """A counted attempt; `mark` is empty below the soft limit, else shared by all beyond it in this window.

    `columns` is empty if the counters are unavailable. The mark is random: nothing about the network follows from it.
    """

    kind: str
    who: str
    columns: tuple[str, ...]
    mark: str = ""


def take(kind: str, limits: NetworkLimits, *, visitor_id: str, window_s: int) -> CountedAttempt:
    """Count one attempt from the caller's network. Raises TooMany if neither it nor the visitor has one left."""
    caller = throttle.network()
    own = {throttle.column_of_visitor(visitor_id): limits.visitor} if visitor_id else {}
    whole = _of_network(caller, limits.hard)
    try:
        with replies.ending_within(throttle.COUNTERS_S):
            rooms, mark = [room for room in (own, whole) if room], secrets.token_hex(MARK_BYTES)
            added = throttle.add(kind, caller.who, *rooms, window_s=window_s, mark=mark)
    except dynamodb.FAILURES as error:
        limit = limits.visitor if visitor_id else limits.hard
        throttle.take_in_process(kind, f"{caller.who}{visitor_id}", error, limit=limit, window_s=window_s)
        return CountedAttempt(kind, caller.who, ())
    counts = added[0] if added else own | whole
    for name, room, limit in ((VISITOR + kind, own, limits.visitor), (kind, whole, limits.hard)):
        if room:
            left = min(room[column] - counts[column] for column in room)
            throttle.note(name, limit=limit, left=max(0, min(left, limit)), window_s=window_s)
    if added is None:
        raise throttle.too_many(window_s)
    is_beyond = _is_beyond(counts, _of_network(caller, limits.soft) | own)
    return CountedAttempt(kind, caller.who, tuple(counts), added[1] if is_beyond else "")


def give_back(attempt: CountedAttempt, *, window_s: int) -> None:
    """Undo one `take`, as far as the counters are available."""
    if attempt.columns:
        shown_limits = (attempt.kind, VISITOR + attempt.kind)
        throttle.give_back_if_readable(
            attempt.kind, attempt.who, attempt.columns, window_s=window_s, shown_limits=shown_limits
        )


def _is_beyond(counts: Mapping[str, int], limits: Mapping[str, int]) -> bool:
    return any(counts[column] > limit for column, limit in limits.items())


def _of_network(caller: Caller, limit: int) -> dict[str, int]:
    return {WHOLE: limit * PARTS_AT_ONCE, caller.part: limit} if caller.part else {WHOLE: limit}


def take_act(kind: str, person: Person, *, own: int, network: int, window_s: int) -> None:
    """Count one act of a person: of an account against its own limit alone, else as `take_for_person` does.

    Raises TooMany.
    """
    if person.account_id:
        throttle.take_if_readable(kind, person.account_id, limit=own, window_s=window_s)
    else:
        take_for_person(kind, person.id, own=own, network=network, window_s=window_s)


def take_for_person(kind: str, name: str, *, own: int, network: int, window_s: int) -> None:
    """Count one act of a person without an account, limited for the person and for the network. Raises TooMany.

    A few acts of a person's own are left when others have used up the network. If the counters are unavailable, this
    process alone counts.
    """
    caller, column = throttle.network(), throttle.column_of_visitor(name)
    rooms = ({column: own} | _of_network(caller, network), {column: min(own, FEW)})
    try:
        with replies.ending_within(throttle.COUNTERS_S):
            added = throttle.add(kind, caller.who, *rooms, window_s=window_s)
    except dynamodb.FAILURES as error:
        throttle.take_in_process(kind, f"{caller.who}{name}", error, limit=own, window_s=window_s)
        return
    left = max(0, own - added[0][column]) if added else 0
    throttle.note(kind, limit=own, left=left, window_s=window_s)
    if added is None:
        raise throttle.too_many(window_s)
