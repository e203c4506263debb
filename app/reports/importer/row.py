"""Output of a reader of reports: rows, refusals with reasons, notes on how the file was read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.reports.importer.words import CHOICES

# Fields that `--map FIELD=COLUMN` may name. The name of a depth field holds its unit.
DEPTH_UNITS_CM = {"depth_cm": 1.0, "depth_m": 100.0, "depth_ft": 30.48, "depth_in": 2.54}
FIELDS = (
    *("id", "lat", "lon", "geometry", "observed_at", "title", "description"),
    *CHOICES,
    "radius_m",
    *DEPTH_UNITS_CM,
)


class Unreadable(ValueError):
    """The file as a whole cannot be read. The message says why and what to do."""


@dataclass(frozen=True)
class ImportOptions:
    """A user's choices for reading a file. None or absent: decide from the file."""

    columns: Mapping[str, str] = field(default_factory=dict)  # field -> column
    utc_offset: timedelta | None = None  # of times without a zone
    day_first: bool | None = None


@dataclass(frozen=True)
class RawRecord:
    """One row or feature as it stands in the file."""

    where: str  # "row 3 (line 5)", "feature 3"
    columns: Mapping[str, Any]
    geometry: Any = None  # GeoJSON
    own_id: Any = None  # outside the columns: GeoJSON's feature id
    remark: str = ""


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


@dataclass(frozen=True)
class RefusedRow:
    """One row without a usable place or time, and the reason."""

    where: str
    own_id: str | None
    reason: str


@dataclass
class ReadResult:
    """A whole interpreted file, in its own order."""

    rows: list[Row | RefusedRow] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
