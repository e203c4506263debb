"""Output of a reader of reports: records, rows, refusals with reasons, and the choices of who imports. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.reports.importer.words import CHOICES

# Fields that `--map FIELD=COLUMN` may name. The name of a depth field holds its unit; `depth` has it in the value or in
# the column `depth_unit`.
DEPTH_UNITS_CM = {"depth_cm": 1.0, "depth_m": 100.0, "depth_ft": 30.48, "depth_in": 2.54, "depth_mm": 0.1}
FIELDS = (
    *("id", "lat", "lon", "geometry", "observed_at", "title", "description"),
    *CHOICES,
    "radius_m",
    *DEPTH_UNITS_CM,
    *("depth", "depth_unit"),
)


class Unreadable(ValueError):
    """The file as a whole cannot be read. The message says why and what to do."""


@dataclass(frozen=True)
class ImportOptions:
    """A user's choices for reading a file. None or absent: decide from the file."""

    columns: Mapping[str, str] = field(default_factory=dict)  # field -> column
    utc_offset: timedelta | None = None  # of times without a zone
    day_first: bool | None = None
    is_year_first: bool = False  # of dates such as 24/01/15
    observed_at_ms: int | None = None  # of rows that state no time
    is_comma_decimal: bool | None = None  # whether 1,000 is one or a thousand
    takes_any_kind: bool = False  # also rows whose columns name another hazard
    crs: str = ""  # name of the system of the places: EPSG:27700


@dataclass(frozen=True)
class RawRecord:
    """One row or feature as it stands in the file."""

    where: str  # "row 3 (line 5)", "feature 3"
    columns: Mapping[str, Any]
    geometry: Any = None  # GeoJSON
    own_id: Any = None  # outside the columns: GeoJSON's feature id
    refused_before: str = ""  # why, in the file of refused rows that it comes from
    remark: str = ""  # counted, and told once with the first row that has it


@dataclass(frozen=True)
class Row:
    """One row, interpreted. `content` is the whole row, normalised: equal rows have equal content."""

    where: str
    own_id: str | None
    content: str
    columns: tuple[str, ...]
    lat: float
    lon: float
    observed_at_ms: int  # since 1970
    title: str | None = None
    description: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)  # our words, by field (words.CHOICES)
    depth_cm: float | None = None
    radius_m: float | None = None
    left_out: tuple[str, ...] = ()  # fields whose value is unusable
    cut: tuple[str, ...] = ()  # fields whose text is longer than a report may have


@dataclass(frozen=True)
class RefusedRow:
    """One row without a usable place or time, or that reports no flood, and the reason."""

    where: str
    own_id: str | None
    reason: str
    columns: Mapping[str, Any] = field(default_factory=dict)  # as they stand in the file, as far as they can be read
    geometry: Any = None
