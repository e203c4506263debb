"""Sessions of the pages: a cookie that no script can read, for a session that ends like any other.

The cookie holds a signed token with a use of its own, which no other token can replace. A resident's session ends after
12 hours without a visit and after 7 days in any case; that of a responder or admin after 30 minutes and 12 hours (OWASP
ASVS 5.0, 7.3.1 and 7.3.2). Signing out, everywhere or here, takes effect with the next request.
"""

from flask import Response, g, request

from app.accounts import sign_in_notes, tokens
from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from app.core import clock
from app.core.errors import Unauthenticated
from app.core.retention import DEVICE, SESSION
from app.http import cookies

HOUR_S = 3600
IDLE_S: dict[str, int] = {Role.RESIDENT: 12 * HOUR_S, Role.RESPONDER: HOUR_S // 2, Role.ADMIN: HOUR_S // 2}
WHOLE_S: dict[str, int] = {Role.RESIDENT: SESSION.seconds, Role.RESPONDER: 12 * HOUR_S, Role.ADMIN: 12 * HOUR_S}
# A role of a later release may be staff: the strictest limits apply.
IDLE_OTHERWISE_S, WHOLE_OTHERWISE_S = min(IDLE_S.values()), min(WHOLE_S.values())
# The cookie is renewed when a tenth of the idle time has passed, not at each visit.
RENEWED_AFTER = 0.1


def cookie_name() -> str:
    """Return the cookie's name."""
    return cookies.bound_name("session")


def device_cookie() -> str:
    """Return the name of the cookie with the mark of a device that was signed in on. It gives no access."""
    return cookies.bound_name("device")


def device() -> str:
    """Return this device's mark of an earlier sign-in; empty if there was none."""
    return request.cookies.get(device_cookie(), "")


def begin(response: Response, account: Account) -> None:
    """Begin a session on the pages; the session of the request's cookie ends, of any account (ASVS, 7.2.4)."""
    before, family = find(), RefreshFamily.start(account)
    if before:
        before[1].end()
    _set_cookie(sign_in_notes.noted(account, response), account, family)
    cookies.keep(response, device_cookie(), tokens.device_token(account), life_s=DEVICE.seconds)


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
    now_s = clock.now_ms() // 1000
    if now_s > int(family.rotated_at_ms) // 1000 + WHOLE_S.get(account.role, WHOLE_OTHERWISE_S):
        return None
    idle_s = IDLE_S.get(account.role, IDLE_OTHERWISE_S)
    # A changed role has its own idle time from now on.
    if now_s > claims.issued_at_s + idle_s:
        return None
    if now_s > claims.issued_at_s + idle_s * RENEWED_AFTER:
        g.renewed_session = account, family
    return account, family


def renew(response: Response) -> None:
    """Renew the cookie if `find` has marked it as due."""
    if (session := g.pop("renewed_session", None)) and not _is_set(response):
        _set_cookie(response, *session)


def forget(response: Response) -> None:
    """Delete the cookie; the session itself is ended by `tokens.end_session`."""
    cookies.forget(response, cookie_name())


def _set_cookie(response: Response, account: Account, family: RefreshFamily) -> None:
    life_s = IDLE_S.get(account.role, IDLE_OTHERWISE_S)
    text = tokens.session_token(account, family, life_s=life_s)
    cookies.keep(response, cookie_name(), text, life_s=life_s)


def _is_set(response: Response) -> bool:
    return any(value.startswith(f"{cookie_name()}=") for value in response.headers.getlist("Set-Cookie"))
