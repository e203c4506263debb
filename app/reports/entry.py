"""Entry: a report's short form. Its fields, in this one list, are what lists, indexes, tile documents and CSV know.

All else that names a report's fields derives from here: what answers show (`SHOWN`), the columns of stored entries and
documents (`STORED`), and the shapes in `schemas.py`. A field that comes later stands at the end, with the value that
reports have which were stored before there was such a field.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple, get_args, get_type_hints

from app.core.severity import Severity

CELL_ZOOM = 13
# Sort keys count from the year 1, so that imports of old floods sort as text too.
_YEAR_ONE_MS = 62_135_596_800_000
NEWER_THAN_ALL = "~"
# From this radius on a place is the middle of an area in which the flood is: nobody knows where in it.
COARSE_M = 1000


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
    """Where the water comes from; `unknown` is an answer too, and none is None."""

    RIVER = "river"
    SURFACE = "surface"
    SEWER = "sewer"
    SEA = "sea"
    GROUNDWATER = "groundwater"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """How a value is written in answers."""

    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    MOMENT = "moment"


class Shown(NamedTuple):
    """A field under its name in answers. `is_said`: the reporter says it, and it is stored as said."""

    name: str
    kind: Kind
    words: type[StrEnum] | None = None
    is_said: bool = False
    about: str = ""  # a sentence for the description
    attribute: str = ""  # of the row and the entry
    can_be_null: bool = False


_WATER_SOURCE = Shown(
    "water_source",
    Kind.WORD,
    WaterSource,
    is_said=True,
    about="Where the water comes from, as the reporter says. `unknown`: they do not know. Null: nobody has said.",
)


class Entry(NamedTuple):
    """A report's short form: what the indexes hold and tile documents too. The place is the public one.

    `lat`, `lon` and `place` are shown as `location` and `location_precision`, by `short_form`.
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

    @property
    def created(self) -> int:
        """Milliseconds since 1970, as the sort key holds them."""
        return created_of(self.sort)

    def is_active(self, now_ms: int) -> bool:
        return self.status in PUBLIC and self.expires > now_ms

    @property
    def is_coarse(self) -> bool:
        """Is its place known to kilometres only? Then it is never counted as inside anything."""
        return self.radius >= COARSE_M


def sort_key(created_ms: int, report_id: str = "") -> str:
    """`<milliseconds>#<id>`; without an id the key below all reports of that millisecond."""
    return f"{created_ms + _YEAR_ONE_MS:015d}" + (f"#{report_id}" if report_id else "")


def created_of(sort: str) -> int:
    """The milliseconds since 1970 in a sort key."""
    return int(sort.partition("#")[0]) - _YEAR_ONE_MS


def _shown() -> tuple[Shown, ...]:
    """The fields that answers show as they are, in their order."""
    shown: list[Shown] = []
    for attribute, hint in get_type_hints(Entry, include_extras=True).items():
        for mark in getattr(hint, "__metadata__", ()):
            can_be_null = type(None) in get_args(hint.__origin__)
            shown.append(mark._replace(attribute=attribute, can_be_null=can_be_null))
            if attribute == "observed":
                shown.append(Shown("created_at", Kind.MOMENT, attribute="created"))
    return tuple(shown)


SHOWN = _shown()
STORED = tuple(name for name in Entry._fields if name not in ("id", "sort"))
DEFAULTS = Entry._field_defaults
