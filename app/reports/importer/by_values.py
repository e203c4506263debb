"""Find the columns of place and time by their values, where no name tells. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.core.parse_time import UnreadableTime, parse_time
from app.reports.importer.columns import is_like_a_time, plain
from app.reports.importer.month_names import spelled_out
from app.reports.importer.places import degrees
from app.reports.importer.swapped import IsAtSea
from app.reports.importer.times import ORDERS

_FEW_DIGITS = 3  # behind the point; places have more, counts and scores fewer
_SAMPLE = 40
_MOSTLY = 0.9
_NORTH, _EAST = ("lat", "y", "north", "breite", "phi"), ("lon", "lng", "x", "east", "länge", "laenge", "lambda")


@dataclass
class _Column:
    """Evidence that the values of one column have given so far."""

    filled: int = 0
    degrees: int = 0
    exact: int = 0  # degrees with several digits behind the point
    times: int = 0
    least: float = 0.0
    most: float = 0.0
    sample: list[float] = field(default_factory=list)

    def see(self, value: Any) -> None:
        """Take one value into account."""
        if value is None or isinstance(value, bool) or isinstance(value, str) and not value.strip():
            return
        self.filled += 1
        number = _degrees(value)
        if number is not None and abs(number) <= 180:
            self.least, self.most = (min(self.least, number), max(self.most, number)) if self.degrees else (number,) * 2
            self.degrees += 1
            self.exact += len(str(value).strip().replace(",", ".").partition(".")[2]) >= _FEW_DIGITS
            if len(self.sample) < _SAMPLE:
                self.sample.append(number)
        elif isinstance(value, str):
            self.times += _is_time(value)

    def is_degrees(self) -> bool:
        return self.filled > 0 and self.degrees == self.filled and self.exact >= _MOSTLY * self.filled


class ValuesSeen:
    """Evidence of the first pass on each column."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}

    def see(self, columns: Mapping[str, Any]) -> None:
        """Take one row into account."""
        for name, value in columns.items():
            self._columns.setdefault(name, _Column()).see(value)

    def place(self, is_at_sea: IsAtSea) -> dict[str, str]:
        """Return the columns of latitude and longitude; nothing if there are not exactly two that can be, or either."""
        found = [name for name, column in self._columns.items() if column.is_degrees()]
        if len(found) != 2:
            return {}
        orders = [order for order in (found, found[::-1]) if self._may_be(*order)]
        if len(orders) == 2:
            orders = [order for order in orders if _is_named(*order)] or self._on_land(orders, is_at_sea)
        return {"lat": orders[0][0], "lon": orders[0][1]} if len(orders) == 1 else {}

    def time(self) -> dict[str, str]:
        """Return the first column that holds times in every filled cell."""
        known = [
            name
            for name, column in self._columns.items()
            if column.filled and column.times == column.filled and is_like_a_time(name)
        ]
        return {"observed_at": known[0]} if known else {}

    def _may_be(self, lat: str, lon: str) -> bool:
        column = self._columns[lat]
        return column.least >= -90 and column.most <= 90

    def _on_land(self, orders: Sequence[list[str]], is_at_sea: IsAtSea) -> list[list[str]]:
        """Return the orders by which the places lie on land."""
        return [order for order in orders if self._share_at_sea(*order, is_at_sea=is_at_sea) <= 1 - _MOSTLY]

    def _share_at_sea(self, lat: str, lon: str, *, is_at_sea: IsAtSea) -> float:
        places = list(zip(self._columns[lat].sample, self._columns[lon].sample, strict=False))
        return sum(is_at_sea(lat=one, lon=other) for one, other in places) / len(places)


def _is_named(lat: str, lon: str) -> bool:
    return plain(lat).startswith(_NORTH) and plain(lon).startswith(_EAST)


def _degrees(value: Any) -> float | None:
    try:
        number = degrees(value, "lat" if "N" in str(value).upper() or "S" in str(value).upper() else "lon")
    except UnreadableTime:
        return None
    return float(number) if isinstance(number, int | float) and not isinstance(number, bool) else None


def _is_time(text: str) -> bool:
    text = spelled_out(text)
    if not any(sign in text for sign in "-/:."):
        return False
    for order in ORDERS.values():
        try:
            parse_time(text, utc_offset=timedelta(), order=order)
        except UnreadableTime:
            continue
        return True
    return False
