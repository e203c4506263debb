"""Visitors: people without an account, known by a signed token of their own that is stored nowhere.

A program asks for a token; the pages keep one in a cookie that no script can read, from the first report on. It gives
no access: a visitor's reports are counted apart, so that neighbours on the same network do not use up their limit.
"""

import secrets
from typing import NamedTuple

from flask import Response, request

from app.accounts import throttle, tokens
from app.accounts.tokens import Use
from app.core import clock
from app.core.config import settings
from app.core.errors import Unauthenticated
from app.core.retention import VISITOR

HOUR_S = 3600


class Issued(NamedTuple):
    """A new visitor's token and its end in milliseconds since 1970."""

    visitor_token: str
    expires_at_ms: int


def issue() -> Issued:
    """Issue a token for a new visitor. Raises TooMany after some in an hour from one network."""
    limit = settings().visitors_per_hour
    throttle.count_one("visitor", throttle.network(), limit=limit, window_s=HOUR_S)
    return _issue()


def _issue() -> Issued:
    now_s = clock.now_ms() // 1000
    token = tokens.sign(Use.VISITOR, f"vis_{secrets.token_hex(8)}", issued_s=now_s)
    return Issued(token, (now_s + VISITOR.seconds) * 1000)


def cookie_name() -> str:
    """Return the cookie's name. `__Host-` binds it to this host and to TLS, absent locally."""
    return "visitor" if settings().is_local else "__Host-visitor"


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


def keep(response: Response) -> None:
    """Make a visitor of this browser. The caller limits how many of one network become visitors."""
    response.set_cookie(
        cookie_name(),
        _issue().visitor_token,
        max_age=VISITOR.seconds,
        path="/",
        secure=not settings().is_local,
        httponly=True,
        samesite="Lax",
    )
