"""Keys of mail: of the tokens in one-time links, and of the hashes that stand for addresses. The `mail-key` parameter.

Newest first. A rotation puts a new key before the others, which stay: they are needed for what is stored under them.
Only the function for sign-in and the one that sends may read them.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

from app.core.config import SHORTEST_SECRET, settings
from app.core.key_cache import KeyCache

NAME = "mail-key"


def _split(text: str) -> tuple[bytes, ...]:
    """Return the keys of a parameter, each of 32 bytes."""
    return tuple(hmac.new(key.encode(), b"mail", hashlib.sha256).digest() for key in text.split())


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
    return _split(chosen.mail_key) if chosen.mail_key else _cache.current()


def mac(key: bytes, *parts: str) -> bytes:
    """Return the keyed hash of some texts, of which none holds a line break."""
    return hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).digest()
