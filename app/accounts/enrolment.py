"""Set up, replace and take away one's own second factor.

A new secret counts only once a code has confirmed it; until then the one before stays good. Confirming ends all other
sign-ins of the account, because they were made without the factor; the session in which it happens goes on with it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.accounts import recovery_codes, registration, second_factor, totp_secrets
from app.accounts.models import NO_FACTOR, Account, Together
from app.accounts.second_factor import Code
from app.core import clock
from app.core.config import settings
from app.core.errors import Conflict, WrongCode

PENDING_MS = clock.HOUR_MS
BEGIN_FIRST = "There is nothing to confirm. Begin with POST /v1/me/totp."
STAYS = "Responders and admins need a second factor here. It can be replaced, not taken away."


class NewSecret(NamedTuple):
    """A secret to put into an app, as text and as an address that its QR code holds."""

    secret: str
    otpauth_uri: str


def begin(account: Account, password: str, code: Code) -> NewSecret:
    """Make a secret that awaits its first code. Raises WrongPassword, Conflict, or as `second_factor.use_own` does."""
    _check(account, password, code)
    salt = totp_secrets.new_salt()
    opened = totp_secrets.open_salt(salt, owner=account.id)
    assert opened
    account.change(totp_pending=salt, totp_pending_at_ms=clock.now_ms())
    return _shown(opened.secret, account)


def confirm(account: Account, typed: str, *, session_id: str, together: Sequence[Together] = ()) -> list[str]:
    """Let the awaiting secret count from now on, and return its recovery codes. Raises WrongCode, Conflict or TooMany.

    Safe to repeat with the same code while that is of now: the answer with the recovery codes may have been lost.
    `together` adds rows to the transaction.
    """
    undo = second_factor.count_own(account)
    pending = account.totp_pending or account.totp_salt
    opened = totp_secrets.open_salt(pending, owner=account.id) if pending else None
    step = second_factor.step_of(opened.secret, typed) if opened else None
    is_repeat = not account.totp_pending
    if opened is None or (step != account.totp_first_step if is_repeat else _is_too_old(account)):
        raise Conflict(BEGIN_FIRST)
    if step is None:
        raise WrongCode(second_factor.WRONG_CODE)
    undo()
    codes = recovery_codes.make(opened, owner=account.id)
    if not is_repeat:
        hashes = {recovery_codes.hash_of(code, owner=account.id) for code in codes}
        account.confirm_factor(step, hashes, session_id=session_id, together=together)
    return codes


def take_away(account: Account, password: str, code: Code, *, together: Sequence[Together] = ()) -> None:
    """Remove the second factor. Raises WrongPassword, Conflict where it is required, or as `use_own` does."""
    if second_factor.is_required_of(account):
        raise Conflict(STAYS)
    _check(account, password, code)
    if account.has_second_factor or account.totp_pending:
        account.change_together(NO_FACTOR, *together)


def _check(account: Account, password: str, code: Code) -> None:
    registration.require_own_password(account, password)
    second_factor.use_own(account, code)


def _is_too_old(account: Account) -> bool:
    return clock.now_ms() - int(account.totp_pending_at_ms or 0) > PENDING_MS


def _shown(secret: bytes, account: Account) -> NewSecret:
    import pyotp  # loaded with the first code: no other request needs it

    text = second_factor.base32(secret)
    issuer = settings().operator or "FloodManager"
    return NewSecret(text, pyotp.TOTP(text).provisioning_uri(name=account.username, issuer_name=issuer))
