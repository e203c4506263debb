"""Who is signed in on the pages: a cookie that no script reads, over a sign-in that ends like any other.

The cookie holds a signed token of its own use, so that none can pass for another. A resident's session ends after
12 hours without a visit and after 7 days in any case; that of a responder or admin after 30 minutes and 12 hours
(OWASP ASVS 5.0, 7.3.1 and 7.3.2). Signing out, everywhere or here, counts from the next request on.
"""

from flask import Response, g, request

from app.accounts import tokens
from app.accounts.models import Account, RefreshFamily, Role
from app.core import clock
from app.core.config import settings
from app.core.errors import Unauthenticated

HOUR_S = 3600
IDLE_S: dict[str, int] = {Role.RESIDENT: 12 * HOUR_S, Role.RESPONDER: HOUR_S // 2, Role.ADMIN: HOUR_S // 2}
WHOLE_S: dict[str, int] = {Role.RESIDENT: 7 * 24 * HOUR_S, Role.RESPONDER: 12 * HOUR_S, Role.ADMIN: 12 * HOUR_S}
# A role of a later release may be one of staff: as careful as with those.
IDLE_OTHERWISE_S, WHOLE_OTHERWISE_S = min(IDLE_S.values()), min(WHOLE_S.values())
# A visit makes the cookie anew when a tenth of the idle time has passed, not each time.
RENEWED_AFTER = 0.1


def cookie_name() -> str:
    """`__Host-` binds it to this host and to TLS (RFC 6265bis, 4.1.3.2); a run on one machine has no TLS."""
    return "session" if settings().is_local else "__Host-session"


def begin(response: Response, account: Account) -> None:
    """Sign in on the pages: a new sign-in. That of the cookie that was there ends, whoever's it was (ASVS, 7.2.4)."""
    before, family = find(), RefreshFamily.start(account)
    if before:
        before[1].end()
    _give(response, account, family)


def find() -> tuple[Account, RefreshFamily] | None:
    """The account and sign-in of this request's cookie, as they are now; None without one that counts."""
    text = request.cookies.get(cookie_name())
    if not text:
        return None
    try:
        claims = tokens.read(text, tokens.Use.SESSION)
        account, family = tokens.find_session(claims)
    except Unauthenticated:
        return None
    now_s = clock.now_ms() // 1000
    if now_s > int(family.rotated_at) // 1000 + WHOLE_S.get(account.role, WHOLE_OTHERWISE_S):
        return None
    idle_s = IDLE_S.get(account.role, IDLE_OTHERWISE_S)
    # A role that has changed meanwhile has its own idle time from now on.
    if now_s > claims.issued_at_s + idle_s:
        return None
    if now_s > claims.issued_at_s + idle_s * RENEWED_AFTER:
        g.renewed_session = account, family
    return account, family


def renew(response: Response) -> None:
    """Move the idle time on, where `find` has seen that it is time."""
    if (found := g.pop("renewed_session", None)) and not _is_set(response):
        _give(response, *found)


def forget(response: Response) -> None:
    """Take the cookie away; the sign-in itself ends by `tokens.end_session`."""
    response.delete_cookie(cookie_name(), **_marks())  # type: ignore[arg-type]  # Werkzeug types each mark apart


def _give(response: Response, account: Account, family: RefreshFamily) -> None:
    life_s = IDLE_S.get(account.role, IDLE_OTHERWISE_S)
    text = tokens.session_token(account, family, life_s=life_s)
    response.set_cookie(cookie_name(), text, max_age=life_s, **_marks())  # type: ignore[arg-type]  # as above


def _marks() -> dict[str, str | bool]:
    return {"path": "/", "secure": not settings().is_local, "httponly": True, "samesite": "Lax"}


def _is_set(response: Response) -> bool:
    return any(value.startswith(f"{cookie_name()}=") for value in response.headers.getlist("Set-Cookie"))
