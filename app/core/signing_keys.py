"""Signing keys: from the environment on one machine, from the parameter store in a deployment.

Keys of the store are read at the start and again after a minute, so that a rotation reaches every running instance
within that time. While the store does not answer, the last keys stay valid.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.core import clock, telemetry
from app.core.config import SHORTEST_SECRET, settings
from app.core.errors import Unavailable

LIFE_S = 60
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


class _KeyCache:
    """The keys read last, and the function that reads them."""

    read: Callable[[], Mapping[str, str]] | None = None
    keys: Keys | None = None
    read_at = 0.0


def set_store_reader(read: Callable[[], Mapping[str, str]]) -> None:
    """Set the reader of keys that are not in the environment; `read` returns them by their parameters' last part."""
    _KeyCache.read, _KeyCache.keys, _KeyCache.read_at = read, None, 0.0


def keys() -> Keys:
    """Return the current keys. Raises Unavailable if none can be read."""
    chosen = settings()
    if chosen.secret and chosen.id_key:
        return Keys(chosen.secret, chosen.previous_secret, chosen.id_key)
    _read_when_older_than(LIFE_S)
    if _KeyCache.keys is None:
        raise Unavailable("The keys of this deployment cannot be read now.")
    return _KeyCache.keys


def reread_verifying_secrets() -> tuple[str, ...]:
    """Return the verifying secrets, after reading the store again if the last read was a while ago."""
    if _KeyCache.keys is not None:
        _read_when_older_than(LOOK_AGAIN_AFTER_S)
    return keys().verifying()


def _read_when_older_than(seconds: float) -> None:
    now = clock.running_s()
    if _KeyCache.read is None or (_KeyCache.keys and now - _KeyCache.read_at < seconds):
        return
    _KeyCache.read_at = now
    try:
        _KeyCache.keys = _checked(_KeyCache.read())
    except Exception as error:  # noqa: BLE001 - after any failure, keys that were valid a minute ago are better than none
        telemetry.logger().error("keys not read", extra={"error": type(error).__name__, "reason": str(error)[:300]})


def _checked(parameters: Mapping[str, str]) -> Keys:
    for name in ("secret", "id-key"):
        if len(parameters.get(name, "")) < SHORTEST_SECRET:
            raise ValueError(f"The parameter {name!r} is absent or shorter than {SHORTEST_SECRET} characters.")
    previous, origin = parameters.get("previous-secret", ""), parameters.get("origin-key", "")
    return Keys(parameters["secret"], previous, parameters["id-key"], origin)
