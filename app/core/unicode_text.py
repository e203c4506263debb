"""Classify single characters: controls, blanks, and invisible ones. Pure."""

import unicodedata
from itertools import groupby
from typing import Any

# Bidirectional controls, which reorder neighbouring text (Unicode UAX 9: embeddings, overrides, isolates).
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Tabs, line breaks, and the blanks of Unicode (Zs, Zl, Zp); no other controls.
BLANKS = "\t\n\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# Invisible letters and marks (Unicode: Default_Ignorable_Code_Point), in addition to the format characters (Cf).
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
# Largest number of characters that become one in Unicode NFC (UAX 15). Composing can take time square in the length, so
# a text is measured first.
COMPOSED_OF = 4
_MOST_MARKS = 4  # on one letter; no script stacks more, and a pile of them covers neighbouring letters
_JOINERS = "\u200c\u200d"  # used in Persian, Indic scripts and emoji: kept only between two visible characters of these


def is_control(character: str) -> bool:
    """Return whether it is a control character, or a noncharacter (U+FFFE and similar code points)."""
    return unicodedata.category(character) in ("Cc", "Cs") or ord(character) & 0xFFFE == 0xFFFE


def shows_nothing(character: str) -> bool:
    """Return whether it is a blank or invisible: zero-width spaces, joiners, soft hyphens, tags."""
    return character in BLANKS or character in INVISIBLE or unicodedata.category(character) == "Cf"


def without_invisible(text: str) -> str:
    """Return a text without controls (tabs and line breaks stay), bidirectional controls and invisible characters."""
    return "".join(sign for at, sign in enumerate(text) if _is_seen(text, at, sign))


def _is_seen(text: str, at: int, sign: str) -> bool:
    if sign < "\x7f":
        return sign >= " " or sign in "\n\t"
    if sign in _JOINERS:
        is_between = 0 < at < len(text) - 1
        return is_between and _is_joined(text[at - 1]) and _is_joined(text[at + 1]) and text[at + 1] not in _JOINERS
    return not (is_control(sign) or sign in BIDI_CONTROLS or sign in INVISIBLE or unicodedata.category(sign) == "Cf")


def _is_joined(sign: str) -> bool:
    """Return whether a joiner beside a character may change how it is drawn: no letter or digit of ASCII is joined."""
    return not sign.isascii() and sign not in BLANKS


def few_marks(text: str) -> str:
    """Limit combining marks to four on a letter."""
    if text.isascii():
        return text
    runs = (
        ("".join(run), is_mark) for is_mark, run in groupby(text, key=lambda sign: bool(unicodedata.combining(sign)))
    )
    return "".join(run[:_MOST_MARKS] if is_mark else run for run, is_mark in runs)


def shown(value: Any, longest: int = 60) -> str:
    """Quote a foreign value in a message: one line, no control characters, short."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(character if character.isprintable() else "?" for character in text[: longest + 1])
    return text if len(text) <= longest else text[:longest] + "..."
