"""Rate limits: fixed windows in DynamoDB, one conditional ADD each, so that all instances count together.

The rows hold keyed hashes only: names and network addresses cannot be read from them. If the counters do not answer, an
attempt at a password fails, so that no limit is bypassed; a report is taken, under a limit of this process.
"""

import hashlib
import hmac
import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from flask import g, request

from app.accounts.throttle_models import Throttle
from app.core import clock, dynamodb, replies, telemetry
from app.core.errors import TooMany
from app.core.retention import LIMIT_COUNT
from app.core.signing_keys import keys

SITE, HOUSEHOLD = 48, 64  # lengths of IPv6 prefixes
PARTS_AT_ONCE = 4  # a site has four times the limit of a household
PART_COLUMNS = 64
TOO_MANY = "Too many tries. Wait for the number of seconds in Retry-After, then try again."
NO_LIMIT = 10**9
WHOLE = "taken"  # column of a caller's row; the others are of parts of the caller
SIGN_IN_WINDOW_S = 15 * 60
COUNTERS_S = 1.5  # seconds of a request's time for the database; the rest is for the counted work itself
MOST_IN_PROCESS = 30  # attempts that a process admits in a window while it cannot reach the counters
_MOST_KEYS = 10_000
_in_process: Counter[str] = Counter()
_counting = Lock()


class Count(NamedTuple):
    """State of one limit after this request."""

    kind: str
    limit: int
    window_s: int
    left: int
    reset_s: int


class Caller(NamedTuple):
    """Caller whose attempts are counted. With `part`: a part of `who`, such as a household of a network; both count."""

    who: str
    part: str = ""

    @classmethod
    def of(cls, who: "str | Caller") -> "Caller":
        return who if isinstance(who, Caller) else cls(who)


class Whole(NamedTuple):
    """Limit of the whole that a caller is a part of, and its name in headers."""

    kind: str
    limit: int


def count_one(kind: str, who: str | Caller, *, limit: int, window_s: int, whole: Whole | None = None) -> None:
    """Count one attempt; raises TooMany, without counting, if the window already holds `limit`.

    The whole of a part is limited too: by `whole`, else to the limit of four parts. One write counts both.
    """
    caller = Caller.of(who)
    of_whole = whole.limit if whole else limit * PARTS_AT_ONCE if caller.part else limit
    limits = {WHOLE: of_whole} | ({caller.part: limit} if caller.part else {})
    added = add(kind, caller.who, limits, window_s=window_s)
    left = {column: limits[column] - count for column, count in added[0].items()} if added else dict.fromkeys(limits, 0)
    if whole:
        note(whole.kind, limit=whole.limit, left=left.pop(WHOLE), window_s=window_s)
    note(kind, limit=limit, left=min(left.values()), window_s=window_s)
    if added is None:
        raise too_many(window_s)


def add(
    kind: str, who: str, *rooms: Mapping[str, int], window_s: int, mark: str = "", many: int = 1
) -> tuple[dict[str, int], str] | None:
    """Count one attempt, or `many`, in some columns of a caller's row, as `Throttle.add_one` does."""
    purge_at_s = _end_s(window_s) + LIMIT_COUNT.seconds
    return Throttle.add_one(_key(kind, who, window_s), *rooms, purge_at_s=purge_at_s, mark=mark, many=many)


def note(kind: str, *, limit: int, left: int, window_s: int) -> None:
    """Note the state of a limit for the headers of this request's answer."""
    reset_s = _end_s(window_s) - clock.now_ms() // 1000
    g.setdefault("limits", {})[kind] = Count(kind, limit, window_s, left=left, reset_s=reset_s)


