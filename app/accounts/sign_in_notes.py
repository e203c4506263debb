"""Tell another room of each sign-in before its answer leaves. It is named at start-up, for it lies above this one."""

from collections.abc import Callable
from typing import TypeVar

from app.accounts.models import Account

Answer = TypeVar("Answer")
Noter = Callable[[Account], None]
_noters: list[Noter] = []


def set_noter(noter: Noter) -> None:
    """Set the function that is called at each sign-in by a password, with the account that has begun a session."""
    _noters[:] = [noter]


def noted(account: Account, answer: Answer) -> Answer:
    """Tell of a sign-in, and return its answer."""
    for noter in _noters:
        noter(account)
    return answer
