"""Keys of mail: of the tokens in one-time links, and of the hashes that stand for addresses. The `mail-key` parameter.

Newest first. A rotation puts a new key before the others, which stay: they are needed for what is stored under them.
Only the function for sign-in and the one that sends may read them.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

from app.core.config import settings
from app.core.key_cache import cache_of_list, derive

NAME = "mail-key"
_PURPOSE = b"mail"
_cache = cache_of_list(NAME, _PURPOSE)


def set_store_reader(read: Callable[[], Mapping[str, str]]) -> None:
    """Set the reader of the parameter, for a deployment whose environment holds no key."""
    _cache.set_reader(read)


def current() -> tuple[bytes, ...]:
    """Return the keys, newest first, at least one. Raises Unavailable if none can be read."""
    chosen = settings()
    return derive(chosen.mail_key, _PURPOSE) if chosen.mail_key else _cache.current()


def mac(key: bytes, *parts: str) -> bytes:
    """Return the keyed hash of some texts, of which none holds a line break."""
    return hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).digest()
