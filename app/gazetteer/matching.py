"""Reading what a person types for a place: folded words, coordinates, postcodes, and how far two words differ. Pure."""

import re
import unicodedata

from app.geo.coordinates import PLACES_EXACT, is_place, rounded

# No place name, postcode or pair of coordinates is longer; one character may become eighteen when it is folded.
TEXT_CHARACTERS = 100
# Letters of one piece, which folding does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
)
_WITHIN_WORDS = re.compile(r"['’ʼ‘`´.]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SAME_WORDS = {"saint": "st", "mount": "mt"}
# Before the notation is made one, which would turn the ordinal sign into a letter.
_SIGNS = str.maketrans({"−": "-", "–": "-", "º": "°", "˚": "°"})
_NUMBER = r"([-+]?\d{1,3}(?:\.\d{0,20})?)"
_COORDINATES = re.compile(
    rf"([NSEW])?\s?{_NUMBER}\s?°?\s?([NSEW])?\s?[,;\s]\s?([NSEW])?\s?{_NUMBER}\s?°?\s?([NSEW])?", re.ASCII
)
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")
_INWARD = re.compile(r"(?:[0-9][A-Z]{0,2})?")
# Words this long may differ by one letter, and by two.
_ONE_WRONG_FROM = 4
_TWO_WRONG_FROM = 7


def cleaned(text: str) -> str:
    """The beginning of a text in one notation, blanks made one."""
    begin = text[:TEXT_CHARACTERS].translate(_SIGNS)
    return " ".join(unicodedata.normalize("NFKC", begin).split())


def folded(text: str) -> str:
    """Words without case, accents and signs: `St. Ives` and `SAINT IVES` are one."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(one for one in apart if not unicodedata.combining(one))
    plain = _WITHIN_WORDS.sub("", text.casefold().translate(_LETTERS))
    return " ".join(_SAME_WORDS.get(word, word) for word in _BETWEEN_WORDS.sub(" ", plain).split())


def coordinates(text: str) -> tuple[float, float] | None:
    """Latitude and longitude of `51.08, -2.96`, `51.08°N 2.96°W` or `W2.96 N51.08`; None if it is no such pair."""
    found = _COORDINATES.fullmatch(text.upper())
    if not found:
        return None
    before, first, after, before_second, second, after_second = found.groups()
    one, other = _signed(before, first, after), _signed(before_second, second, after_second)
    if not one or not other:
        return None
    (axis, lat), (other_axis, lon) = one, other
    if axis == "lon" or other_axis == "lat":
        (axis, lat), (other_axis, lon) = other, one
    if axis == "lon" or other_axis == "lat" or not is_place(lat=lat, lon=lon):
        return None
    return rounded(lat, places=PLACES_EXACT), rounded(lon, places=PLACES_EXACT)


def _signed(before: str | None, number: str, after: str | None) -> tuple[str, float] | None:
    """Which axis a number speaks of, if it says so, and its value. A letter and a sign, or two letters, say nothing."""
    letter = before or after
    if letter and (before and after or number[0] in "-+"):
        return None
    value = float(number)
    axes = {None: "", "N": "lat", "S": "lat", "E": "lon", "W": "lon"}
    return axes[letter], -value if letter in ("S", "W") else value


def outward_codes(text: str) -> list[str]:
    """The outward codes that a whole or begun postcode may start with, likeliest first; empty if it is none."""
    parts = text.upper().split()
    if len(parts) == 2:
        return parts[:1] if _OUTWARD.fullmatch(parts[0]) and _INWARD.fullmatch(parts[1]) else []
    if len(parts) != 1 or len(parts[0]) > 7:
        return []
    # Written as one, TA70AA is TA7 0AA: no inward part is letters alone.
    ways = ((parts[0][:end], parts[0][end:]) for end in range(min(4, len(parts[0])), 1, -1))
    return [one for one, rest in ways if _OUTWARD.fullmatch(one) and _INWARD.fullmatch(rest)]


def letters_in(word: str) -> int:
    """The letters of a word as bits: words that share few need no closer look."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


def slips_allowed(word: str) -> int:
    """How many letters of a word may be wrong."""
    return (len(word) >= _ONE_WRONG_FROM) + (len(word) >= _TWO_WRONG_FROM)


def slips(one: str, other: str) -> int:
    """Letters wrong, missing, too many, or two in each other's place (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, another in enumerate(other, 1):
            least = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != another))
            swapped = row > 1 < column and letter == other[column - 2] and one[row - 2] == another
            line.append(min(least, before[column - 2] + 1) if swapped else least)
        before, last = last, line
    return last[-1]
