"""Limits of sessions, the same on pages and by the API: how long one lasts without use, and in any case.

A resident's session ends after 12 hours without use and 7 days after the sign-in; that of a responder or admin after 30
minutes and 12 hours (OWASP ASVS 5.0, 7.3.1 and 7.3.2). The account's role of now decides, at each request.
"""

from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from app.core import clock
from app.core.retention import SESSION

HOUR_S = 3600
IDLE_S: dict[str, int] = {Role.RESIDENT: 12 * HOUR_S, Role.RESPONDER: HOUR_S // 2, Role.ADMIN: HOUR_S // 2}
WHOLE_S: dict[str, int] = {Role.RESIDENT: SESSION.seconds, Role.RESPONDER: 12 * HOUR_S, Role.ADMIN: 12 * HOUR_S}
# A role of a later release may be staff: the strictest limits apply.
_IDLE_OTHERWISE_S, _WHOLE_OTHERWISE_S = min(IDLE_S.values()), min(WHOLE_S.values())
# A use is noted when a tenth of the idle time has passed since the last note, not with each request.
NOTED_AFTER = 0.1


def idle_s(role: str) -> int:
    """Return after how many seconds without use a session ends."""
    return IDLE_S.get(role, _IDLE_OTHERWISE_S)


def whole_s(role: str) -> int:
    """Return after how many seconds a session ends however much it is used."""
    return WHOLE_S.get(role, _WHOLE_OTHERWISE_S)


def last_second(family: RefreshFamily, role: str) -> int:
    """Return the last second, since 1970, of a session however much it is used; 0 if its id does not tell its begin."""
    began_ms = family.started_at_ms
    return 0 if began_ms is None else began_ms // 1000 + whole_s(role)


def last_second_unused(family: RefreshFamily, role: str) -> int:
    """Return the last second, since 1970, of a session that is not used any more.

    When one that an earlier release has begun was used last is not known if that was on pages: then it is the last
    second in any case.
    """
    latest_s = last_second(family, role)
    return latest_s if family.kind is None else min(latest_s, family.last_used_at_ms // 1000 + idle_s(role))


def is_idle(family: RefreshFamily, role: str) -> bool:
    """Return whether the session's last stored use is too long ago."""
    return clock.now_ms() // 1000 > family.last_used_at_ms // 1000 + idle_s(role)


def is_use_to_note(family: RefreshFamily, role: str) -> bool:
    """Return whether the last stored use is so long ago that this one is to be stored."""
    return clock.now_ms() // 1000 > family.last_used_at_ms // 1000 + idle_s(role) * NOTED_AFTER


def is_valid(account: Account, family: RefreshFamily) -> bool:
    """Return whether a session is this account's and has not ended, idle time apart."""
    is_own = (family.account_id, family.token_version) == (account.id, account.token_version)
    # A sign-in of a release without second factors lacks the mark of one.
    is_with_factor = bool(family.has_second_factor) or not account.has_second_factor
    is_in_time = clock.now_ms() // 1000 <= last_second(family, account.role)
    return is_own and is_with_factor and is_in_time and not account.is_suspended


def is_in_force(account: Account, family: RefreshFamily) -> bool:
    """Return whether a session is valid and, as far as that is known, was used recently enough."""
    return is_valid(account, family) and clock.now_ms() // 1000 <= last_second_unused(family, account.role)
