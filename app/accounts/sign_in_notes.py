"""Tell another room of each sign-in before its answer leaves. It is named at start-up, for it lies above this one."""

from collections.abc import Callable

from app.accounts.models import Account

Noter = Callable[[Account], None]
_noters: list[Noter] = []


def set_noter(noter: Noter) -> None:
    """Set what is told of each sign-in by a password: an account that has begun a session."""
    _noters[:] = [noter]


def note(account: Account) -> None:
    """Tell of a sign-in."""
    for noter in _noters:
        noter(account)
