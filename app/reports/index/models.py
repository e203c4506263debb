"""TileDocument: the newest active reports of one map tile, their counts, and how complete they are."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from app.core import dynamodb, telemetry
from app.core.config import settings
from app.core.errors import Unavailable
from app.core.severity import Severity
from app.geo.tiles import tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import columns, completeness

ZOOMS = (0, 4, 6, 8, 10, CELL_ZOOM)
ROOT = "0/0/0"
PREFIX = f"{columns.FORMAT}/"  # of the keys: a later format lies under others
HANDED_OVER = "handed-over/1/"  # with the format's number: a later format lies under other keys
MOST_ROWS = 100  # stored rows at most; a tile shows 50 of them
SHOWN_ROWS = 50
MOST_GRAVE = 25  # rows of grave reports, of those that are older than the other rows too
GRAVE = Severity.SEVERE.at_least()
ALL = "0"  # below every sort key
# A read of up to 4 KB costs half a unit; the rest of the item is its key, version and attribute names.
MOST_BYTES = 4096 - 64
FOREVER_MS = 1 << 53
DIGEST_LETTERS = 16
# An index may be behind its table by this much: for so long changes are remembered beside it, and deltas begin earlier.
INDEX_LAG_MS = 60_000
# A report's time is earlier than the time of its stream record by at most the time of all attempts of the writer.
IN_FLIGHT_MS = 10_000
# A stream shard without records for this long no longer holds the others back.
SHARD_SILENT_MS = 15 * 60 * 1000
MARK_VALUES = 4  # that a document has at least of each of its segments
MOST_SHARDS = 100  # in the root: the latest


@dataclass
class Document:
    """Content of one tile.

    `rows` are complete down to and including the sort key `low_watermark`; if that is empty, they are all. `grave` are
    rows of older reports, severe or worse: with them the newest 25 such reports have rows, all down to and including
    `grave_low_watermark`; that is empty in documents of earlier releases, which had no such rows.
    `oldest`, `next_end_ms` and `last_end_ms` cover all active reports of the tile, also those without a row.
    `recently_removed` lists reports that left within the last minute, because the index may still show them. A document
    that cannot be read (`is_readable`) stands for a tile that may hold anything. `digest` changes with what lists show
    of any report of the tile; earlier releases store none.

    `whole_at_ms` of a cell: when it was last made of its index, not of its stored document and changes; `full_rows`:
    the rows that it then had (`is_whole`: it is that one). `again_at_ms`: when that is due again.
    `segments` of a cell name what holds its reports without a row (`segment_models.Mark`), if anything does; `known`
    and `writes`: rows and segments of a pass, which are not stored here. `held` has the version of each of the
    `children` as far as this document knows them.
    """

    rows: list[Entry] = field(default_factory=list)
    grave: list[Entry] = field(default_factory=list)
    low_watermark: str = ""
    grave_low_watermark: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    is_at_least: bool = False
    oldest: str = ""
    next_end_ms: int = FOREVER_MS
    last_end_ms: int = 0
    children: list[str] = field(default_factory=list)
    recently_removed: dict[str, list[int]] = field(default_factory=dict)
    stream_shards: dict[str, int] = field(default_factory=dict)
    built_at_ms: int = 0
    digest: str = ""
    whole_at_ms: int = 0
    full_rows: int = 0
    again_at_ms: int = 0
    segments: list[list[int]] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    is_whole: bool = False
    known: list[Entry] = field(default_factory=list)
    writes: list[Any] = field(default_factory=list)
    version: int = 0
    is_readable: bool = True

    @property
    def is_empty(self) -> bool:
        return self.is_readable and not self.counts

    def low_watermark_at(self, now_ms: int) -> str:
        """Return the sort key down to which the rows hold every report still active; empty if they hold all."""
        return self.low_watermark if self.last_end_ms > now_ms else ""

    def state(self) -> str:
        """Return the digest, or for a document without one the number of times that it was stored."""
        return self.digest or f"v{self.version}"

    def hides(self, severities: frozenset[str], now_ms: int) -> bool:
        """Return whether a report of these severities may be active without a row here."""
        if not self.low_watermark_at(now_ms):
            return False
        known = Counter(row.severity for row in (*self.rows, *self.grave))
        is_counted = not self.is_at_least and sum(self.counts.values()) >= len(self.rows)
        return not is_counted or any(self.counts.get(word, 0) > known[word] for word in severities)

    def low_watermark_of(self, severities: frozenset[str], now_ms: int) -> str:
        """Return the sort key down to which every report of these severities has a row; empty if all have one."""
        if not self.hides(severities, now_ms):
            return ""
        if severities <= GRAVE and self.grave_low_watermark:
            return min(self.low_watermark, self.grave_low_watermark)
        return self.low_watermark

    def changes_low_watermark_ms(self) -> int:
        """Root only: the documents hold every change before this moment (ms)."""
        if not self.stream_shards:
            return 0
        newest = max(self.stream_shards.values())
        return min(at for at in self.stream_shards.values() if newest - at < SHARD_SILENT_MS) - IN_FLIGHT_MS

    def pack(self, spare: int = 0) -> bytes:
        """Compress to at most 4 KB less `spare`; if it is too large, the oldest rows go and the low watermarks rise."""
        while True:
            if self.is_whole:
                self.full_rows = len(self.rows)
            content = {stored: getattr(self, name) for stored, name in MEMBERS.items()}
            packed = zlib.compress(columns.text_of(content, self.rows), 9)
            if len(packed) <= MOST_BYTES - spare or not self.rows and not self.grave:
                return packed
            self.shorten()

    def shorten(self) -> None:
        """Remove the oldest rows; of 50 rows and some grave ones, the grave ones first."""
        if self.grave and len(self.rows) <= SHOWN_ROWS:
            self._keep_grave(len(self.grave) * 2 // 3)
            return
        removed = self.rows[-max(1, len(self.rows) // 12) :]
        del self.rows[-len(removed) :]
        if not self.low_watermark and not self.grave_low_watermark:
            self.grave_low_watermark = ALL
        self.low_watermark = self.rows[-1].sort if self.rows else "~"
        if self.grave_low_watermark:
            self.grave = [*(row for row in removed if row.severity in GRAVE), *self.grave]
            self._keep_grave(max(0, MOST_GRAVE - sum(row.severity in GRAVE for row in self.rows)))

    def _keep_grave(self, number: int) -> None:
        """Keep the newest of the grave rows."""
        if number < len(self.grave):
            del self.grave[number:]
            self.grave_low_watermark = self.grave[-1].sort if self.grave else self.low_watermark


# The name of each member where it is stored; it never changes, and old releases read it too.
_STORED_NAMES = {
    "low_watermark": "cut",
    "next_end_ms": "next_end",
    "last_end_ms": "last_end",
    "recently_removed": "gone",
    "stream_shards": "shards",
    "built_at_ms": "built_at",
    "whole_at_ms": "whole_at",
    "again_at_ms": "again_at",
}
_NOT_STORED = ("rows", "is_whole", "known", "writes", "version", "is_readable")
MEMBERS = {_STORED_NAMES.get(one.name, one.name): one.name for one in fields(Document) if one.name not in _NOT_STORED}


def digest_of(parts: Iterable[str]) -> str:
    """Return a short digest of some texts in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:DIGEST_LETTERS]


