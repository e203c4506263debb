"""Secrets of second factors. None is stored: each follows from a key of the deployment and the salt in its row.

So the rows alone reveal no secret, as if it were encrypted under that key. A salt is bound to its owner: in another
person's row it gives another secret. It begins with its format and the name of its key, to open it after a rotation.
"""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from app.core import telemetry, totp_keys

FORMAT = b"\x01"
SECRET_BYTES = 20  # RFC 4226, 4: 160 bits
_NAME_BYTES, _SALT_BYTES = 4, 20


class Opened(NamedTuple):
    """A secret, with the key that it follows from."""

    secret: bytes
    key: bytes


def new_salt() -> bytes:
    """Return what to store for a new secret, under the newest key."""
    return FORMAT + _name(totp_keys.current()[0]) + secrets.token_bytes(_SALT_BYTES)


def open_salt(salt: bytes, *, owner: str) -> Opened | None:
    """Return the secret of a salt; None, with a line in the log, if it is not of a key of now."""
    name, rest = salt[1 : 1 + _NAME_BYTES], salt[1 + _NAME_BYTES :]
    key = next((key for key in totp_keys.current() if _name(key) == name), None)
    if key is None or salt[:1] != FORMAT or len(rest) != _SALT_BYTES:
        telemetry.logger().error("second factor not readable", extra={"account": owner})
        return None
    digest = hmac.new(key, b"totp secret:" + rest + owner.encode(), hashlib.sha256).digest()
    return Opened(digest[:SECRET_BYTES], key)


def _name(key: bytes) -> bytes:
    return hmac.new(key, b"name", hashlib.sha256).digest()[:_NAME_BYTES]
