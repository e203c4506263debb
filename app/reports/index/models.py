"""TileDocument: the newest active reports of one map tile, counts, and how far that knowledge reaches."""

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
MOST_ROWS = 100  # as many as may fit; a tile shows 50 of them
SHOWN_ROWS = 50
# A read of up to 4 KB costs half a unit; the rest of the item is its key, its version and the attributes' names.
MOST_BYTES = 4096 - 64
FOREVER = 1 << 53
# A write's report time lies before the time at which the stream sees it, by at most all tries of the writer.
IN_FLIGHT_MS = 10_000
# A stream's shard that has been silent for so long no longer holds the others' knowledge back.
SHARD_SILENT_MS = 15 * 60 * 1000


@dataclass
class Document:
    """One tile's content.

    `rows` are complete down to and including the sort key `cut`; an empty cut means that they are all there is.
    `oldest`, `next_end` and `last_end` are over all active reports of the tile, rows or not.
    `gone` remembers what left within the last minute, because the index may still show it. One that cannot be read
    (`is_readable`) says that anything may be there.
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
        """Down to which sort key the rows tell all that is still active now; empty when they tell all."""
        return self.cut if self.last_end > now_ms else ""

    def as_of(self) -> int:
        """Root only: every change before this moment (ms) is in the documents."""
        if not self.shards:
            return 0
        newest = max(self.shards.values())
        return min(at for at in self.shards.values() if newest - at < SHARD_SILENT_MS) - IN_FLIGHT_MS

    def pack(self, form: "Form") -> bytes:
        """As stored: compressed, at most 4 KB; the oldest rows go first and the cut rises."""
        content = {name: getattr(self, name) for name in MEMBERS}
        while len(packed := zlib.compress(form.text_of(content, self.rows), 9)) > MOST_BYTES and self.rows:
            del self.rows[-max(1, len(self.rows) // 12) :]
            content["cut"] = self.cut = self.rows[-1].sort if self.rows else "~"
        return packed


MEMBERS = [member.name for member in fields(Document) if member.name not in ("rows", "version", "is_readable")]


class Form(Protocol):
    """How the documents of a tree are written."""

    def text_of(self, content: dict[str, Any], rows: list[Entry]) -> bytes: ...


class Tree(NamedTuple):
    """One set of documents over the whole map: their keys' beginning, and how they are read."""

    prefix: str
    form: Form

    def read(self, key: str, packed: bytes, version: int) -> Document:
        """A stored document; where it cannot be read, one by which readers look further down and the sweep mends it."""
        try:
            told = former.read(packed) if self is FORMER else columns.read(packed, MEMBERS)
            return Document(version=version, **told)
        except (zlib.error, ValueError, KeyError, TypeError, AttributeError):
            telemetry.measure("UnreadableDocuments", 1, "Count")
            return _unreadable(key, version)


def _unreadable(key: str, version: int) -> Document:
    """Anything may be in that tile, and in any of the next finer ones."""
    tile = tile_from_key(key)
    finer = ZOOMS[ZOOMS.index(tile.z) + 1] if tile.z < CELL_ZOOM else None
    children = [] if finer is None else [child.key for child in tile.children(finer)]
    told: dict[str, Any] = {"cut": "~", "next_end": 0, "last_end": FOREVER, "is_at_least": True, "children": children}
    return Document(version=version, is_readable=False, **told)


OWN = Tree(f"{columns.FORMAT}/", columns)
FORMER = Tree("", former)
TREES = (OWN, FORMER)


def tree_to_read() -> Tree:
    """Our own documents once they are complete, until then those of the release before, which we keep up too."""
    return OWN if completeness.is_complete(completeness.TILES) else FORMER


class TileDocument(dynamodb.Table):
    """A document at rest, under its tree's prefix and its tile's key `z/x/y`."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    kept_by = UnicodeAttribute(null=True)  # `indexes.FormerRoot` tells by it which release wrote last

    @classmethod
    def read(cls, keys: Iterable[str], *, consistent: bool = False, tree: Tree | None = None) -> dict[str, Document]:
        """The documents there are of these tiles. One batch for each 100 keys."""
        tree = tree or tree_to_read()
        found = cls.batch_get([tree.prefix + key for key in keys], consistent_read=consistent)
        if tree is FORMER and consistent:
            found = map(_claimed, found)
        named = ((item.tile.removeprefix(tree.prefix), item) for item in found)
        return {key: tree.read(key, item.body, int(item.version)) for key, item in named}

    @classmethod
    def replace(cls, key: str, document: Document, tree: Tree) -> bool:
        """Store it over the version it was made from; False when another writer was first."""
        item = cls(tree.prefix + key, version=document.version + 1, body=document.pack(tree.form))
        item.kept_by = completeness.RELEASE if tree is FORMER else None
        unchanged = cls.version == document.version if document.version else cls.tile.does_not_exist()
        return dynamodb.is_written(lambda: item.save(condition=unchanged))


def _claimed(item: TileDocument) -> TileDocument:
    """A former document before it is written anew: where the release before has served since, that is noted first."""
    if item.tile == ROOT and "kept_by" not in item.attribute_values and completeness.noted().copies:
        completeness.reopen()
    return item