def read_document(key: str, packed: bytes, version: int) -> Document:
    """Read a stored document. A damaged one becomes a placeholder, which readers pass and the sweep repairs."""
    try:
        members = columns.read(packed, MEMBERS)
        if any(len(mark) < MARK_VALUES for mark in members.get("segments", ())):
            raise ValueError("a mark of a segment is cut")
        return Document(version=version, **{MEMBERS.get(stored, stored): value for stored, value in members.items()})
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError):
        telemetry.measure("UnreadableDocuments", 1, "Count")
        return _unreadable(key, version)


def _unreadable(key: str, version: int) -> Document:
    """Return the placeholder for a damaged document: its tile and all next finer ones may hold anything."""
    tile = tile_from_key(key)
    finer = ZOOMS[ZOOMS.index(tile.z) + 1] if tile.z < CELL_ZOOM else None
    children = [] if finer is None else [child.key for child in tile.children(finer)]
    return Document(
        low_watermark="~",
        next_end_ms=0,
        last_end_ms=FOREVER_MS,
        is_at_least=True,
        children=children,
        version=version,
        is_readable=False,
    )


class TileDocument(dynamodb.Table):
    """A stored document, under the format's number and its tile's key `z/x/y`."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    written_by = UnicodeAttribute(attr_name="kept_by", null=True)  # of the root: the release that wrote it

    @classmethod
    def read(cls, keys: Iterable[str], *, consistent: bool = False) -> dict[str, Document]:
        """Read the stored documents of these tiles, one batch for each 100 keys.

        Readers get none while the documents are known to be incomplete; writers (`consistent`) get them.
        """
        if not consistent and completeness.is_incomplete(completeness.TILES):
            return {}
        items = {item.tile: item for item in cls.batch_get([PREFIX + key for key in keys], consistent_read=consistent)}
        if consistent:  # by a writer, who may write over the mark of an earlier release
            completeness.reopen_lacking(items.get(completeness.ROOT))
        items_by_key = ((key.removeprefix(PREFIX), item) for key, item in items.items())
        return {key: read_document(key, item.body, int(item.version)) for key, item in items_by_key}

    @classmethod
    def read_if_readable(cls, keys: Iterable[str]) -> dict[str, Document]:
        """Like `read`; empty while the table cannot be read."""
        try:
            return cls.read(keys)
        except dynamodb.FAILURES as error:
            telemetry.logger().error("tile documents not read", extra={"error": type(error).__name__})
            return {}

    @classmethod
    def read_former(cls, keys: Iterable[str]) -> list["TileDocument"]:
        """Return the stored documents that earlier releases read. One batch for each 100 keys."""
        return list(cls.batch_get(list(keys)))

    @classmethod
    def remove_former(cls, items: Iterable["TileDocument"]) -> None:
        """Delete documents that earlier releases read."""
        with cls.batch_write() as batch:
            for item in items:
                batch.delete(item)

    @classmethod
    def replace(cls, key: str, document: Document) -> bool:
        """Store with an optimistic lock over the version it was made from; False if another writer was first."""
        low_watermark, body = document.low_watermark, document.pack()
        if document.segments and document.low_watermark != low_watermark:
            document.segments = []  # they lack rows that had room a moment ago
            body = document.pack()
        item = cls(PREFIX + key, version=document.version + 1, body=body)
        item.written_by = completeness.RELEASE if key == ROOT else None
        unchanged = cls.version == document.version if document.version else cls.tile.does_not_exist()
        return dynamodb.is_written(lambda: item.save(condition=unchanged))


class HandedOver(dynamodb.Table):
    """Changes that wait for the next rewrite: the latest entries of changed reports, in columns as in documents.

    The cells are a member of their own, so that they can be rebuilt from the index if the entries cannot be read.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    cells = BinaryAttribute(legacy_encoding=False)  # of each entry, then others; compressed, with spaces in between
    entries = BinaryAttribute(legacy_encoding=False)  # and positions of stream shards

    @classmethod
    def read(cls, keys: Iterable[str]) -> list["HandedOver"]:
        """Read the stored items of these keys consistently. One batch for each 100."""
        return list(cls.batch_get(list(keys), consistent_read=True))

    @classmethod
    def remove(cls, keys: Iterable[str]) -> None:
        """Delete items, 25 in a call. Safe to repeat."""
        with cls.batch_write() as batch:
            for key in keys:
                batch.delete(cls(key))

    def store(self) -> None:
        """Store it. Raises Unavailable if DynamoDB refuses it: the batch waits, its records are not to blame."""
        try:
            self.save()
        except PutError as error:
            if dynamodb.is_refused(error):
                raise Unavailable("Changes cannot be handed over.") from error
            raise
