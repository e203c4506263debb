"""Sessions of the pages: a cookie that no script can read, for a session that ends like any other.

The cookie holds a signed token with a use of its own, which no other token can replace. A resident's session ends after
12 hours without a visit and after 7 days in any case; that of a responder or admin after 30 minutes and 12 hours
(session_limits.py). The cookie has the time of the last visit in itself, so that a copy of an older one ends before.
Signing out, everywhere or here, takes effect with the next request.
"""

from flask import Response, g, request

from app.accounts import new_sign_ins, session_limits, session_starts, tokens
from app.accounts.models import Account
from app.accounts.session_models import PAGES, RefreshFamily
from app.core import clock
from app.core.errors import Unauthenticated
from app.core.retention import DEVICE
from app.http import cookies


def cookie_name() -> str:
    """Return the cookie's name."""
    return cookies.bound_name("session")


def device_cookie() -> str:
    """Return the name of the cookie with the mark of a device that was signed in on. It gives no access."""
    return cookies.bound_name("device")


def device() -> str:
    """Return this device's mark of an earlier sign-in; empty if there was none."""
    return request.cookies.get(device_cookie(), "")


def any_device() -> str:
    """Return the mark of the device that sends this request, a browser or an app; empty if it has none."""
    return device() or request.headers.get("Device-Token", "")


def begin(response: Response, account: Account, *, is_first: bool = False) -> None:
    """Begin a session on the pages; the session of the request's cookie ends, of any account (ASVS, 7.2.4).

    `is_first`: the account has just been made here.
    """
    before = find()
    family, mark = session_starts.start(
        account, PAGES, device_token=device(), user_agent=request.user_agent.string, is_first=is_first
    )
    if before:
        before[1].end()
    _set_cookie(response, account, family)
    cookies.keep(response, device_cookie(), mark, life_s=DEVICE.seconds)


def remember_told(response: Response, account: Account, until_ms: int) -> None:
    """Let this browser remember up to which sign-in its person has been told of new ones, for its next sign-in."""
    mark = tokens.device_token(account, told_until_ms=until_ms)
    cookies.keep(response, device_cookie(), mark, life_s=DEVICE.seconds)


def remember_all_told(response: Response, account: Account, family: RefreshFamily) -> None:
    """Let this browser remember that its person has answered for all sign-ins that this session was to tell of."""
    if waiting := new_sign_ins.unanswered(account, family):
        remember_told(response, account, waiting[-1].at_ms)


def find() -> tuple[Account, RefreshFamily] | None:
    """Return the account and session of this request's cookie, read consistently; None without a valid one."""
    text = request.cookies.get(cookie_name())
    if not text:
        return None
    try:
        claims = tokens.read(text, tokens.Use.SESSION)
        account, family = tokens.find_session(claims)
    except Unauthenticated:
        return None
    # A changed role has its own idle time from now on.
    idle_s, passed_s = session_limits.idle_s(account.role), clock.now_ms() // 1000 - claims.issued_at_s
    if passed_s > idle_s:
        return None
    if passed_s > idle_s * session_limits.NOTED_AFTER:
        g.renewed_session = account, family
    if session_limits.is_use_to_note(family, account.role):
        family.note_use(PAGES, is_of_new_pair=False)
    return account, family


def renew(response: Response) -> None:
    """Renew the cookie if `find` has marked it as due."""
    if (session := g.pop("renewed_session", None)) and not _is_set(response):
        _set_cookie(response, *session)


def forget(response: Response) -> None:
    """Delete the cookie; the session itself is ended by `tokens.end_session`."""
    cookies.forget(response, cookie_name())


def _set_cookie(response: Response, account: Account, family: RefreshFamily) -> None:
    life_s = session_limits.idle_s(account.role)
    text = tokens.session_token(account, family, life_s=life_s)
    cookies.keep(response, cookie_name(), text, life_s=life_s)


def _is_set(response: Response) -> bool:
    return any(value.startswith(f"{cookie_name()}=") for value in response.headers.getlist("Set-Cookie"))
