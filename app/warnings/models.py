"""Models of the warnings table: OfficialWarning, the tiles for searching, and the state of each source."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from app.core import clock, dynamodb
from app.core.config import settings
from app.warnings import marks as packing
from app.warnings.marks import FLOOD, Mark, box_of

if TYPE_CHECKING:  # outlines, which most requests do not need
    from app.geo.polygon import MultiPolygon

# At 51 degrees such a tile is 196 km wide: a radius of 50 km touches four at most.
TILE_ZOOM = 7
# A warning that touches more tiles than this goes into a document of its own, which every search reads.
MOST_TILES = 64
WIDE = "tile#wide"
LONGEST_RUN_MS = 245_000  # longer than the function may run (serverless.yml); so long a killed run blocks the next one
SOURCES = "sources"
_ID = r"wrn_[a-z2-7]{1,60}"  # compiled at first use (re caches it), because a cold start needs none
# Stored names of the attributes that the index projects: enough to compare, to filter and to find the row.
KNOWN = "source_id root digest severity areas box sent until ended drawn geometry_status geometry_reason".split()
_NOT_SHOWN = {"chain", "root", "digest", "published"}  # not in answers: a change there makes no new version


class BySource(GlobalSecondaryIndex["OfficialWarning"]):
    class Meta:
        index_name = "by_source"
        projection = IncludeProjection(KNOWN)

    source = UnicodeAttribute(hash_key=True)
    listed = UnicodeAttribute(range_key=True)


class OfficialWarning(dynamodb.Table):
    """One message of one issuer for one of its areas. An update replaces the content and keeps the id."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)
    source = UnicodeAttribute()
    source_id = UnicodeAttribute()  # of the message that holds now
    root = UnicodeAttribute()  # what its updates have in common
    digest = UnicodeAttribute()  # hash of the whole content, and whether it is over
    listed = UnicodeAttribute()  # its position in lists, by the first message
    severity = UnicodeAttribute()
    urgency = UnicodeAttribute()
    certainty = UnicodeAttribute()
    texts = UnicodeAttribute()  # JSON: one object for each language
    areas = UnicodeAttribute()  # JSON: [id, name] pairs
    sent_at_ms = NumberAttribute(attr_name="sent")
    onset_at_ms = NumberAttribute(attr_name="onset", null=True)
    ends_at_ms = NumberAttribute(attr_name="ends", null=True)
    expires_at_ms = NumberAttribute(attr_name="expires", null=True)
    own_end_at_ms = NumberAttribute(attr_name="until", null=True)  # of the hazard or the message; None without either
    ended_at_ms = NumberAttribute(attr_name="ended", null=True)
    updated_at_ms = NumberAttribute(attr_name="updated")
    geometry_status = UnicodeAttribute()
    geometry_reason = UnicodeAttribute(null=True)
    shape = BinaryAttribute(null=True, legacy_encoding=False)
    box = UnicodeAttribute(null=True)  # west,south,east,north
    drawn = NumberAttribute(null=True)  # CRC of the packed shape
    # Absent in rows of the previous release.
    hazard = UnicodeAttribute(null=True, default=FLOOD)
    ended_reason = UnicodeAttribute(null=True)  # why `ended_at_ms` was set
    chain = UnicodeAttribute(null=True)  # digests of the messages that it consists of, the last one last
    published = UnicodeAttribute(null=True)  # moments of our own alerts about it (published.py)

    by_source = BySource()
    _outline: "MultiPolygon | None" = None
    kept_mark: Mark | None = None  # of a row that never changes any more

    def mark(self) -> Mark:
        """Return the fields that filters need."""
        if self.kept_mark:
            return self.kept_mark
        times = (self.own_end_at_ms, self.ended_at_ms, self.onset_at_ms)
        own_end, ended, onset = (None if at_ms is None else int(at_ms) for at_ms in times)
        plain = self.id, self.source, self.severity, int(self.listed.partition("#")[0]), int(self.sent_at_ms)
        words = self.urgency or "unknown", self.certainty or "unknown", self.hazard or FLOOD
        return Mark(*plain, own_end, ended, box_of(self.box), onset, *words, self.ended_reason)

    def whole_mark(self) -> Mark:
        """Return the mark of a completely read row, with its version."""
        return self.mark()._replace(version=self.version())

    def version(self, names: Iterable[str] | None = None) -> str:
        """Hash every stored field that is shown, or the named ones, in the order of their stored names."""
        name_of = {attribute.attr_name: name for name, attribute in self.get_attributes().items()}
        return packing.version_of(getattr(self, name_of[name]) for name in sorted(names or name_of.keys() - _NOT_SHOWN))

    @cached_property
    def words(self) -> list[dict[str, str]]:
        """Decode the issuer's texts once, one for each language."""
        return list(json.loads(self.texts))

    @cached_property
    def named_areas(self) -> list[tuple[str | None, str]]:
        """Decode the id and name of each official area once."""
        return list(map(tuple, json.loads(self.areas)))

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(code for code, _ in self.named_areas if code)

    def outline(self) -> "MultiPolygon | None":
        """Return the outline, unpacked once."""
        if self.shape and self._outline is None:
            from app.geo.encode import unpack  # imported here because most requests need no outline

            self._outline = unpack(self.shape)
        return self._outline

    @classmethod
    def find(cls, warning_id: str) -> Self | None:
        """Return the warning, or None."""
        try:
            return cls.get(warning_id) if re.fullmatch(_ID, warning_id) else None
        except cls.DoesNotExist:
            return None

    @classmethod
    def find_all(cls, ids: Iterable[str], *, consistent: bool = False) -> dict[str, Self]:
        """Return whole warnings by id; missing ones are left out. One batch for each 100."""
        unique_ids = list(dict.fromkeys(ids))
        rows = cls.batch_get(unique_ids, consistent_read=consistent) if unique_ids else ()
        return {warning.id: warning for warning in rows}

    @classmethod
    def of_source(cls, source: str, *, before: str = "~", at_once: int | None = None) -> "Iterator[OfficialWarning]":
        """Yield all warnings of a source, newest first, from the index; read as needed, `at_once` in a page."""
        return iter(cls.by_source.query(source, cls.listed < before, scan_index_forward=False, page_size=at_once))

    @classmethod
    def write(cls, changed: Iterable[Self], removed: Iterable[str]) -> None:
        """Store and delete rows, 25 in a call. Safe to repeat."""
        with cls.batch_write() as batch:
            for warning in changed:
                batch.save(warning)
            for warning_id in removed:
                batch.delete(cls(warning_id))


