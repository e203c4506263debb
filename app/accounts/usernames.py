"""User names: their form, and when two are the same. Pure."""

import unicodedata

from app.core.unicode_text import COMPOSED_OF, INVISIBLE

NAME_LENGTHS = range(3, 41)
LONGEST_NAME_TYPED = COMPOSED_OF * NAME_LENGTHS[-1]
SERVICE_NAMES = ("FloodManager", "Flood Manager")
_NAME_KINDS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"))


def fold(username: str) -> str:
    """Normalise a user name for comparing: `Bob`, `bob`, full-width forms are equal. A text too long stays as it is."""
    if len(username) > LONGEST_NAME_TYPED:
        return username
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def username_faults(username: str) -> list[str]:
    """List the mistakes of a new user name, each as `code|sentence`. Letters of any script are accepted."""
    length = f"length|It must have 3 to 40 characters; it has {len(username)}."
    if len(username) > LONGEST_NAME_TYPED:
        return [length]
    folded, faults = fold(username), []
    if not (len(username) in NAME_LENGTHS and len(folded) in NAME_LENGTHS):
        faults.append(length)
    if not all(_is_name_character(character) for character in username + folded):
        faults.append("characters|It may hold letters, digits, and the signs . _ - only.")
    if username and not (username[0].isalnum() and username[-1] not in "._-"):
        faults.append("ends|It must begin with a letter or digit, and must not end with a sign.")
    return faults


def _is_name_character(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    is_shown = unicodedata.category(character) in _NAME_KINDS and character not in INVISIBLE and not is_selector
    return is_shown or character in "._-"
