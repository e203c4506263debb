"""TileDocument: the newest active reports of one map tile, counts, and how far that knowledge reaches."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from app import db
from app.config import settings
from app.reports.entry import CELL_ZOOM, STORED, Entry, sort_key

ZOOMS = (0, 4, 6, 8, 10, CELL_ZOOM)
ROOT = "0/0/0"
MOST_ROWS = 100  # as many as may fit; a tile shows 50 of them
SHOWN_ROWS = 50
# A read of up to 4 KB costs half a unit; the rest of the item is its key, its version and the attributes' names.
MOST_BYTES = 4096 - 64
FOREVER = 1 << 53
# What a row holds besides its id and its times: columns, each under its name.
PLAIN = [name for name in STORED if name not in ("observed", "updated", "expires")]
# A write's report time lies before the time at which the stream sees it, by at most all tries of the writer.
IN_FLIGHT_MS = 10_000
# A stream's shard that has been silent for so long no longer holds the others' knowledge back.
SHARD_SILENT_MS = 15 * 60 * 1000


@dataclass
class Document:
    """One tile's content.

    `rows` are complete down to and including the sort key `cut`; an empty cut means that they are all there is.
    `oldest`, `next_end` and `last_end` are over all active reports of the tile, rows or not.
    `gone` remembers what left within the last minute, because the index may still show it.
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

    @property
    def is_empty(self) -> bool:
        return not self.counts

    def frontier(self, now_ms: int) -> str:
        """Down to which sort key the rows tell all that is still active now; empty when they tell all."""
        return self.cut if self.last_end > now_ms else ""

    def as_of(self) -> int:
        """Root only: every change before this moment (ms) is in the documents."""
        if not self.shards:
            return 0
        newest = max(self.shards.values())
        return min(at for at in self.shards.values() if newest - at < SHARD_SILENT_MS) - IN_FLIGHT_MS

    def pack(self) -> bytes:
        """As stored: compressed, at most 4 KB; the oldest rows go first and the cut rises."""
        while len(packed := zlib.compress(self._text(), 9)) > MOST_BYTES and self.rows:
            del self.rows[-max(1, len(self.rows) // 12) :]
            self.cut = self.rows[-1].sort if self.rows else "~"
        return packed

    def _text(self) -> bytes:
        content = {name: value for name, value in vars(self).items() if name not in ("rows", "version") and value}
        content["columns"] = _columns(self.rows)
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, packed: bytes, version: int) -> Self:
        content: dict[str, Any] = json.loads(zlib.decompress(packed))
        return cls(version=version, rows=_rows(content.pop("columns")), **content)


def _columns(rows: list[Entry]) -> list[tuple[Any, ...]]:
    """Rows turned into columns, times as differences: a third smaller when compressed, so more rows fit."""
    before = 0
    told = []
    for row in rows:
        times = (before - row.created, row.observed - row.created, row.updated - row.created)
        told.append((row.id, *times, row.expires - row.observed, *(getattr(row, name) for name in PLAIN)))
        before = row.created
    return list(zip(*told, strict=True))


def _rows(columns: list[list[Any]]) -> list[Entry]:
    rows = []
    created = 0
    for report_id, step, observed, updated, life, *plain in zip(*columns, strict=True):
        created -= step
        times = {"observed": created + observed, "updated": created + updated, "expires": created + observed + life}
        rows.append(
            Entry(id=report_id, sort=sort_key(created, report_id), **times, **dict(zip(PLAIN, plain, strict=True)))
        )
    return rows


class TileDocument(db.Table):
    """A document at rest, under its tile's key `z/x/y`."""

    class Meta(db.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def read(cls, keys: Iterable[str], *, consistent: bool = False) -> dict[str, Document]:
        """The documents there are of these tiles. One batch for each 100 keys."""
        found = cls.batch_get(list(keys), consistent_read=consistent)
        return {item.tile: Document.unpack(item.body, int(item.version)) for item in found}

    @classmethod
    def replace(cls, key: str, document: Document) -> bool:
        """Store it over the version it was made from; False when another writer was first."""
        item = cls(key, version=document.version + 1, body=document.pack())
        unchanged = cls.version == document.version if document.version else cls.tile.does_not_exist()
        return db.is_written(lambda: item.save(condition=unchanged))
