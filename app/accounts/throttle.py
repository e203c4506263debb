"""Rate limits: fixed windows in DynamoDB, one conditional ADD each, so that all instances count together.

The rows hold keyed hashes only: names and network addresses cannot be read from them. If the database does not answer,
the request fails, so that no limit is bypassed.
"""

import hashlib
import hmac
import ipaddress
from typing import NamedTuple

from flask import g, request

from app.accounts.models import Throttle
from app.core import clock
from app.core.errors import TooMany
from app.core.retention import LIMIT_COUNT
from app.core.signing_keys import keys

TOO_MANY = "Too many tries. Wait for the number of seconds in Retry-After, then try again."


class Count(NamedTuple):
    """State of one limit after this request."""

    kind: str
    limit: int
    window_s: int
    left: int
    reset_s: int


def take(kind: str, who: str, *, limit: int, window_s: int) -> None:
    """Count one attempt; raises TooMany, without counting, if the window already holds `limit`."""
    now_s = clock.now_ms() // 1000
    ends_s = now_s - now_s % window_s + window_s
    taken = Throttle.add_one(_key(kind, who, window_s), limit=limit, purge_at=ends_s + LIMIT_COUNT.seconds)
    left = 0 if taken is None else limit - taken
    g.setdefault("limits", {})[kind] = Count(kind, limit, window_s, left=left, reset_s=ends_s - now_s)
    if taken is None:
        raise TooMany(TOO_MANY, retry_after_s=ends_s - now_s)


def give_back(kind: str, who: str, window_s: int) -> None:
    """Undo one `take` of this window."""
    Throttle.take_one_back(_key(kind, who, window_s))
    limits = g.get("limits", {})
    if count := limits.get(kind):
        limits[kind] = count._replace(left=min(count.left + 1, count.limit))


def network() -> str:
    """Return the caller's network as a keyed hash: one IPv4 address, or one IPv6 /64, which is one household."""
    return _hash(f"network:{_network_of(request.remote_addr or '')}")


def headers() -> dict[str, str]:
    """Return `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10) for this request."""
    counts: list[Count] = list(g.limits.values())
    return {
        "RateLimit-Policy": ", ".join(f'"{count.kind}";q={count.limit};w={count.window_s}' for count in counts),
        "RateLimit": ", ".join(f'"{count.kind}";r={count.left};t={count.reset_s}' for count in counts),
    }


def _network_of(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _key(kind: str, who: str, window_s: int) -> str:
    window = clock.now_ms() // 1000 // window_s
    return f"{kind}#{_hash(f'{kind}:{who}')}#{window}"


def _hash(text: str) -> str:
    return hmac.new(b"throttle:" + keys().secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
