"""Entry: the short form of a report, and the one list of its fields for lists, indexes, tile documents and CSV.

Every other list of report fields is derived from this one: the fields of answers (`SHOWN`), the columns of stored
entries and documents (`STORED`), and the schemas in `report_schemas.py`. A new field goes last among the shown ones,
with a default for the reports that were stored before it existed.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from app.core.severity import Severity
from app.geo.box_circle import Circle

CELL_ZOOM = 13
# Sort keys count milliseconds from the year 1, so that reports from before 1970 also sort correctly as text.
_YEAR_ONE_MS = 62_135_596_800_000
NEWER_THAN_ALL = "~"
# From this radius on, a place is only the middle of an area: where in it the flood is, is unknown.
COARSE_M = 1000
AREA = "area"  # a place shown on a grid of 0.01 degrees: up to 790 m from where it is


class Status(StrEnum):
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Condition(StrEnum):
    FLOODED = "flooded"
    RECEDED = "receded"


PUBLIC = frozenset({Status.PENDING, Status.VERIFIED})


class WaterSource(StrEnum):
    """Origin of the water. `unknown`: the reporter does not know; None: no answer was given."""

    RIVER = "river"
    SURFACE = "surface"
    SEWER = "sewer"
    SEA = "sea"
    GROUNDWATER = "groundwater"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """Notation of a value in answers."""

    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    MOMENT = "moment"


class Shown(NamedTuple):
    """A field under its name in answers. `is_said`: the reporter gives it, and it is stored unchanged."""

    name: str
    kind: Kind
    words: type[StrEnum] | None = None
    is_said: bool = False
    about: str = ""  # one sentence for the API description
    attribute: str = ""  # name in the row and in the entry
    can_be_null: bool = False


_WATER_SOURCE = Shown(
    "water_source",
    Kind.WORD,
    WaterSource,
    is_said=True,
    about="Where the water comes from, as the reporter says. `unknown`: they do not know. Null: no answer was given.",
)


class Entry(NamedTuple):
    """Short form of a report, as indexes and tile documents hold it. The place is the public one.

    `short_form` turns `lat`, `lon` and `place` into `location` and `location_precision`.
    """

    id: str
    sort: str
    lat: float
    lon: float
    place: str
    radius: Annotated[int, Shown("radius_m", Kind.WHOLE, is_said=True)]
    severity: Annotated[str, Shown("severity", Kind.WORD, Severity)]
    depth: Annotated[float | None, Shown("depth_cm", Kind.NUMBER)]
    title: Annotated[str | None, Shown("title", Kind.TEXT, is_said=True)]
    status: Annotated[str, Shown("status", Kind.WORD, Status)]
    condition: Annotated[str, Shown("condition", Kind.WORD, Condition)]
    observed: Annotated[int, Shown("observed_at", Kind.MOMENT)]
    updated: Annotated[int, Shown("updated_at", Kind.MOMENT)]
    expires: Annotated[int, Shown("expires_at", Kind.MOMENT)]
    version: Annotated[int, Shown("version", Kind.WHOLE)]
    water_source: Annotated[str | None, _WATER_SOURCE] = None
    others: Mapping[str, Any] | None = None  # columns of a later release: kept when stored again, never shown

    @property
    def created(self) -> int:
        """Creation time in milliseconds since 1970, from the sort key."""
        return created_of(self.sort)

    def is_active(self, now_ms: int) -> bool:
        return self.status in PUBLIC and self.expires > now_ms

    @property
    def reach_m(self) -> int:
        """Metres around the public place within which the report is meant."""
        return max(int(self.radius), COARSE_M if self.place == AREA else 0)

    @property
    def is_coarse(self) -> bool:
        """Return whether the place is known to kilometres only. Such a report never counts as inside an area."""
        return self.reach_m >= COARSE_M

    @property
    def spot(self) -> Circle:
        """Return where the flood is: a point, or the whole circle of a coarse place."""
        return Circle(float(self.lat), float(self.lon), self.reach_m / 1000 if self.is_coarse else 0.0)


def sort_key(created_ms: int, report_id: str = "") -> str:
    """Build `<milliseconds>#<id>`; without an id, the key that sorts below all reports of that millisecond."""
    return f"{created_ms + _YEAR_ONE_MS:015d}" + (f"#{report_id}" if report_id else "")


def created_of(sort: str) -> int:
    """Return the milliseconds since 1970 in a sort key."""
    return int(sort.partition("#")[0]) - _YEAR_ONE_MS


def _shown() -> tuple[Shown, ...]:
    """List the fields that answers show unchanged, in their order."""
    public_fields: list[Shown] = []
    for attribute, hint in get_type_hints(Entry, include_extras=True).items():
        for mark in getattr(hint, "__metadata__", ()):
            can_be_null = type(None) in get_args(hint.__origin__)
            public_fields.append(mark._replace(attribute=attribute, can_be_null=can_be_null))
            if attribute == "observed":
                public_fields.append(Shown("created_at", Kind.MOMENT, attribute="created"))
    return tuple(public_fields)


SHOWN = _shown()
STORED = tuple(name for name in Entry._fields if name not in ("id", "sort", "others"))
DEFAULTS = {name: value for name, value in Entry._field_defaults.items() if name in STORED}
