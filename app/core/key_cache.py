"""Cache of keys that a deployment keeps in the parameter store.

They are read at first use and again after a minute, so that a rotation reaches every running instance within that time.
While the store does not answer, the last keys stay valid.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from app.core import clock, telemetry
from app.core.environment import SHORTEST_SECRET
from app.core.errors import Unavailable

LIFE_S = 60
Keys = TypeVar("Keys")
ReadParameters = Callable[[], Mapping[str, str]]


class KeyCache(Generic[Keys]):
    """The keys read last; `check` makes them of the parameters, and raises for absent or short ones."""

    def __init__(self, check: Callable[[Mapping[str, str]], Keys]) -> None:
        self._check = check
        self._read: ReadParameters | None = None
        self.keys: Keys | None = None
        self.read_at = 0.0

    def set_reader(self, read: ReadParameters) -> None:
        """Set the reader of the parameters; `read` returns them by the last part of their names."""
        self._read, self.keys, self.read_at = read, None, 0.0

    def current(self) -> Keys:
        """Return the current keys. Raises Unavailable if none can be read."""
        self.read_when_older_than(LIFE_S)
        if self.keys is None:
            raise Unavailable("The keys of this deployment cannot be read now.")
        return self.keys

    def read_when_older_than(self, seconds: float) -> None:
        """Read the parameters again if the last read was so long ago."""
        now = clock.running_s()
        if self._read is None or (self.keys and now - self.read_at < seconds):
            return
        self.read_at = now
        try:
            self.keys = self._check(self._read())
        except Exception as error:  # noqa: BLE001 - after any failure, keys that were valid a minute ago are better than none
            telemetry.logger().error("keys not read", extra={"error": type(error).__name__, "reason": str(error)[:300]})


def derive(text: str, purpose: bytes) -> tuple[bytes, ...]:
    """Return the keys of a parameter that lists them, newest first: 32 bytes each, and good for this purpose only."""
    return tuple(hmac.new(key.encode(), purpose, hashlib.sha256).digest() for key in text.split())


def cache_of_list(name: str, purpose: bytes) -> KeyCache[tuple[bytes, ...]]:
    """Return a cache of the keys in one parameter. A rotation puts a new key before the others."""

    def check(parameters: Mapping[str, str]) -> tuple[bytes, ...]:
        keys = parameters.get(name, "").split()
        if not keys or min(map(len, keys)) < SHORTEST_SECRET:
            raise ValueError(f"The parameter {name!r} is absent or shorter than {SHORTEST_SECRET} characters.")
        return derive(parameters[name], purpose)

    return KeyCache(check)
