"""OfficialWarning, the tiles in which warnings are found, and what is known of each source. One table for all three."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from app import clock, db
from app.config import settings
from app.geo import Box

if TYPE_CHECKING:  # outlines, which most requests do not look at
    from app.shapes import Shape

KEPT_MS = clock.DAY_MS  # what has ended is shown for so long
# At 51 degrees such a tile is 196 km wide: a radius of 50 km touches four at most.
TILE_ZOOM = 7
# What touches more tiles than this is in a document of its own, which every reader reads.
MOST_TILES = 64
WIDE = "tile#wide"
# Longer than the function may last (serverless.yml); a run that was killed holds up the next one for so long.
LONGEST_RUN_MS = 245_000
SOURCES = "sources"
_ID = r"wrn_[a-z2-7]{1,60}"  # compiled when first used (re keeps it): a start needs none
# What the index projects: enough to compare, to filter and to find again.
KNOWN = "source_id root digest severity areas box sent until ended drawn geometry_status geometry_reason".split()


class Mark(NamedTuple):
    """A warning as indexes and tiles know it: what filters ask of it. Times are ms since 1970."""

    id: str
    source: str
    severity: str
    first: int  # when it was first sent: lists are by this, so that an update moves nothing while somebody pages
    sent: int
    until: int | None  # its own end, where the issuer names one
    ended: int | None  # when it was taken back
    box: Box | None  # around all that it covers; None where nothing is drawn

    def is_in_force(self, now_ms: int) -> bool:
        return self.ended is None and (self.until is None or self.until > now_ms)

    def is_shown(self, now_ms: int) -> bool:
        """In force, or ended within the last day."""
        return self.ended is None or self.ended > now_ms - KEPT_MS

    @property
    def over_at(self) -> int | None:
        """When it ends or has ended: by its own end, or because it was taken back. None while neither is known."""
        return min((at for at in (self.ended, self.until) if at is not None), default=None)

    @property
    def order(self) -> str:
        """Lists are in the order of these, the last first."""
        return order_of(self.first, self.id)


def order_of(first: int, warning_id: str) -> str:
    """The sort key of a list of warnings: the first message's time, then the id."""
    return f"{first:015d}#{warning_id}"


class BySource(GlobalSecondaryIndex["OfficialWarning"]):
    class Meta:
        index_name = "by_source"
        projection = IncludeProjection(KNOWN)

    source = UnicodeAttribute(hash_key=True)
    listed = UnicodeAttribute(range_key=True)


class OfficialWarning(db.Table):
    """One message of one issuer for one of its areas. An update replaces what it says and keeps the id."""

    class Meta(db.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)
    source = UnicodeAttribute()
    source_id = UnicodeAttribute()  # of the message that holds now
    root = UnicodeAttribute()  # what its updates have in common
    digest = UnicodeAttribute()  # of all that is said, and whether it is over
    listed = UnicodeAttribute()  # its order, by the first message
    severity = UnicodeAttribute()
    urgency = UnicodeAttribute()
    certainty = UnicodeAttribute()
    texts = UnicodeAttribute()  # JSON: one object for each language
    areas = UnicodeAttribute()  # JSON: [id, name] pairs
    sent = NumberAttribute()
    onset = NumberAttribute(null=True)
    ends = NumberAttribute(null=True)
    expires = NumberAttribute(null=True)
    until = NumberAttribute(null=True)
    ended = NumberAttribute(null=True)
    updated = NumberAttribute()
    geometry_status = UnicodeAttribute()
    geometry_reason = UnicodeAttribute(null=True)
    shape = BinaryAttribute(null=True, legacy_encoding=False)
    box = UnicodeAttribute(null=True)  # west,south,east,north
    drawn = NumberAttribute(null=True)  # CRC of the packed shape

    by_source = BySource()

    def mark(self) -> Mark:
        """What filters ask of it."""
        until, ended = (None if value is None else int(value) for value in (self.until, self.ended))
        first = int(self.listed.partition("#")[0])
        return Mark(self.id, self.source, self.severity, first, int(self.sent), until, ended, box_of(self.box))

    @property
    def codes(self) -> frozenset[str]:
        """The official areas that it names, as `areas` has them."""
        return frozenset(one for one, _ in json.loads(self.areas) if one)

    def outline(self) -> "Shape | None":
        """The shape, unpacked."""
        from app.shape_packing import unpack  # here, because most requests look at no outline

        return unpack(self.shape) if self.shape else None

    @classmethod
    def find(cls, warning_id: str) -> Self | None:
        """The warning, or None."""
        try:
            return cls.get(warning_id) if re.fullmatch(_ID, warning_id) else None
        except cls.DoesNotExist:
            return None

    @classmethod
    def find_all(cls, ids: Iterable[str]) -> dict[str, Self]:
        """Whole warnings by id; missing ones are left out. One batch for each 100."""
        wanted = list(dict.fromkeys(ids))
        return {warning.id: warning for warning in cls.batch_get(wanted)} if wanted else {}

    @classmethod
    def of_source(cls, source: str, *, before: str = "~", at_once: int | None = None) -> "Iterator[OfficialWarning]":
        """All that a source has listed, newest first, as the index knows it; read as needed, so many at once."""
        return iter(cls.by_source.query(source, cls.listed < before, scan_index_forward=False, page_size=at_once))

    @classmethod
    def write(cls, changed: Iterable[Self], removed: Iterable[str]) -> None:
        """Store and delete, 25 in a call. Safe to repeat."""
        with cls.batch_write() as batch:
            for warning in changed:
                batch.save(warning)
            for warning_id in removed:
                batch.delete(cls(warning_id))


