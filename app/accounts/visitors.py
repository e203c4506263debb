"""Visitors: people without an account, known by a signed token of their own that is stored nowhere.

A program asks for a token; the pages keep one in a cookie that no script can read, from the first report on. It gives
no access: a visitor's reports are counted apart, so that neighbours on the same network do not use up their limit.
"""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from flask import Response, request

from app.accounts import throttle, tokens
from app.accounts.tokens import Use
from app.core import clock
from app.core.config import settings
from app.core.errors import Unauthenticated
from app.core.retention import VISITOR
from app.core.signing_keys import keys
from app.http import cookies

HOUR_S = 3600
_ID_LETTERS = 16


class Issued(NamedTuple):
    """A new visitor's token and its end in milliseconds since 1970."""

    visitor_token: str
    expires_at_ms: int


def issue(visitor_id: str = "") -> Issued:
    """Issue a token for a new visitor. Raises TooMany after some in an hour from one network."""
    limit = settings().visitors_per_hour
    throttle.count_one("visitor", throttle.network(), limit=limit, window_s=HOUR_S)
    return _issue(visitor_id)


def _issue(visitor_id: str) -> Issued:
    now_s = clock.now_ms() // 1000
    token = tokens.sign(Use.VISITOR, visitor_id or f"vis_{secrets.token_hex(8)}", issued_s=now_s)
    return Issued(token, (now_s + VISITOR.seconds) * 1000)


def id_for(key: str) -> str:
    """Return the id of the visitor that a browser becomes by its first act, from that act's key.

    A key has 128 random bits. The act may be sent again, after a lost reply, and is then still one person's.
    """
    digest = hmac.new(b"visitor:" + keys().id_key.encode(), key.encode(), hashlib.sha256).hexdigest()
    return f"vis_{digest[:_ID_LETTERS]}"


def cookie_name() -> str:
    """Return the cookie's name."""
    return cookies.bound_name("visitor")


def of_cookie() -> str:
    """Return the id of the visitor in this request's cookie; empty without a valid one."""
    claims = claims_of_cookie()
    return claims.subject if claims else ""


def claims_of_cookie() -> tokens.Claims | None:
    """Return the claims of the token in this request's cookie, or None without a valid one."""
    text = request.cookies.get(cookie_name(), "")
    try:
        return tokens.read(text, Use.VISITOR) if text else None
    except Unauthenticated:
        return None


def keep(response: Response, visitor_id: str = "") -> None:
    """Make a visitor of this browser. The caller limits how many of one network become visitors."""
    keep_token(response, _issue(visitor_id).visitor_token)


def keep_token(response: Response, token: str) -> None:
    """Let this browser be the visitor of a token."""
    cookies.keep(response, cookie_name(), token, life_s=VISITOR.seconds)
