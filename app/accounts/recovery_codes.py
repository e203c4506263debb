"""Recovery codes: ten for each second factor, each good for one sign-in without the app that makes codes.

They have 80 bits and follow from the factor's secret and its key, so that they can be shown again where the answer with
them was lost. What is stored are keyed hashes: nothing can be guessed from the rows, and a password's
slow hash would protect no further.
"""

import hashlib
import hmac
import re
from base64 import b32encode

from app.accounts.totp_secrets import Opened
from app.core import totp_keys

MANY = 10
_BYTES = 10  # 16 letters and digits
_FORM = r"[a-z2-7]{16}"
# Not in the alphabet; people read them as these.
_MISREAD = str.maketrans("018", "olb")


def make(opened: Opened, *, owner: str) -> list[str]:
    """Return the codes of a second factor, as they are shown: four groups of four."""
    return [_grouped(_code(opened, f"{owner}:{number}")) for number in range(MANY)]


def hash_of(code: str, *, owner: str) -> str:
    """Return the hash to store of a code."""
    return _hash(totp_keys.current()[0], code, owner)


def find(typed: str, hashes: set[str], *, owner: str) -> str | None:
    """Return the stored hash of a typed code; None if it is none of them."""
    if not re.fullmatch(_FORM, _plain(typed)):
        return None
    possible = (_hash(key, typed, owner) for key in totp_keys.current())
    return next((one for one in possible if one in hashes), None)


def _code(opened: Opened, label: str) -> str:
    key = hmac.new(opened.key, b"recovery code:" + opened.secret, hashlib.sha256).digest()
    return b32encode(hmac.new(key, label.encode(), hashlib.sha256).digest()[:_BYTES]).decode().lower()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _plain(typed: str) -> str:
    return re.sub(r"[\s-]+", "", typed.lower()).translate(_MISREAD)


def _hash(key: bytes, code: str, owner: str) -> str:
    return hmac.new(key, f"recovery hash:{owner}:{_plain(code)}".encode(), hashlib.sha256).hexdigest()[:32]
