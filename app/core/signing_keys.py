"""Signing keys: from the environment on one machine, from the parameter store in a deployment."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.core.config import settings
from app.core.environment import SHORTEST_SECRET
from app.core.key_cache import KeyCache

# An unknown signature may come from an instance with newer keys; the store is asked for them at most every 5 s.
LOOK_AGAIN_AFTER_S = 5


class Keys(NamedTuple):
    """`secret` signs, `previous_secret` still verifies, `id_key` makes report ids, `origin_key` comes from the CDN."""

    secret: str
    previous_secret: str = ""
    id_key: str = ""
    origin_key: str = ""

    def verifying(self) -> tuple[str, ...]:
        """Return the secrets that may verify a signature, newest first."""
        return tuple(secret for secret in (self.secret, self.previous_secret) if secret)


def _checked(parameters: Mapping[str, str]) -> Keys:
    for name in ("secret", "id-key"):
        if len(parameters.get(name, "")) < SHORTEST_SECRET:
            raise ValueError(f"The parameter {name!r} is absent or shorter than {SHORTEST_SECRET} characters.")
    previous, origin = parameters.get("previous-secret", ""), parameters.get("origin-key", "")
    return Keys(parameters["secret"], previous, parameters["id-key"], origin)


_cache = KeyCache(_checked)


def set_store_reader(read: Callable[[], Mapping[str, str]]) -> None:
    """Set the reader of keys that are not in the environment; `read` returns them by their parameters' last part."""
    _cache.set_reader(read)


def keys() -> Keys:
    """Return the current keys. Raises Unavailable if none can be read."""
    chosen = settings()
    if chosen.secret and chosen.id_key:
        return Keys(chosen.secret, chosen.previous_secret, chosen.id_key)
    return _cache.current()


def reread_verifying_secrets() -> tuple[str, ...]:
    """Return the verifying secrets, after reading the store again if the last read was a while ago."""
    if _cache.keys is not None:
        _cache.read_when_older_than(LOOK_AGAIN_AFTER_S)
    return keys().verifying()
