"""The text of an API key: `fm_`, an id of 16 characters, a secret of 32, and a checksum of 7, all of base32.

The form is fixed, so that programs which look for leaked secrets find a key by its beginning; the checksum (CRC-32 of
all before it) tells a key from a text that only looks like one, without asking this service. docs/security.md has the
pattern for them.
"""

import hmac
import re
from binascii import crc32

from app.accounts import random_text

PREFIX = "fm_"
_ID, _SECRET, _CHECKSUM = 16, random_text.SECRET, 7  # characters of 5 bits each; the checksum's last has 2 that count
PATTERN = rf"{PREFIX}[a-z2-7]{{{_ID + _SECRET + _CHECKSUM}}}"
ROW_PREFIX = "key_"  # of the id of a key, which is no secret


def make() -> str:
    """Return the text of a new key."""
    unchecked = PREFIX + random_text.make(_ID) + random_text.make(_SECRET)
    return unchecked + _checksum(unchecked)


def is_key(text: str) -> bool:
    """Return whether a text has the form of a key and the right checksum."""
    return bool(re.fullmatch(PATTERN, text)) and hmac.compare_digest(text[-_CHECKSUM:], _checksum(text[:-_CHECKSUM]))


def id_of(text: str) -> str:
    """Return the id of a key."""
    return ROW_PREFIX + text.removeprefix(PREFIX)[:_ID]


def is_id(text: str) -> bool:
    """Return whether a text has the form of a key's id."""
    return bool(re.fullmatch(rf"{ROW_PREFIX}[a-z2-7]{{{_ID}}}", text))


def beginning_of(key_id: str) -> str:
    """Return how a key with this id begins: by that its owner knows which one has leaked."""
    return PREFIX + key_id.removeprefix(ROW_PREFIX)


def _checksum(text: str) -> str:
    return random_text.base32(crc32(text.encode()).to_bytes(4, "big"))