def box_of(text: str | None) -> Box | None:
    """The box of a stored `west,south,east,north`."""
    return Box(*map(float, text.split(","))) if text else None


def box_text(box: Box | None) -> str | None:
    """As it is stored."""
    return None if box is None else f"{box.west:.6f},{box.south:.6f},{box.east:.6f},{box.north:.6f}"


class WarningTile(db.Table):
    """The marks of all warnings whose box touches a tile of TILE_ZOOM."""

    class Meta(db.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)
    body = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute()

    def marks(self) -> list[Mark]:
        told = json.loads(zlib.decompress(self.body))
        return [Mark(*plain, Box(*box)) for *plain, box in told]  # type: ignore[call-arg]  # seven plain ones, as put

    def put(self, marks: Iterable[Mark]) -> None:
        """Set its marks; in order, so that the same marks are the same bytes."""
        told = [
            (mark.id, mark.source, mark.severity, mark.first, mark.sent, mark.until, mark.ended, _edges(mark.box))
            for mark in sorted(marks, key=lambda mark: mark.order)
            if mark.box is not None
        ]
        self.body = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)

    @classmethod
    def read(cls, keys: Iterable[str], *, consistent: bool = False) -> dict[str, Self]:
        """The tiles there are of these keys. One batch for each 100."""
        return {tile.id: tile for tile in cls.batch_get(list(keys), consistent_read=consistent)}

    def replace(self) -> bool:
        """Store it over the version that it was made from; False when another writer was first."""
        seen, self.version = int(self.version), int(self.version) + 1
        unchanged = WarningTile.version == seen if seen else WarningTile.id.does_not_exist()
        return db.is_written(lambda: self.save(condition=unchanged))


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.west, box.south, box.east, box.north


class SourceMemory(db.Table):
    """What the ingest of one source remembers for its next run, and whether one is at work."""

    class Meta(db.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)  # source#<name>
    validators = UnicodeAttribute(default="{}")  # JSON: what to send for a conditional request
    is_pending = BooleanAttribute(default=False)  # a run began to write and has not said that it ended
    at_work_until = NumberAttribute(default=0)  # ms: no other run begins before, unless this one ends

    @classmethod
    def of(cls, source: str) -> Self:
        """What is remembered of a source; nothing yet for a new one. A consistent read."""
        try:
            return cls.get(f"source#{source}", consistent_read=True)
        except cls.DoesNotExist:
            return cls(f"source#{source}")

    def known(self) -> dict[str, str]:
        """What to send for a conditional request; nothing where it cannot be read: then all is asked for again."""
        try:
            told = json.loads(self.validators)
        except ValueError:
            return {}
        members = told.items() if isinstance(told, dict) else ()
        return {name: value for name, value in members if isinstance(value, str)}

    def begin(self) -> bool:
        """Take the source for a run: two at once would undo each other. False while another is at work."""
        now_ms = clock.now_ms()
        is_free = SourceMemory.at_work_until.does_not_exist() | (SourceMemory.at_work_until < now_ms)
        begun = SourceMemory.of(self.id.partition("#")[2])
        begun.at_work_until = now_ms + LONGEST_RUN_MS
        if not db.is_written(lambda: begun.save(condition=is_free)):
            return False
        self.validators, self.is_pending, self.at_work_until = begun.validators, begun.is_pending, begun.at_work_until
        return True

    def let_go(self) -> None:
        """The run has failed; what it began to write the next one makes good."""
        self.at_work_until = 0
        self.save()

    def end(self, validators: str) -> None:
        """The run is over, and has written what it meant to."""
        self.validators, self.is_pending, self.at_work_until = validators, False, 0
        self.save()


class SourceStates(db.Table):
    """How every source does, in one row that each answer reads."""

    class Meta(db.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True, default=SOURCES)
    states = UnicodeAttribute(default="{}")  # JSON: by name
    version = NumberAttribute(default=0)

    @classmethod
    def read(cls, *, consistent: bool = False) -> Self:
        """The row; a new one where no source was ever read."""
        try:
            return cls.get(SOURCES, consistent_read=consistent)
        except cls.DoesNotExist:
            return cls(SOURCES)

    def by_name(self) -> dict[str, dict[str, Any]]:
        told: dict[str, dict[str, Any]] = json.loads(self.states)
        return told

    def replace(self, states: dict[str, dict[str, Any]]) -> bool:
        """Store the states over the version they were made from; False when another writer was first."""
        seen = int(self.version)
        self.states, self.version = json.dumps(states, sort_keys=True), seen + 1
        unchanged = SourceStates.version == seen if seen else SourceStates.id.does_not_exist()
        return db.is_written(lambda: self.save(condition=unchanged))
