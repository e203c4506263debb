"""Create and change accounts. Deleting one: erase.py."""

from typing import Any

from app.accounts import notices, own_address, passwords, throttle
from app.accounts.models import Account, Role, Together
from app.accounts.notices import Kind
from app.accounts.throttle import SIGN_IN_WINDOW_S
from app.accounts.usernames import fold, username_faults
from app.core import clock
from app.core.config import settings
from app.core.errors import Conflict, Invalid, WrongPassword
from app.http.schemas import mistakes_in

REGISTRATION_WINDOW_S = 3600


def register(
    username: str, password: str, email: str | None = None, role: str = Role.RESIDENT, *, language: str = "en"
) -> Account:
    """Store a new account, and ask it to confirm its address. Raises Invalid with every mistake, or Conflict."""
    account = build(username, password, email, role)
    account.create(*(own_address.ask_to_confirm(account, email, language=language) if email else ()))
    return account


def build(username: str, password: str, email: str | None = None, role: str = Role.RESIDENT) -> Account:
    """Return a new account that is not stored yet. Raises Invalid with every mistake."""
    faults = {"username": username_faults(username)}
    faults["password"] = passwords.faults(password, username=username, role=role)
    if any(faults.values()):
        raise Invalid(mistakes_in({"json": faults}))
    return Account(
        username=username,
        username_folded=fold(username),
        password_hash=passwords.make_hash(password),
        role=Role(role).value,
        email=email,
    )


def register_resident(username: str, password: str, email: str | None = None, *, language: str = "en") -> Account:
    """Register a resident. The answer reveals taken names, so attempts are limited by network."""
    limit = settings().registrations_per_hour
    throttle.count_one("registration", throttle.network(), limit=limit, window_s=REGISTRATION_WINDOW_S)
    return register(username, password, email, language=language)


def change_account(
    account: Account, values: dict[str, Any], *, signed_in_at_ms: int | None = None, language: str = "en"
) -> None:
    """Change the e-mail address, or the password if the present one is given; a new password ends all sessions.

    The confirmed address gets a message about it. `signed_in_at_ms`: a fresh sign-in stands for the password
    (own_address.py).
    """
    changes, together = dict[str, Any](), list[Together]()
    is_right = "current_password" in values and _check_password_change(account, values)
    if "email" in values:
        own_address.require_fresh(account, has_password=is_right, signed_in_at_ms=signed_in_at_ms)
        stated = own_address.state(account, values["email"], language=language)
        changes, together = stated.values, [*stated.together]
    if "password" in values:
        changes["password_hash"] = passwords.make_hash(values["password"])
        changes["token_version"] = account.token_version + 1
        told = notices.to_confirmed(
            Kind.PASSWORD, account, f"v{int(account.version)}", values={"at_ms": clock.now_ms()}
        )
        together += [one.put_in for one in told]
    if changes and not together:
        account.change(**changes)
    elif changes:
        account.change_together(changes, *together)
        account.refresh(consistent_read=True)


def _check_password_change(account: Account, values: dict[str, Any]) -> bool:
    """Check the present password, and a new one if there is one; True, or raises Invalid with every mistake."""
    new = values.get("password")
    faults = {"password": passwords.faults(new, username=account.username, role=account.role) if new else []}
    if not is_own_password(account, values["current_password"]):
        faults["current_password"] = ["wrong|It is not the present password."]
    if any(faults.values()):
        raise Invalid(mistakes_in({"json": faults}))
    return True


def is_own_password(account: Account, password: str) -> bool:
    """Return whether it is the account's password. Raises TooMany.

    Only the signed-in owner gets here, so guesses of others at the sign-in do not use up these attempts.
    """
    kind, who, window_s = "own-password", account.id, SIGN_IN_WINDOW_S
    throttle.count_one(kind, who, limit=settings().sign_in_tries, window_s=window_s)
    is_right = passwords.is_right(password, account.password_hash)
    if is_right:
        throttle.uncount_one(kind, who, window_s)
    return is_right


def require_own_password(account: Account, password: str) -> None:
    """Require the account's password. Raises WrongPassword, or TooMany after too many failed attempts."""
    if not is_own_password(account, password):
        raise WrongPassword("It is not the present password. Nothing was changed.")


def require_password_of(account: Account, password: str, *, role: str) -> None:
    """Require the account's password, and that it is one which a role may have.

    Raises WrongPassword, TooMany, or Invalid with every mistake of a password that is too weak for the role.
    """
    require_own_password(account, password)
    if faults := passwords.faults(password, username=account.username, role=role):
        raise Invalid(mistakes_in({"json": {"password": faults}}))


def sign_out_everywhere(account: Account) -> None:
    """End all sessions of an account, on pages and in apps, even if it is being changed at the same moment."""
    try:
        account.change(token_version=account.token_version + 1)
    except Conflict:  # the failed change has read the account again
        account.change(token_version=account.token_version + 1)
