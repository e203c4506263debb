"""Switches that an admin tries in this browser alone: for a quarter of an hour its pages show them as if stored.

They lie in a signed cookie, so nothing is stored and no other browser shows them. The API does not know them.
"""

import hashlib
import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress

from flask import Response, g, request

from app.core import clock
from app.core.signing_keys import keys
from app.http import cookies
from app.switches import current
from app.switches.current import Switches

LIFE_S = 15 * 60
LONGEST = 3500  # characters; browsers keep cookies of 4,096


def cookie_name() -> str:
    """Return the cookie's name."""
    return cookies.bound_name("trial")


def begin(response: Response, switches: Switches) -> bool:
    """Let this browser try switches; False if they are too large for a cookie."""
    content = json.dumps([clock.now_ms() + LIFE_S * 1000, current.members_of(switches)], ensure_ascii=False)
    body = urlsafe_b64encode(zlib.compress(content.encode())).decode()
    value = f"{body}.{_signature(body, keys().secret)}"
    if len(value) > LONGEST:
        return False
    cookies.keep(response, cookie_name(), value, life_s=LIFE_S)
    return True


def end(response: Response) -> None:
    """Let this browser show again what is stored."""
    cookies.forget(response, cookie_name())


def of_request() -> Switches | None:
    """Return the switches that this browser tries, or None: without a cookie, or with one that is not ours or over."""
    body, _, signature = request.cookies.get(cookie_name(), "")[:LONGEST].partition(".")
    if not body or not any(hmac.compare_digest(_signature(body, key), signature) for key in keys().verifying()):
        return None
    with suppress(ValueError, LookupError, TypeError, AttributeError, zlib.error):
        until_ms, members = json.loads(zlib.decompress(urlsafe_b64decode(body)))
        if clock.now_ms() < until_ms:
            return current.of_members(members, 0)
    return None


def enter() -> None:
    """Let this request's pages show the tried switches, if there are any. Before each page."""
    if cookie_name() in request.cookies and (tried := of_request()):
        g.trial = current.trying(tried)
        g.trial.__enter__()


def leave(_: BaseException | None = None) -> None:
    """Forget them after the page."""
    if trial := g.pop("trial", None):
        trial.__exit__(None, None, None)


def is_on() -> bool:
    """Return whether this request shows tried switches."""
    return "trial" in g


def _signature(body: str, key: str) -> str:
    return hmac.new(key.encode(), b"trial:" + body.encode(), hashlib.sha256).hexdigest()
