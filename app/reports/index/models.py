"""TileDocument: the newest active reports of one map tile, their counts, and how complete they are."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Protocol

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from app.core import dynamodb, telemetry
from app.core.config import settings
from app.geo.tiles import tile_from_key
from app.reports.entry import CELL_ZOOM, Entry
from app.reports.index import columns, completeness, former

ZOOMS = (0, 4, 6, 8, 10, CELL_ZOOM)
ROOT = "0/0/0"
MOST_ROWS = 100  # stored rows at most; a tile shows 50 of them
SHOWN_ROWS = 50
# A read of up to 4 KB costs half a unit; the rest of the item is its key, version and attribute names.
MOST_BYTES = 4096 - 64
FOREVER = 1 << 53
# A report's time is earlier than the time of its stream record by at most the time of all attempts of the writer.
IN_FLIGHT_MS = 10_000
# A stream shard without records for this long no longer holds the others back.
SHARD_SILENT_MS = 15 * 60 * 1000


@dataclass
class Document:
    """Content of one tile.

    `rows` are complete down to and including the sort key `cut` (the low watermark); an empty `cut`: they are all.
    `oldest`, `next_end` and `last_end` cover all active reports of the tile, also those without a row. `gone` lists
    reports that left within the last minute, because the index may still show them. A document that cannot be read
    (`is_readable`) stands for a tile that may hold anything.
    """

    rows: list[Entry] = field(default_factory=list)
    cut: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    is_at_least: bool = False
    oldest: str = ""
    next_end: int = FOREVER
    last_end: int = 0
    children: list[str] = field(default_factory=list)
    gone: dict[str, list[int]] = field(default_factory=dict)
    shards: dict[str, int] = field(default_factory=dict)
    built_at: int = 0
    version: int = 0
    is_readable: bool = True

    @property
    def is_empty(self) -> bool:
        return self.is_readable and not self.counts

    def frontier(self, now_ms: int) -> str:
        """Return the sort key down to which the rows hold every report still active; empty if they hold all."""
        return self.cut if self.last_end > now_ms else ""

    def as_of(self) -> int:
        """Root only: the documents hold every change before this moment (ms)."""
        if not self.shards:
            return 0
        newest = max(self.shards.values())
        return min(at for at in self.shards.values() if newest - at < SHARD_SILENT_MS) - IN_FLIGHT_MS

    def pack(self, form: "Form") -> bytes:
        """Compress to at most 4 KB; if it is too large, the oldest rows go and `cut` rises."""
        content = {name: getattr(self, name) for name in MEMBERS}
        while len(packed := zlib.compress(form.text_of(content, self.rows), 9)) > MOST_BYTES and self.rows:
            del self.rows[-max(1, len(self.rows) // 12) :]
            content["cut"] = self.cut = self.rows[-1].sort if self.rows else "~"
        return packed


MEMBERS = [member.name for member in fields(Document) if member.name not in ("rows", "version", "is_readable")]


class Form(Protocol):
    """Serialisation of the documents of a tree."""

    def text_of(self, content: dict[str, Any], rows: list[Entry]) -> bytes: ...


class Tree(NamedTuple):
    """One set of documents for the whole map: the prefix of their keys, and how they are read."""

    prefix: str
    form: Form

    def read(self, key: str, packed: bytes, version: int) -> Document:
        """Read a stored document. A damaged one becomes a placeholder, which readers pass and the sweep repairs."""
        try:
            told = former.read(packed) if self is FORMER else columns.read(packed, MEMBERS)
            return Document(version=version, **told)
        except (zlib.error, ValueError, KeyError, TypeError, AttributeError):
            telemetry.measure("UnreadableDocuments", 1, "Count")
            return _unreadable(key, version)


def _unreadable(key: str, version: int) -> Document:
    """Return the placeholder for a damaged document: its tile and all next finer ones may hold anything."""
    tile = tile_from_key(key)
    finer = ZOOMS[ZOOMS.index(tile.z) + 1] if tile.z < CELL_ZOOM else None
    children = [] if finer is None else [child.key for child in tile.children(finer)]
    told: dict[str, Any] = {"cut": "~", "next_end": 0, "last_end": FOREVER, "is_at_least": True, "children": children}
    return Document(version=version, is_readable=False, **told)


OWN = Tree(f"{columns.FORMAT}/", columns)
FORMER = Tree("", former)
TREES = (OWN, FORMER)


def tree_to_read() -> Tree:
    """Return our own documents once they are complete, until then those of the previous release."""
    return OWN if completeness.is_complete(completeness.TILES) else FORMER


class TileDocument(dynamodb.Table):
    """A stored document, under its tree's prefix and its tile's key `z/x/y`."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    kept_by = UnicodeAttribute(null=True)  # mark of the release that wrote last, read by `completeness.FormerRoot`

    @classmethod
    def read(cls, keys: Iterable[str], *, consistent: bool = False, tree: Tree | None = None) -> dict[str, Document]:
        """Read the stored documents of these tiles. One batch for each 100 keys."""
        tree = tree or tree_to_read()
        found = cls.batch_get([tree.prefix + key for key in keys], consistent_read=consistent)
        if tree is FORMER and consistent:
            found = map(_claimed, found)
        named = ((item.tile.removeprefix(tree.prefix), item) for item in found)
        return {key: tree.read(key, item.body, int(item.version)) for key, item in named}

    @classmethod
    def replace(cls, key: str, document: Document, tree: Tree) -> bool:
        """Store with an optimistic lock over the version it was made from; False if another writer was first."""
        item = cls(tree.prefix + key, version=document.version + 1, body=document.pack(tree.form))
        item.kept_by = completeness.RELEASE if tree is FORMER else None
        unchanged = cls.version == document.version if document.version else cls.tile.does_not_exist()
        return dynamodb.is_written(lambda: item.save(condition=unchanged))


def _claimed(item: TileDocument) -> TileDocument:
    """Before a former root is rewritten: if the previous release wrote it last, note that first."""
    if item.tile == ROOT and "kept_by" not in item.attribute_values and completeness.noted().copies:
        completeness.reopen()
    return item
