"""Entry: the short form of a report, and the one list of its fields for lists, indexes, tile documents and CSV.

Every other list of report fields is derived from this one: the fields of answers (`PUBLIC_FIELDS`), the columns of
stored entries and documents (`STORED_COLUMNS`), and the schemas in `report_schemas.py`. A new field goes last among the
public ones, with a default for the reports that were stored before it existed.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from app.core import clock
from app.core.config import settings
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.geo.tiles import tile_at
from app.reports.connections import keeps_connection

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
    MAY_BE_OVER = "may_be_over"
    RECEDED = "receded"


class Confidence(StrEnum):
    """Level of support of a report, as app.review.confidence rates it."""

    LOW = "low"
    LIKELY = "likely"
    HIGH = "high"


PUBLIC = frozenset({Status.PENDING, Status.VERIFIED})


class WaterSource(StrEnum):
    """Origin of the water. `unknown`: the reporter does not know; None: no answer was given."""

    RIVER = "river"
    SURFACE = "surface"
    SEWER = "sewer"
    SEA = "sea"
    GROUNDWATER = "groundwater"
    UNKNOWN = "unknown"


# The name of each field where it is stored; it never changes, and old releases read it too. Others keep their own.
STORED_NAMES = {
    "visibility": "place",
    "radius_m": "radius",
    "depth_cm": "depth",
    "observed_at_ms": "observed",
    "updated_at_ms": "updated",
    "expires_at_ms": "expires",
}


class ValueKind(StrEnum):
    """Notation of a value in answers."""

    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    MOMENT = "moment"
    FLAG = "flag"


class PublicField(NamedTuple):
    """A field under its name in answers. `is_from_reporter`: the reporter gives it, and it is stored unchanged."""

    name: str
    kind: ValueKind
    words: type[StrEnum] | None = None
    is_from_reporter: bool = False
    about: str = ""  # one sentence for the API description
    attribute: str = ""  # name in the row and in the entry
    can_be_null: bool = False


_WATER_SOURCE = PublicField(
    "water_source",
    ValueKind.WORD,
    WaterSource,
    is_from_reporter=True,
    about="Where the water comes from, as the reporter says. `unknown`: they do not know. Null: no answer was given.",
)
_IS_DISPUTED = PublicField(
    "is_disputed",
    ValueKind.FLAG,
    about="Whether several people have flagged it. Its texts are hidden then, until a responder has looked at it.",
)
_CONFIDENCE = PublicField(
    "confidence",
    ValueKind.WORD,
    Confidence,
    about="How well it is supported: by verification, an official warning, neighbours and votes. A single report has "
    "`confidence.reasons`.",
)
_VERSION = PublicField(
    "version",
    ValueKind.WHOLE,
    about="Moves with the reporter's edits and the decisions of responders. Votes and flags do not move it.",
    attribute="public_version",
)
_CREATED_AT = PublicField(
    "created_at", ValueKind.MOMENT, about="When it was filed; for others to the minute.", attribute="created_at_ms"
)
_PHOTO = PublicField(
    "photo",
    ValueKind.TEXT,
    about="Name of its first photo that everyone may see, at `/photos/{name}/large.jpg` and `small.jpg`; null: none.",
    attribute="shown_photo",
    can_be_null=True,
)
_OF_CONNECTION = (
    PublicField(
        "many_from_one_network",
        ValueKind.FLAG,
        about="Whether it counts as one of many from one network, such as one that had sent very many in that hour. "
        "Pages show these as one for each place. A verified report never does.",
        attribute="is_one_of_many",
    ),
    PublicField(
        "connection",
        ValueKind.TEXT,
        about="With `many_from_one_network`: a mark that the reports of that network and hour share; else null.",
        attribute="shown_connection",
        can_be_null=True,
    ),
)


class Entry(NamedTuple):
    """Short form of a report, as indexes and tile documents hold it. The place is the public one.

    `short_form` turns `lat`, `lon` and `visibility` into `location` and `location_precision`.
    """

    id: str
    sort: str
    lat: float
    lon: float
    visibility: str  # public, home or area: how exactly others see where it is
    radius_m: Annotated[
        int,
        PublicField(
            "radius_m",
            ValueKind.WHOLE,
            is_from_reporter=True,
            about="How far the flooding reaches around the place, in metres.",
        ),
    ]
    severity: Annotated[
        str, PublicField("severity", ValueKind.WORD, Severity, about="How bad it is, in the words of CAP 1.2.")
    ]
    depth_cm: Annotated[
        float | None,
        PublicField("depth_cm", ValueKind.NUMBER, about="Depth of the water in centimetres; null: not said."),
    ]
    title: Annotated[
        str | None,
        PublicField(
            "title", ValueKind.TEXT, is_from_reporter=True, about="What is seen, in a few words; null: none, or hidden."
        ),
    ]
    status: Annotated[
        str,
        PublicField(
            "status", ValueKind.WORD, Status, about="What responders decided about it, or that it was withdrawn."
        ),
    ]
    condition: Annotated[
        str,
        PublicField(
            "condition", ValueKind.WORD, Condition, about="What people say: whether it is still flooded there."
        ),
    ]
    observed_at_ms: Annotated[
        int, PublicField("observed_at", ValueKind.MOMENT, about="When it was seen; for others to the minute.")
    ]
    updated_at_ms: Annotated[
        int, PublicField("updated_at", ValueKind.MOMENT, about="When it changed last; for others to the minute.")
    ]
    expires_at_ms: Annotated[
        int, PublicField("expires_at", ValueKind.MOMENT, about="When it leaves the map; for others to the minute.")
    ]
    version: int  # counts all writes, so that of two copies of a report the later one is known
    water_source: Annotated[str | None, _WATER_SOURCE] = None
    touches: int = 0  # how many of these writes were only of what others say about it
    is_disputed: Annotated[bool, _IS_DISPUTED] = False
    confidence: Annotated[str, _CONFIDENCE] = Confidence.LOW
    connection: str | None = None  # random mark of reports beyond the soft limit of one network
    photo: str | None = None  # the first one that everyone may see unless photos are held back
    decided_photo: str | None = None  # the first one that everyone may see also then
    others: Mapping[str, Any] | None = None  # columns of a later release: kept when stored again, never shown

    @property
    def created_at_ms(self) -> int:
        """Creation time in milliseconds since 1970, from the sort key."""
        return created_of(self.sort)

    @property
    def public_version(self) -> int:
        """The version that answers show: edits and decisions, without what others say about the report."""
        return self.version - self.touches

    def is_active(self, now_ms: int) -> bool:
        return self.status in PUBLIC and self.expires_at_ms > now_ms

    @property
    def shown_connection(self) -> str | None:
        """The mark of the connection that it came from, as long as that is kept; a verified report has none.

        A responder's word is no flood of reports, so a verified one is shown by itself.
        """
        if self.connection is None or self.status == Status.VERIFIED:
            return None
        return self.connection if keeps_connection(self, clock.now_ms()) else None

    @property
    def shown_photo(self) -> str | None:
        """The name of its first photo that everyone may see at this moment."""
        return self.decided_photo if settings().photos.is_held else self.photo

    @property
    def is_one_of_many(self) -> bool:
        return self.shown_connection is not None

    @property
    def shown_in(self) -> str:
        """Key of the entry that a report is shown in: one of its own, or that of its connection in this cell."""
        connection = self.shown_connection
        return f"{connection}/{tile_at(lat=self.lat, lon=self.lon, z=CELL_ZOOM).key}" if connection else self.id

    @property
    def reach_m(self) -> int:
        """Metres around the public place within which the report is meant."""
        return max(int(self.radius_m), COARSE_M if self.visibility == AREA else 0)

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


def _shown() -> tuple[PublicField, ...]:
    """List the fields that answers show unchanged, in their order."""
    public_fields: list[PublicField] = []
    for attribute, hint in get_type_hints(Entry, include_extras=True).items():
        for mark in getattr(hint, "__metadata__", ()):
            can_be_null = type(None) in get_args(hint.__origin__)
            public_fields.append(mark._replace(attribute=attribute, can_be_null=can_be_null))
            if attribute == "observed_at_ms":
                public_fields.append(_CREATED_AT)
            if attribute == "expires_at_ms":
                public_fields.append(_VERSION)
        if attribute == "connection":
            public_fields.extend((*_OF_CONNECTION, _PHOTO))
    return tuple(public_fields)


PUBLIC_FIELDS = _shown()
_NOT_STORED = ("id", "sort", "others")
# The fields by the names of their columns, in rows, entries and documents.
STORED_COLUMNS = {STORED_NAMES.get(name, name): name for name in Entry._fields if name not in _NOT_STORED}
DEFAULTS = {name: value for name, value in Entry._field_defaults.items() if name not in _NOT_STORED}
