"""Keys that the secrets of second factors follow from: the `totp-key` parameter, newest key first.

Only the function for sign-in may read it, and reads it at first use. A rotation puts a new key before the others; these
stay, because the second factors made under them need them until they are replaced.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

from app.core.config import SHORTEST_SECRET, settings
from app.core.key_cache import KeyCache

NAME = "totp-key"


def _split(text: str) -> tuple[bytes, ...]:
    """Return the keys of a parameter, each of 32 bytes."""
    return tuple(hmac.new(key.encode(), b"second factor", hashlib.sha256).digest() for key in text.split())


def _checked(parameters: Mapping[str, str]) -> tuple[bytes, ...]:
    keys = parameters.get(NAME, "").split()
    if not keys or min(map(len, keys)) < SHORTEST_SECRET:
        raise ValueError(f"The parameter {NAME!r} is absent or shorter than {SHORTEST_SECRET} characters.")
    return _split(parameters[NAME])


_cache = KeyCache(_checked)


def set_store_reader(read: Callable[[], Mapping[str, str]]) -> None:
    """Set the reader of the parameter, for a deployment whose environment holds no key."""
    _cache.set_reader(read)


def current() -> tuple[bytes, ...]:
    """Return the keys, newest first, at least one. Raises Unavailable if none can be read."""
    chosen = settings()
    return _split(chosen.totp_key) if chosen.totp_key else _cache.current()
