"""Persons: who says something about a report. An account, else a visitor, else the holder of an edit token.

A person without an account is named by a keyed hash, so that no stored row holds a token's id. A network is a keyed
hash of an address's /24 or /48 that changes with the month, and is kept for some days only.
"""

import hashlib
import hmac
import ipaddress
from functools import lru_cache
from typing import NamedTuple

from flask import g, request

from app.accounts import visitors
from app.accounts.auth import Caller, account
from app.accounts.tokens import Claims
from app.core import clock
from app.core.signing_keys import keys

_LETTERS = 20
NETWORK_LENGTHS = {4: 24, 6: 48}


class Person(NamedTuple):
    """Sender of votes and flags: a name for rows, the account if there is one, and since when (ms) it is known."""

    id: str
    account_id: str | None
    visitor_id: str
    known_since_ms: int


def person_of(caller: Caller, *, is_page: bool = False) -> Person | None:
    """Return the person who sends this request, or None if unknown. Pages know a visitor by the cookie."""
    if caller.account_id is not None:
        return Person(caller.account_id, caller.account_id, "", int(account().created_at_ms))
    visitor = visitor_claims(is_page=is_page)
    if visitor is not None:
        return of_visitor(visitor)
    if caller.edits_report is not None:
        # The token's report is as old as the token: its id is enough, and nothing more is known.
        return Person(f"e_{caller.edits_report}", None, "", clock.now_ms())
    return None


def of_visitor(claims: Claims) -> Person:
    """Return the person of a visitor's token."""
    return Person(filer_of(claims.subject), None, claims.subject, claims.issued_at_s * 1000)


def visitor_claims(*, is_page: bool) -> Claims | None:
    """Return the claims of the visitor who sends this request: of the bearer token, on pages of the cookie."""
    claims: Claims | None = g.get("visitor")
    return claims or (visitors.claims_of_cookie() if is_page else None)


def filer_of(visitor_id: str) -> str:
    """Name a visitor in rows."""
    return f"v_{_hash(f'visitor:{visitor_id}')}"


def network_at(at_ms: int) -> str:
    """Name the caller's network in rows about a report that was filed at this moment.

    All that is said about one report is named by the key of its month, so that the end of a month doubles no network.
    """
    return network_in(month_of(at_ms))


def month_of(at_ms: int) -> str:
    """Return the month whose key names networks in rows about a report that was filed at this moment."""
    return clock.day_of(at_ms)[:7]


def network_in(month: str) -> str:
    """Name the caller's network by the key of a month."""
    return _hash(f"network:{month}:{_prefix(request.remote_addr or '')}")


@lru_cache(maxsize=256)
def _prefix(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, NETWORK_LENGTHS[ip.version]), strict=False))


def _hash(text: str) -> str:
    return hmac.new(b"person:" + keys().id_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:_LETTERS]
