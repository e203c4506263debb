"""Read depths and radii with their units. Pure.

A depth counts only with its unit: in the column's name, in a column of units, or behind the number. Whether 1,000 is
one or a thousand is decided by the whole column, never for one cell.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from app.core.unicode_text import shown
from app.reports.importer.columns import Layout, first_value
from app.reports.importer.row import DEPTH_UNITS_CM

# Units as people write them, in centimetres.
_UNITS_CM = {
    **dict.fromkeys(
        "cm centimetre centimetres centimeter centimeters zentimeter centimetro centimetros "
        "centímetro centímetros centimètre centimètres centimetri cms sentimeter".split(),
        1.0,
    ),
    **dict.fromkeys("m metre metres meter meters metro metros mètre mètres metri mts mtrs".split(), 100.0),
    **dict.fromkeys("mm millimetre millimetres millimeter millimeters".split(), 0.1),
    **dict.fromkeys("ft foot feet fuß pies pés".split(), 30.48),
    **dict.fromkeys("in inch inches zoll pulgadas polegadas".split(), 2.54),
}
_MARKS_CM = {"'": 30.48, "′": 30.48, '"': 2.54, "″": 2.54, "”": 2.54}
_MEASURE = re.compile(r"([+-]?\d{1,20}(?:[.,]\d{1,40})*)\s*([^\d\s.,][^\d]{0,20})?", re.ASCII)
_ONE_COMMA = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)
_ONE_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_FEET = re.compile(
    r"(\d{1,3})\s*(?:'|′|’|ft\.?|feet|foot)\s*(\d{1,2}(?:[.,]\d{1,4})?)\s*(?:\"|″|”|''|in\.?|inch(?:es)?)",
    re.I | re.ASCII,
)
_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_GROUPS_BY_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
UNIT_UNKNOWN = "its unit is not known"


class Marks(NamedTuple):
    """Meanings of comma and point in a file's numbers."""

    is_comma_decimal: bool = True
    is_point_grouping: bool = False


@dataclass
class CommasSeen:
    """Evidence of the depth and radius columns on the meaning of the comma."""

    is_decimal: bool = False
    is_in_places: bool = False  # degrees have a decimal comma
    is_point_decimal: bool = False
    is_grouping: bool = False
    ambiguous: str = ""  # the first number that two readings fit, and its column

    def see(self, columns: Mapping[str, Any], layout: Layout) -> None:
        """Take the measures of one row into account."""
        if not self.is_in_places:
            degrees = (first_value(columns, layout[axis]) for axis in ("lat", "lon"))
            self.is_in_places = any(isinstance(value, str) and "," in value for value in degrees)
        for field in (*DEPTH_UNITS_CM, "depth", "radius_m"):
            value = first_value(columns, layout[field])
            match = _MEASURE.fullmatch(value.strip()) if isinstance(value, str) else None
            if not match or not {",", "."} & {*match[1]}:
                continue
            number = match[1]
            if _ONE_COMMA.fullmatch(number):
                if not self.ambiguous:
                    self.ambiguous = f"{shown(number)} in the column {shown(layout[field][0])}"
            elif "," not in number:
                self.is_grouping |= number.count(".") == 1
                self.is_point_decimal |= number.count(".") == 1 and not _ONE_POINT.fullmatch(number)
            elif _GROUPS.fullmatch(number):
                self.is_grouping = True
            else:
                self.is_decimal = True

    def is_point_grouping(self) -> bool:
        """Return whether 1.200 is 1,200: the file's decimals have a comma, and none has a point."""
        return (self.is_decimal or self.is_in_places) and not self.is_point_decimal

    def is_comma_decimal(self, given: bool | None) -> bool | None:
        """Return whether a comma separates decimals: as asked, else as the columns show; None if open."""
        if given is not None or not self.ambiguous:
            return True if given is None else given
        return None if self.is_decimal == self.is_grouping else self.is_decimal


def depth_cm(columns: Mapping[str, Any], layout: Layout, marks: Marks) -> tuple[float | None, str]:
    """Return the first depth in centimetres, or None and what is wrong with it; "" if there is none."""
    for field, factor in DEPTH_UNITS_CM.items():
        if (value := first_value(columns, layout[field])) is not None:
            return _depth(value, factor, marks)
    if (value := first_value(columns, layout["depth"])) is None:
        return None, ""
    unit = first_value(columns, layout["depth_unit"])
    return _depth(value, unit_cm(unit) if isinstance(unit, str) else None, marks)


def radius_m(columns: Mapping[str, Any], paths: Sequence[str], marks: Marks) -> tuple[float | None, bool]:
    """Return a radius in metres, and whether there is one that cannot be used."""
    value = first_value(columns, paths)
    if value is None:
        return None, False
    number, _ = _number(value, marks)
    return number, number is None


def unit_cm(text: str) -> float | None:
    """Return the centimetres in a unit (`m`, `feet`, `(in)`); None for a word that is no unit of length."""
    spelled = text.strip().strip("()[]. ").casefold()
    return _MARKS_CM.get(spelled) or _UNITS_CM.get(spelled)


def _depth(value: Any, factor: float | None, marks: Marks) -> tuple[float | None, str]:
    if isinstance(value, str) and (feet := _FEET.fullmatch(value.strip())):  # 1' 6"
        return round(int(feet[1]) * 30.48 + float(feet[2].replace(",", ".")) * 2.54, 1), ""
    number, unit = _number(value, marks)
    if unit:
        factor = unit_cm(unit)
    if number is None:
        return None, "it is no number"
    return (None, UNIT_UNKNOWN) if factor is None else (round(number * factor, 1), "")


def _number(value: Any, marks: Marks) -> tuple[float | None, str]:
    """Return a number and the word behind it."""
    unit = ""
    if isinstance(value, str):
        match = _MEASURE.fullmatch(value.strip())
        if not match:
            return None, ""
        value, unit = _spelled(match[1], marks), (match[2] or "").strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or not isfinite(value):
        return None, unit
    return float(value), unit


def _spelled(number: str, marks: Marks) -> float | None:
    if _GROUPS_BY_POINTS.fullmatch(number) or marks.is_point_grouping and _ONE_POINT.fullmatch(number):
        number = number.replace(".", "").replace(",", ".")
    elif _GROUPS.fullmatch(number) and not (marks.is_comma_decimal and _ONE_COMMA.fullmatch(number)):
        number = number.replace(",", "")
    elif number.count(",") <= 1 and "." not in number:
        number = number.replace(",", ".")
    try:
        return float(number)
    except ValueError:
        return None