def too_many(window_s: int) -> TooMany:
    """Return the problem of a limit that is used up until its window ends."""
    return TooMany(TOO_MANY, retry_after_s=_end_s(window_s) - clock.now_ms() // 1000)


def take_if_readable(kind: str, who: str | Caller, *, limit: int, window_s: int) -> bool:
    """Count one attempt as `count_one` does, for requests that must succeed while the counters are unavailable.

    Then this process alone counts, up to a small limit. Returns whether there is something to give back.
    """
    try:
        with replies.ending_within(COUNTERS_S):
            count_one(kind, who, limit=limit, window_s=window_s)
    except dynamodb.FAILURES as error:
        take_in_process(kind, Caller.of(who).who, error, limit=limit, window_s=window_s)
        return False
    return True


def take_many_if_readable(kind: str, who: str, many: int, *, limit: int, window_s: int) -> tuple[int, bool]:
    """Count up to `many` attempts; return for how many there was room, and whether these can be given back.

    One write counts all where all have room; else some more find out how many have. As `take_if_readable` otherwise.
    """
    taken, left, size = 0, 0, many
    try:
        with replies.ending_within(COUNTERS_S):
            while size and taken < many:
                size = min(size, many - taken)
                if added := add(kind, who, {WHOLE: limit}, window_s=window_s, many=size):
                    taken, left = taken + size, limit - added[0][WHOLE]
                else:
                    size //= 2
    except dynamodb.FAILURES as error:
        telemetry.logger().error("limit not counted", extra={"kind": kind, "error": type(error).__name__})
        while taken < many and _has_room_in_process(kind, who, limit=limit, window_s=window_s):
            taken += 1
        return taken, False
    note(kind, limit=limit, left=left, window_s=window_s)
    return taken, True


def take_in_process(kind: str, who: str, error: Exception, *, limit: int, window_s: int) -> None:
    """Count one attempt in this process only, because of an outage of the counters. Raises TooMany."""
    telemetry.logger().error("limit not counted", extra={"kind": kind, "error": type(error).__name__})
    if not _has_room_in_process(kind, who, limit=limit, window_s=window_s):
        raise TooMany(TOO_MANY, retry_after_s=clock.MINUTE_MS // 1000)


def _has_room_in_process(kind: str, who: str, *, limit: int, window_s: int) -> bool:
    key = _key(kind, who, window_s)
    with _counting:
        if len(_in_process) >= _MOST_KEYS:
            _in_process.clear()
        _in_process[key] += 1
        return _in_process[key] <= min(limit, MOST_IN_PROCESS)


def give_back_if_readable(
    kind: str, who: str, columns: Iterable[str], *, window_s: int, shown_limits: Iterable[str], many: int = 1
) -> None:
    """Undo one attempt, or `many`. If the counters are unavailable, it stays counted, which is the lesser harm.

    `shown_limits`: the limits whose state the headers show.
    """
    try:
        with replies.ending_within(COUNTERS_S):
            Throttle.take_one_back(_key(kind, who, window_s), columns, many)
            for limit in shown_limits:
                _note_more(limit, many)
    except dynamodb.FAILURES as error:
        telemetry.logger().error("limit not given back", extra={"kind": kind, "error": type(error).__name__})


def uncount_one(kind: str, who: str | Caller, window_s: int, *, whole: Whole | None = None) -> None:
    """Undo one `count_one` of this window."""
    caller = Caller.of(who)
    Throttle.take_one_back(_key(kind, caller.who, window_s), filter(None, (WHOLE, caller.part)))
    for limit in filter(None, (kind, whole and whole.kind)):
        _note_more(limit)


def _note_more(kind: str, many: int = 1) -> None:
    limits = g.get("limits", {})
    if count := limits.get(kind):
        limits[kind] = count._replace(left=min(count.left + many, count.limit))


def has_many(kind: str, who: str, *, many: int, window_s: int) -> bool:
    """Count one attempt and return whether the window holds more than `many`. No attempt is refused."""
    added = add(kind, who, {WHOLE: NO_LIMIT}, window_s=window_s)
    return added is None or added[0][WHOLE] > many


def network() -> Caller:
    """Return the caller's network as keyed hashes: an IPv4 address, or an IPv6 /48 (a site) and its /64 (a household).

    A site has 65,536 households. They share a fixed number of columns, so that the site's row stays small.
    """
    whole, part = _network_of(request.remote_addr or "")
    return Caller(_hash(f"network:{whole}"), f"p{_column(f'part:{part}')}" if part else "")


def column_of_visitor(visitor_id: str) -> str:
    """Return the column of a visitor in the row of their network. Visitors share a fixed number of columns."""
    return f"v{_column(f'visitor:{visitor_id}')}"


def _column(text: str) -> int:
    return int(_hash(text)[:8], 16) % PART_COLUMNS


def at_network(who: str) -> Caller:
    """Return the attempts at an account from the caller's network, as a part of all attempts from that network."""
    here = network()
    return Caller(here.who, f"a{_hash(f'at:{here.part}:{who}')[:8]}")


def from_network(who: str) -> Caller:
    """Return the attempts at an account from all networks, of which those from the caller's network are a part."""
    here = network()
    return Caller(who, f"n{_hash(f'from:{here.who}:{here.part}:{who}')[:8]}")


def headers() -> dict[str, str]:
    """Return `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10) for this request."""
    counts: list[Count] = list(g.limits.values())
    return {
        "RateLimit-Policy": ", ".join(f'"{count.kind}";q={count.limit};w={count.window_s}' for count in counts),
        "RateLimit": ", ".join(f'"{count.kind}";r={count.left};t={count.reset_s}' for count in counts),
    }


@lru_cache(maxsize=256)
def _network_of(address: str) -> tuple[str, str]:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address, ""
    if isinstance(ip, ipaddress.IPv6Address) and not ip.ipv4_mapped:
        whole, part = (ipaddress.ip_network((ip, length), strict=False) for length in (SITE, HOUSEHOLD))
        return str(whole), str(part)
    return str(getattr(ip, "ipv4_mapped", None) or ip), ""


def _end_s(window_s: int) -> int:
    now_s = clock.now_ms() // 1000
    return now_s - now_s % window_s + window_s


def _key(kind: str, who: str, window_s: int) -> str:
    window = clock.now_ms() // 1000 // window_s
    return f"{kind}#{_hash(f'{kind}:{who}')}#{window}"


def _hash(text: str) -> str:
    return hmac.new(b"throttle:" + keys().secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
