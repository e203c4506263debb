"""Passwords: the rules for new ones, and argon2id hashes."""

import gzip
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.accounts.models import Role
from app.accounts.usernames import SERVICE_NAMES, fold
from app.core.config import settings
from app.core.unicode_text import BLANKS, COMPOSED_OF, is_control, shows_nothing

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# OWASP Password Storage: argon2id with 19 MiB, 2 rounds, parallelism 1. The library's defaults cost nine times as much.
MEMORY_KIB, ROUNDS, LANES = 19456, 2, 1
LONGEST = 128
LONGEST_TYPED = COMPOSED_OF * LONGEST
SHORTEST = 8
FEWEST_DIFFERENT = 3
SHORTEST_OF_STAFF = 15  # NIST SP 800-63B-4, for a password that is the only factor
_COMMON = Path(__file__).with_name("data") / "common_passwords.txt.gz"
# A hash that no password has, with the current parameters: an unknown user takes as long as a known one.
_NOBODYS_HASH = f"$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p={LANES}${'A' * 22}${'A' * 43}"


def normalise(password: str) -> str:
    """Normalise to Unicode NFC, so that keyboards agree. Blanks and case stay; so does a text that is too long."""
    return password if len(password) > LONGEST_TYPED else unicodedata.normalize("NFC", password)


def faults(password: str, *, username: str, role: str) -> list[str]:
    """List the mistakes of a new password, each as `code|sentence`.

    Any characters are accepted and no mixture is required (NIST SP 800-63B-4, 3.1.1.2), but not a password that is
    tried first: a common one, one of very few different characters, or one made of the user name or the service's name.
    """
    normal = normalise(password)
    shortest = SHORTEST if role == Role.RESIDENT else SHORTEST_OF_STAFF
    mistakes = []
    if not shortest <= len(normal) <= LONGEST:
        mistakes.append(f"length|It must have {shortest} to {LONGEST} characters; it has {len(normal)}.")
    elif len(_visible(normal)) < shortest:
        mistakes.append(f"invisible|It must have {shortest} characters that can be seen; several blanks count as one.")
    elif len(set(normal.casefold())) < FEWEST_DIFFERENT or normal.casefold() in _common():
        mistakes.append("common|It is among the passwords that are tried first. Choose another.")
    if _is_made_of_a_name(normal, username):
        mistakes.append("own-name|It must not be made of the user name or of this service's name.")
    return mistakes


def _visible(password: str) -> str:
    """Return the password without invisible characters, its blanks merged and stripped."""
    words = "".join(" " if character in BLANKS else character for character in password).split(" ")
    visible_words = (
        "".join(character for character in word if not (shows_nothing(character) or is_control(character)))
        for word in words
    )
    return " ".join(filter(None, visible_words))


def _is_made_of_a_name(password: str, username: str) -> bool:
    """Return whether it is the user's or the service's name, also backwards, repeated, or with digits and signs."""
    letters = _letters(password)
    names = {_letters(name) for name in (username, settings().operator, *SERVICE_NAMES)}
    whole = fold(password) == fold(username)  # a name may have no letters
    return whole or any(
        name and letters in (name * times, name[::-1] * times)
        for name in names
        for times in range(1, len(letters) // max(len(name), 1) + 1)
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", fold(text))


@cache
def _common() -> frozenset[str]:
    """Return the most used passwords of 8 characters or more, in lower case (see NOTICE)."""
    return frozenset(gzip.decompress(_COMMON.read_bytes()).decode().split("\n")) - {""}


@cache
def _hasher() -> "PasswordHasher":
    # Imported here because only sign-in and registration need it: 4 ms, 10 modules and a shared library.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=32, salt_len=16)


def make_hash(password: str) -> str:
    """Return the hash to store."""
    return _hasher().hash(normalise(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Return whether the password matches the hash. Always one computation, even for None (no account)."""
    from argon2.exceptions import InvalidHashError, VerificationError  # loaded by _hasher in any case

    try:
        return _hasher().verify(password_hash or _NOBODYS_HASH, normalise(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash was made with other parameters than the current ones."""
    return _hasher().check_needs_rehash(password_hash)
