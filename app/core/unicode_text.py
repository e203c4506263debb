"""What single characters are: controls, blanks, and those that show nothing. Pure."""

import unicodedata
from typing import Any

# Bidirectional controls that reorder what stands beside them (Unicode UAX 9: embeddings, overrides, isolates).
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Tabs, line breaks, and the blanks of Unicode (Zs, Zl, Zp); no other controls.
BLANKS = "\t\n\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# Letters and marks that show nothing (Unicode: Default_Ignorable_Code_Point), beside the format characters (Cf).
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
# At most so many characters become one in Unicode NFC (UAX 15). Composing can cost the square of the length, so that a
# text is measured before.
COMPOSED_OF = 4


def is_control(character: str) -> bool:
    """A control character, or a code point that is no character at all (U+FFFE and its like)."""
    return unicodedata.category(character) in ("Cc", "Cs") or ord(character) & 0xFFFE == 0xFFFE


def shows_nothing(character: str) -> bool:
    """Blanks, and format characters (Cf): zero-width spaces, joiners, soft hyphens, tags."""
    return character in BLANKS or character in INVISIBLE or unicodedata.category(character) == "Cf"


def shown(value: Any, longest: int = 60) -> str:
    """A foreign value in a message: one line, no control characters, short."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(character if character.isprintable() else "?" for character in text[: longest + 1])
    return text if len(text) <= longest else text[:longest] + "..."
