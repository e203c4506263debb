"""Keys that the secrets of second factors follow from: the `totp-key` parameter, newest key first.

Only the function for sign-in may read it, and reads it at first use. A rotation puts a new key before the others; these
stay, because the second factors made under them need them until they are replaced.
"""

from collections.abc import Callable, Mapping

from app.core.config import settings
from app.core.key_cache import cache_of_list, derive

NAME = "totp-key"
_PURPOSE = b"second factor"
_cache = cache_of_list(NAME, _PURPOSE)


def set_store_reader(read: Callable[[], Mapping[str, str]]) -> None:
    """Set the reader of the parameter, for a deployment whose environment holds no key."""
    _cache.set_reader(read)


def current() -> tuple[bytes, ...]:
    """Return the keys, newest first, at least one. Raises Unavailable if none can be read."""
    chosen = settings()
    return derive(chosen.totp_key, _PURPOSE) if chosen.totp_key else _cache.current()
