"""Longer limits of database calls, for commands that would rather wait for a slow database than stop."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

LONG_READ_S, LONG_CALL_S = 20, 60
_is_long = Event()


@contextmanager
def waiting_longer() -> Iterator[None]:
    """Let each call of this process take up to a minute while the block lasts; begin it before the first call."""
    _is_long.set()
    try:
        yield
    finally:
        _is_long.clear()


def read_s(short_s: float) -> float:
    """Return how many seconds an attempt may take that usually may take so many."""
    return LONG_READ_S if _is_long.is_set() else short_s


def call_s(short_s: float) -> float:
    """Return how many seconds a call with all its attempts may take that usually may take so many."""
    return LONG_CALL_S if _is_long.is_set() else short_s
