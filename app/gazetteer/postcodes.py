"""Parse typed postcodes and ZIP codes: complete, partial, or with typing errors. Pure."""

import re
from itertools import product
from typing import NamedTuple

_SPACES = re.compile(r"[\s.\-–_]+")
_DISTRICT = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?", re.ASCII)
_WHOLE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9])([A-Z]{2})", re.ASCII)
_INSIDE = re.compile(r"\b([A-Z]{1,2}[0-9][0-9A-Z]?)\s?([0-9][A-Z]{2})\b", re.ASCII)
_ZIP = re.compile(r"(\d{5})(?:-\d{4})?", re.ASCII)
_ZIP_INSIDE = re.compile(
    r"(?:^|[\s,])(\d{5})(?:-\d{4})?\s*(?:,?\s*(?:USA|US|UNITED STATES))?$", re.ASCII | re.IGNORECASE
)
# Characters that look alike or are neighbours on a keyboard: letter for digit, and digit for letter.
_FIGURES = {"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "B": "8", "G": "6"}
_LETTERS = {"0": "O", "1": "IL", "5": "S", "2": "Z", "8": "B", "6": "G"}
_LONGEST = 7
_MOST_READINGS = 4
_MOST_DIFFERENCES = 2


class Postcode(NamedTuple):
    """A postcode or its beginning. `digit` and `letters` are of the inward part, empty if not typed.

    `is_as_typed`: no letter was read as a digit or the other way round.
    """

    district: str
    digit: str = ""
    letters: str = ""
    is_as_typed: bool = True

    @property
    def sector(self) -> str:
        return self.district + self.digit

    @property
    def name(self) -> str:
        return f"{self.district} {self.digit}{self.letters}".strip()


def readings(text: str) -> list[Postcode]:
    """Return the complete or partial postcodes that a text may be, likeliest first; empty if it is none."""
    parts = _SPACES.sub(" ", text.upper()).split()
    if not parts or len(joined := "".join(parts)) > _LONGEST or not joined.isascii():
        return []
    typed = _as_typed(joined, parts)
    if not joined.isalnum():
        return typed
    corrected = (reading._replace(is_as_typed=False) for reading in _corrected(joined))
    return [*typed, *(reading for reading in corrected if reading.name not in {as_typed.name for as_typed in typed})][
        :_MOST_READINGS
    ]


def _as_typed(joined: str, parts: list[str]) -> list[Postcode]:
    if whole := _WHOLE.fullmatch(joined):
        return [Postcode(whole[1], whole[2], whole[3])]
    if len(parts) == 1:
        as_district = [Postcode(joined)] if _DISTRICT.fullmatch(joined) else []
        is_sector = joined[-1].isdigit() and _DISTRICT.fullmatch(joined[:-1])
        is_begun_unit = joined[-2:-1].isdigit() and joined[-1].isalpha() and _DISTRICT.fullmatch(joined[:-2])
        return (
            as_district
            + ([Postcode(joined[:-1], joined[-1])] if is_sector else [])
            + ([Postcode(joined[:-2], joined[-2])] if is_begun_unit else [])
        )
    first, second = "".join(parts[:-1]), parts[-1]
    if _DISTRICT.fullmatch(first) and re.fullmatch(r"[0-9][A-Z]?", second):
        return [Postcode(first, second[0])]
    return []


def _corrected(joined: str) -> list[Postcode]:
    """Return complete postcodes that differ only by confusable characters; the fewest differences first."""
    corrections: dict[tuple[str, str, str], int] = {}
    for shape in ("ANNAA", "ANNNAA", "AANNAA", "AANNNAA", "ANANAA", "AANANAA"):
        if len(shape) != len(joined):
            continue
        options = [_options(letter, kind) for letter, kind in zip(joined, shape, strict=True)]
        for letters in product(*options):
            code = "".join(letters)
            if whole := _WHOLE.fullmatch(code):
                differences = sum(character != other for character, other in zip(code, joined, strict=True))
                if differences <= _MOST_DIFFERENCES:
                    corrections.setdefault((whole[1], whole[2], whole[3]), differences)
    return [
        Postcode(code[0], code[1], code[2]) for code in sorted(corrections, key=lambda code: (corrections[code], code))
    ]


def _options(letter: str, kind: str) -> str:
    if kind == "N":
        return letter if letter.isdigit() else _FIGURES.get(letter, "")
    return letter if letter.isalpha() else _LETTERS.get(letter, "")


def inside(text: str) -> Postcode | None:
    """Return the last complete postcode in an address."""
    matches = _INSIDE.findall(text.upper())
    return Postcode(matches[-1][0], matches[-1][1][0], matches[-1][1][1:]) if matches else None


def read_zip(text: str) -> str:
    """Return the five digits of a ZIP code; empty if it is none."""
    match = _ZIP.fullmatch(text)
    return match[1] if match else ""


def zip_inside(text: str) -> str:
    """Return the ZIP code at the end of an address; empty without one."""
    match = _ZIP_INSIDE.search(text)
    return match[1] if match else ""
