"""Sign in: a user name, a password and, where the account has one, a second factor; with the limits of attempts."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from app.accounts import devices, passwords, second_factor, session_starts, throttle, tokens
from app.accounts.models import Account
from app.accounts.second_factor import NO_CODE, Code
from app.accounts.session_models import API
from app.accounts.throttle import SIGN_IN_WINDOW_S
from app.accounts.tokens import Pair, Use
from app.accounts.usernames import fold
from app.core.config import settings
from app.core.errors import Suspended, Unauthenticated

NETWORK_FACTOR = 10
PAUSE_S = 1  # before an attempt at an account that many networks guess at
WRONG = "The user name or the password is wrong."
SUSPENDED = "This account is suspended. Those who run this service know why."


class SignedIn(NamedTuple):
    """The tokens of a new session, and the mark that makes its device known at the next sign-in."""

    pair: Pair
    device_token: str


def sign_in(username: str, password: str, code: Code = NO_CODE, *, device: str = "", user_agent: str = "") -> SignedIn:
    """Issue tokens for a user name, a password and a code. Raises as `authenticate` does."""
    account = authenticate(username, password, code, device=device)
    family, mark = session_starts.start(account, API, device_token=device, user_agent=user_agent)
    return SignedIn(tokens.pair_of(account, family), mark)


def authenticate(username: str, password: str, code: Code = NO_CODE, *, device: str = "") -> Account:
    """Return the account of a user name and password, after its second factor.

    Raises Unauthenticated, Suspended, as `second_factor.use` does, or after many tries TooMany. Known and unknown names
    are handled alike: same reads, counts, hash, and answer. A success is not counted. A device on which the account was
    signed in before (`device` is its mark) has attempts that no other caller can use up.
    """
    account, known_device = check_password(username, password, device=device)
    second_factor.use(account, code, known_device=known_device)
    return account


def check_password(username: str, password: str, *, device: str = "") -> tuple[Account, str]:
    """Return the account of a user name and password, and the name of its known device, "" if it is none.

    The first step of a sign-in: its second factor is not checked. Raises as `authenticate` does.
    """
    account = Account.named(username)
    known_device = device_of(device, account)
    undo = _count_for_device(known_device) if known_device else _count_for_network(username)
    if not passwords.is_right(password, account.password_hash if account else None) or account is None:
        raise Unauthenticated(WRONG)
    undo()
    if account.is_suspended:  # told to who has the password only
        raise Suspended(SUSPENDED)
    if passwords.is_outdated(account.password_hash):
        account.replace_hash(passwords.make_hash(password))
    return account, known_device


def finish(password_token: str, code: Code, *, device: str = "") -> Account:
    """Return the account of a sign-in whose password was given a step before. Raises as `authenticate` does."""
    claims = tokens.read(password_token, Use.PASSWORD)
    account = Account.find(claims.subject)
    if account is None or account.token_version != claims.number:
        raise Unauthenticated(tokens.REFUSED)
    if account.is_suspended:
        raise Suspended(SUSPENDED)
    second_factor.use(account, code, known_device=device_of(device, account))
    return account


def device_of(device: str, account: Account | None) -> str:
    """Return the name of a device on which the account was signed in before; "" if `device` is no such mark."""
    mark = devices.mark_of(device, account) if account else None
    return mark.name if mark else ""


def _count_for_device(known_device: str) -> Callable[[], None]:
    """Count an attempt from a known device; returns its undo."""
    who = f"device:{known_device}"
    throttle.count_one("sign-in", who, limit=settings().sign_in_tries, window_s=SIGN_IN_WINDOW_S)
    return partial(throttle.uncount_one, "sign-in", who, SIGN_IN_WINDOW_S)


def _count_for_network(username: str) -> Callable[[], None]:
    """Count an attempt from a network, limited for the account and, to ten times as many, for all accounts.

    An account that many networks guess at is not closed, because that would lock its owner out: each further attempt
    waits a second.
    """
    limit, name = settings().sign_in_tries, fold(username)
    who = throttle.at_network(name)
    whole = throttle.Whole("sign-in-network", NETWORK_FACTOR * limit)
    throttle.count_one("sign-in", who, limit=limit, window_s=SIGN_IN_WINDOW_S, whole=whole)
    if throttle.has_many("guessed", name, many=limit, window_s=SIGN_IN_WINDOW_S):
        time.sleep(PAUSE_S)

    def give_back() -> None:
        throttle.uncount_one("sign-in", who, SIGN_IN_WINDOW_S, whole=whole)
        throttle.uncount_one("guessed", name, SIGN_IN_WINDOW_S)

    return give_back
