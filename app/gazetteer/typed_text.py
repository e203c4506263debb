"""Clean and normalise the typed name of a place, and count differing letters. Pure."""

import re
import unicodedata

from app.core.unicode_text import is_control

# No address is longer; normalising may turn one character into eighteen.
TEXT_CHARACTERS = 200
# Letters that Unicode decomposition does not split.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
)
_WITHIN_WORDS = re.compile(r"['’ʼ‘`´]")
_BETWEEN_INITIALS = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SAME_WORDS = {"saint": "st", "mount": "mt", "upon": "on", "gt": "great"}
# Applied before NFKC, which would turn the ordinal sign into a letter.
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "″": '"', "“": '"', "”": '"'}
)
# Words this long may differ by one letter, and by two.
_ONE_WRONG_FROM = 4
_TWO_WRONG_FROM = 7


def cleaned(text: str) -> str:
    """Return the beginning of a text in one notation, without control and invisible characters, blanks merged."""
    begin = "".join(_shown(character) for character in text[:TEXT_CHARACTERS].translate(_SIGNS))
    return " ".join(unicodedata.normalize("NFKC", begin).translate(_SIGNS).split())


def _shown(character: str) -> str:
    return character if character.isprintable() else " " if is_control(character) or character.isspace() else ""


def folded(text: str) -> str:
    """Normalise words: no case, accents and punctuation, so that `St. Ives` and `SAINT IVES` are equal."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in apart if not unicodedata.combining(character))
    plain = _BETWEEN_INITIALS.sub("", _WITHIN_WORDS.sub("", text.casefold().translate(_LETTERS)))
    return " ".join(_SAME_WORDS.get(word, word) for word in _BETWEEN_WORDS.sub(" ", plain).split())


def letters_in(word: str) -> int:
    """Return the letters of a word as bits: words that share few need no exact comparison."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


def slips_allowed(word: str) -> int:
    """Return how many letters of a word may be wrong."""
    return (len(word) >= _ONE_WRONG_FROM) + (len(word) >= _TWO_WRONG_FROM)


def slips(typed: str, other: str) -> int:
    """Count letters wrong, missing, too many, or swapped with a neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(typed, 1):
        line = [row]
        for column, another in enumerate(other, 1):
            least = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != another))
            swapped = row > 1 < column and letter == other[column - 2] and typed[row - 2] == another
            line.append(min(least, before[column - 2] + 1) if swapped else least)
        before, last = last, line
    return last[-1]


def is_one_slip(typed: str, other: str) -> bool:
    """Return whether one letter is wrong, missing or too many, or two neighbours are swapped."""
    if abs(len(typed) - len(other)) > 1:
        return False
    end = min(len(typed), len(other))
    at = next((number for number in range(end) if typed[number] != other[number]), end)
    rest, other_rest = typed[at:], other[at:]
    if len(typed) != len(other):
        return rest[1:] == other_rest if len(typed) > len(other) else rest == other_rest[1:]
    return rest[1:] == other_rest[1:] or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
