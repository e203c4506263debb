"""Tell others of each sign-in before its answer leaves. They are named at start-up, for they lie above this module."""

from collections.abc import Callable
from typing import TypeVar

from app.accounts.models import Account

Answer = TypeVar("Answer")
Noter = Callable[[Account], None]
_noters: list[Noter] = []


def set_noters(*noters: Noter) -> None:
    """Set the functions that are called at each sign-in by a password, with the account that has begun a session."""
    _noters[:] = noters


def noted(account: Account, answer: Answer) -> Answer:
    """Tell of a sign-in, and return its answer."""
    for noter in _noters:
        noter(account)
    return answer
