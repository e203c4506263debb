"""Second factors: codes of an app (TOTP, RFC 6238) and recovery codes, each good for one use.

A code is of 30 seconds, and is taken one such step early or late. The step of the last code is stored with a condition,
so that a code that is sent twice, also at the same moment, is taken once. Codes are checked after the right password
only. Wrong ones are counted for the account, which does not lock out its owner: a device of an earlier sign-in has
attempts of its own, and recovery codes, which are too long to guess, are not in that count.
"""

import hmac
import re
from collections.abc import Callable
from typing import NamedTuple

from app.accounts import recovery_codes, throttle, totp_secrets
from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from app.accounts.throttle import SIGN_IN_WINDOW_S
from app.core import clock
from app.core.config import settings
from app.core.errors import (
    Invalid,
    Mistake,
    SecondFactorNeeded,
    SecondFactorRequired,
    SecondFactorWrong,
    WrongCode,
)

STEP_S = 30
SKEW = 1  # steps early or late
CODE_WINDOW_S = 3600
NEEDED = "This account has a second factor: send totp, the code that its app shows now, or a recovery_code."
WRONG_CODE = "The code is wrong or was used before. Wait for the app's next one."
REQUIRED = (
    "Responders and admins need a second factor here. Set it up: POST /v1/me/totp with the password, then PUT "
    "/v1/me/totp with a code of the app."
)


class Code(NamedTuple):
    """A code as it was typed: of the app, or a recovery code."""

    totp: str = ""
    recovery: str = ""

    @property
    def is_given(self) -> bool:
        return bool(self.totp or self.recovery)


NO_CODE = Code()


def is_required_of(account: Account) -> bool:
    """Return whether this account may do nothing without a second factor. A role of a later release may be staff."""
    return settings().needs_second_factor and account.role != Role.RESIDENT


def is_lacking(account: Account, family: RefreshFamily) -> bool:
    """Return whether a session is good only for setting up the second factor that its account needs."""
    return is_required_of(account) and not (account.has_second_factor and family.has_second_factor)


def refuse_if_lacking(account: Account) -> None:
    """Refuse who needs a second factor and has none. Raises SecondFactorRequired."""
    if is_required_of(account) and not account.has_second_factor:
        raise SecondFactorRequired(REQUIRED)


def use(account: Account, code: Code, *, known_device: str) -> None:
    """Use a code at sign-in, after the right password; nothing is asked of an account without a second factor.

    Raises SecondFactorNeeded, SecondFactorWrong or, after many wrong ones, TooMany.
    """
    if not account.has_second_factor:
        return
    if not code.is_given:
        raise SecondFactorNeeded(NEEDED)
    undo = _count(account, code, known_device)
    if not _is_used(account, code):
        raise SecondFactorWrong(WRONG_CODE)
    undo()


def use_own(account: Account, code: Code) -> None:
    """Use a code to confirm an act of the signed-in owner. Raises Invalid without one, WrongCode or TooMany."""
    if not account.has_second_factor:
        return
    if not code.is_given:
        raise Invalid([Mistake("/totp", "required", "It is required, or recovery_code, to change the second factor.")])
    undo = count_own(account)
    if not _is_used(account, code):
        raise WrongCode(WRONG_CODE)
    undo()


def count_own(account: Account) -> Callable[[], None]:
    """Count a code of the signed-in owner, whose attempts no stranger can use up; returns its undo. Raises TooMany."""
    return _counted("own-code", account.id, settings().sign_in_tries, SIGN_IN_WINDOW_S)


def step_of(secret: bytes, typed: str) -> int | None:
    """Return the time step that a code is of, from one before now to one after; None if it is of none."""
    import pyotp  # loaded with the first code: no other request needs it

    digits = re.sub(r"[\s-]+", "", typed)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    now, codes = clock.now_ms() // 1000 // STEP_S, pyotp.HOTP(base32(secret))
    steps = range(now + SKEW, now - SKEW - 1, -1)
    return next((step for step in steps if hmac.compare_digest(codes.at(step), digits)), None)


def base32(secret: bytes) -> str:
    """Encode a secret in base 32, as authenticator apps take it."""
    from base64 import b32encode

    return b32encode(secret).decode()


def _is_used(account: Account, code: Code) -> bool:
    """Use up a code; False if it is wrong or was used."""
    if code.recovery:
        found = recovery_codes.find(code.recovery, account.recovery_hashes or set(), owner=account.id)
        return found is not None and account.use_recovery_hash(found)
    assert account.totp_salt
    opened = totp_secrets.open_salt(account.totp_salt, owner=account.id)
    step = step_of(opened.secret, code.totp) if opened else None
    return step is not None and account.use_step(step)


def _count(account: Account, code: Code, known_device: str) -> Callable[[], None]:
    """Count a code at sign-in; returns its undo. Raises TooMany.

    Codes of the app: from all unknown devices ten an hour, half of them from one network. So a stranger with the
    password finds a code in one hour of 30,000.
    """
    tries = settings().sign_in_tries
    if code.recovery:
        return _counted("recovery-code", throttle.at_network(account.id), tries, SIGN_IN_WINDOW_S)
    if known_device:
        return _counted("code", f"device:{known_device}", tries, CODE_WINDOW_S)
    whole = throttle.Whole("code-account", tries)
    return _counted("code", throttle.from_network(account.id), max(tries // 2, 1), CODE_WINDOW_S, whole)


def _counted(
    kind: str, who: str | throttle.Caller, limit: int, window_s: int, whole: throttle.Whole | None = None
) -> Callable[[], None]:
    throttle.count_one(kind, who, limit=limit, window_s=window_s, whole=whole)
    return lambda: throttle.uncount_one(kind, who, window_s, whole=whole)