class WarningTile(dynamodb.Table):
    """The marks of all warnings whose box touches a tile of TILE_ZOOM."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)  # in a format of before, which is read and not written
    columns = BinaryAttribute(null=True, legacy_encoding=False)  # all marks, by column name
    version = NumberAttribute()

    def marks(self) -> list[Mark]:
        """Decode the marks; raises Unreadable. Where there is only a body, or only that is readable, it counts."""
        if not self.columns:
            return packing.read_rows(self.body)
        try:
            return packing.read_columns(self.columns)
        except packing.Unreadable:
            return packing.read_rows(self.body)

    def put(self, marks: Iterable[Mark]) -> None:
        """Set the marks; what was written in the format of before goes, so that it is never behind."""
        self.body, self.columns = None, packing.pack_columns(marks)

    @classmethod
    def read(cls, keys: Iterable[str], *, consistent: bool = False) -> dict[str, Self]:
        """Read the stored tiles of these keys. One batch for each 100."""
        return {tile.id: tile for tile in cls.batch_get(list(keys), consistent_read=consistent)}

    def replace(self) -> bool:
        """Store it over the version that it was made from; False if another writer was first."""
        seen_version, self.version = int(self.version), int(self.version) + 1
        unchanged = WarningTile.version == seen_version if seen_version else WarningTile.id.does_not_exist()
        return dynamodb.is_written(lambda: self.save(condition=unchanged))


class SourceMemory(dynamodb.Table):
    """State that the ingest of one source keeps for its next run, and its lock."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)  # source#<name>
    validators = UnicodeAttribute(default="{}")  # JSON: validators for a conditional request
    is_pending = BooleanAttribute(default=False)  # a run began to write and has not finished
    locked_until_ms = NumberAttribute(attr_name="at_work_until", default=0)  # by a run, unless it ends before
    # Absent in rows of the previous release.
    last_change_at_ms = NumberAttribute(attr_name="last_change", default=0)  # the next change is later
    empty_since_ms = NumberAttribute(attr_name="empty_since", null=True)  # a second empty answer must confirm it
    tiles_checked_at_ms = NumberAttribute(attr_name="tiles_checked", default=0)  # all of them, against the rows

    @classmethod
    def of(cls, source: str) -> Self:
        """Read the state of a source consistently; empty for a new one."""
        try:
            return cls.get(f"source#{source}", consistent_read=True)
        except cls.DoesNotExist:
            return cls(f"source#{source}")

    def conditional_headers(self) -> dict[str, str]:
        """Return the validators for a conditional request; empty if unreadable, so that everything is fetched again."""
        try:
            stored = json.loads(self.validators)
        except ValueError:
            return {}
        members = stored.items() if isinstance(stored, dict) else ()
        return {name: value for name, value in members if isinstance(value, str)}

    def begin(self) -> bool:
        """Lock the source for a run, because concurrent runs would undo each other. False if another run is active."""
        now_ms = clock.now_ms()
        is_free = SourceMemory.locked_until_ms.does_not_exist() | (SourceMemory.locked_until_ms < now_ms)
        memory = SourceMemory.of(self.id.partition("#")[2])
        memory.locked_until_ms = now_ms + LONGEST_RUN_MS
        if not dynamodb.is_written(lambda: memory.save(condition=is_free)):
            return False
        for name in self.get_attributes():
            setattr(self, name, getattr(memory, name))
        return True

    def release(self) -> None:
        """Release the lock after a failure; the next run completes what this one began to write."""
        self.locked_until_ms = 0
        self.save()

    def next_change_ms(self) -> int:
        """Return the time of this run's changes, later than that of every run before, whatever its clock."""
        self.last_change_at_ms = max(clock.now_ms(), int(self.last_change_at_ms) + 1)
        return self.last_change_at_ms

    def end(self, validators: str) -> None:
        """Release the lock after a complete run."""
        self.validators, self.is_pending, self.locked_until_ms = validators, False, 0
        self.save()


