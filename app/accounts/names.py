"""User names that may not be registered: those of staff and services, and look-alikes of them. Pure."""

import re
import unicodedata

from app.accounts.usernames import SERVICE_NAMES, fold, username_faults
from app.core.config import settings

# A stranger must not appear to be one of these (RFC 2142 has the mailboxes' names).
RESERVED = frozenset(
    """abuse admin administrator alert alerts ambulance anonymous api authority official coastguard council deleted
    emergency environmentagency fire firebrigade floodwarden floodwarning floodwarnings government help hostmaster info
    mayor metoffice moderator nobody noreply null nws operator police postmaster responder rescue root security
    service staff support system team undefined warden warning warnings weatherservice webmaster
    112 911 999""".split()
)
# Letters that look like one or two Latin ones (a part of Unicode's confusables.txt, UTS 39, after case folding).
_ALIKE = (
    (
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d",
        "aeopcyxijshdqw",
    ),  # Cyrillic
    ("\u043a\u043c\u0442\u043d\u0432\u043f\u0433\u04cf", "kmthbnrl"),
    ("\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b3\u03b7", "abeikvoptuxyn"),  # Greek
    ("\u0585\u0578\u057d\u0570\u0566\u0561", "onuhqw"),  # Armenian
    # Lisu, whose letters are Latin capitals by their shapes, and the Latin letter alpha.
    ("\ua4d0\ua4d1\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4dc\ua4dd\ua4df\ua4e0", "bpdtgkjczfmn"),
    ("\ua4e1\ua4e2\ua4e3\ua4e6\ua4e7\ua4ea\ua4eb\ua4ec\ua4ee\ua4f0\ua4f2\ua4f3\ua4f4\u0251", "lsrvhwxyaeioua"),
    ("0134578", "oleastb"),
)
_DRAWN_AS = str.maketrans("".join(letters for letters, _ in _ALIKE), "".join(latin for _, latin in _ALIKE))
# Latin letters that differ from a plain one by a stroke, hook or size: phonetic ones and small capitals too.
_OF_LATIN = r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL) (?:DOTLESS |SCRIPT )?([A-Z])(?: WITH .+)?"
_LOOKS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("l", "i"))
# Scripts that one name may combine (UTS 39, 5.2, "highly restrictive").
_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)


def faults(username: str) -> list[str]:
    """List the mistakes of a name for registering, each as `code|sentence`.

    In addition to `username_faults`: names of staff or of a service, names that look like one, and mixed scripts, in
    which one letter can pass for another (UTS 39).
    """
    mistakes = username_faults(username)
    if mistakes:
        return mistakes
    scripts = _scripts(username)
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        mistakes.append("mixed|Its letters must be of one script.")
    if not _reserved_looks().isdisjoint(_look(part) for part in (username, *re.split(r"[._-]+", username))):
        mistakes.append("reserved|This name is kept for staff and services. Choose another.")
    return mistakes


def _scripts(text: str) -> set[str]:
    return {unicodedata.name(letter, "?").split()[0] for letter in fold(text) if letter.isalpha()}


def _reserved_looks() -> set[str]:
    names = {*RESERVED, *SERVICE_NAMES, settings().operator}
    return {_look(name) for name in names} - {""}


def _look(text: str) -> str:
    """Return the name without punctuation, accents and final digits, with look-alikes as Latin letters."""
    plain = "".join(
        character for character in unicodedata.normalize("NFKD", fold(text)) if not unicodedata.combining(character)
    )
    letters = re.sub(r"[\W_]+", "", plain)
    skeleton = "".join(map(_plain_latin, letters.rstrip("0123456789") or letters)).translate(_DRAWN_AS)
    for pair, single in _LOOKS:
        skeleton = skeleton.replace(pair, single)
    return skeleton


def _plain_latin(letter: str) -> str:
    found = None if letter.isascii() else re.fullmatch(_OF_LATIN, unicodedata.name(letter, ""))
    return found[1].lower() if found else letter
