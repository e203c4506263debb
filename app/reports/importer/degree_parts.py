"""Find degrees that stand in several columns: whole degrees, minutes and seconds, and the letter of their side. Pure.

Read by its first column alone, such a place would lie up to a hundred kilometres away, or on another continent.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app.reports.importer.columns import first_value, plain

_PARTS = (r"(?:deg(?:rees?)?|d)", r"(?:min(?:utes?)?|m)", r"(?:sec(?:onds?)?|s)")
_NAMES = {"lat": r"lat(?:itude)?", "lon": r"(?:lon(?:g(?:itude)?)?|lng)"}
_SIDES = r"(?:dir(?:ection)?|hem(?:isphere)?|side|ref|indicator)"
_SIDES_ALONE = {"lat": ("ns", "nsindicator", "northsouth"), "lon": ("ew", "ewindicator", "eastwest")}


class DegreeParts(NamedTuple):
    """Columns of one axis: degrees, minutes and, if it is there, seconds; else nothing; and that of the side."""

    numbers: tuple[str, ...] = ()
    side: str = ""

    @property
    def columns(self) -> list[str]:
        """Return all of them."""
        return [*self.numbers, *filter(None, [self.side])]

    def read(self, columns: Mapping[str, Any], whole: Any) -> Any:
        """Return what a row states: the number of the usual column, or all parts, with the letter of the side."""
        value = " ".join(str(part).strip() for name in self.numbers if (part := columns.get(name)) not in (None, ""))
        value = value or whole
        letter = str(first_value(columns, [self.side]) or "").strip()[:1].upper() if self.side else ""
        has_letter = isinstance(value, str) and any(sign.isalpha() for sign in value)
        return f"{value} {letter}" if letter in tuple("NSEW") and value is not None and not has_letter else value


def parts_of(names: Iterable[str], axis: str) -> DegreeParts:
    """Return the columns of an axis (`lat` or `lon`) that belong to its degrees."""
    by_plain = {plain(name): name for name in names}
    found = [next((by_plain[key] for key in by_plain if _is(key, axis, part)), "") for part in _PARTS]
    numbers = tuple(filter(None, found)) if found[0] and found[1] else ()
    alone = next((by_plain[key] for key in _SIDES_ALONE[axis] if key in by_plain), "")
    return DegreeParts(numbers, next((by_plain[key] for key in by_plain if _is(key, axis, _SIDES)), alone))


def _is(key: str, axis: str, part: str) -> bool:
    return bool(re.fullmatch(_NAMES[axis] + part, key))