class SourceDocument(dynamodb.Table):
    """A packed document that the ingest keeps of one source beside its rows. Its only writer holds the lock."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True)
    body = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def bodies(cls, keys: Iterable[str], *, consistent: bool = True) -> dict[str, bytes]:
        """Return the stored documents by key. One batch for each 100."""
        rows = cls.batch_get(list(dict.fromkeys(keys)), consistent_read=consistent)
        return {row.id: row.body for row in rows}

    @classmethod
    def write(cls, bodies: Mapping[str, bytes], removed: Iterable[str] = ()) -> None:
        """Store and delete documents, 25 in a call. Safe to repeat."""
        with cls.batch_write() as batch:
            for key, body in bodies.items():
                batch.save(cls(key, body=body))
            for key in removed:
                batch.delete(cls(key))


class SourceStates(dynamodb.Table):
    """Status of every source, in one row that each answer reads."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("warnings")

    id = UnicodeAttribute(hash_key=True, default=SOURCES)
    states = UnicodeAttribute(default="{}")  # JSON: by name
    version = NumberAttribute(default=0)

    @classmethod
    def read(cls, *, consistent: bool = False) -> Self:
        """Read the row; a new one if no source was ever read."""
        try:
            return cls.get(SOURCES, consistent_read=consistent)
        except cls.DoesNotExist:
            return cls(SOURCES)

    def by_name(self) -> dict[str, dict[str, Any]]:
        return dict(json.loads(self.states))

    def replace(self, states: dict[str, dict[str, Any]]) -> bool:
        """Store the states over the version that they were made from; False if another writer was first."""
        seen_version = int(self.version)
        self.states, self.version = json.dumps(states, sort_keys=True), seen_version + 1
        unchanged = SourceStates.version == seen_version if seen_version else SourceStates.id.does_not_exist()
        return dynamodb.is_written(lambda: self.save(condition=unchanged))
