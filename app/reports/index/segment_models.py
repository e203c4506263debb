"""Segment: rows of the reports of one cell that are older than those of its document, in order of creation.

The document names its segments. One is believed only while it is as the document says: a writer stores a segment and
then the document, and if it is ended in between, they differ.
"""

import secrets
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from app.core import dynamodb, telemetry
from app.core.config import settings
from app.reports.entry import Entry, sort_key
from app.reports.index import columns
from app.reports.index.models import MOST_BYTES, MOST_ROWS, PREFIX, Document

MOST_SEGMENTS = 64  # of a cell: their marks are in its document


class Mark(NamedTuple):
    """Mark of a segment in its cell's document: its number, its oldest row's creation, its content, and its first end.

    It holds every report of the cell from `low_ms` on that no newer one holds; the oldest one all that are left. `made`
    is drawn again for each content.
    """

    number: int
    low_ms: int
    made: int
    next_end_ms: int

    @property
    def low_key(self) -> str:
        """Return the sort key that none of its rows is below."""
        return sort_key(self.low_ms)


class Write(NamedTuple):
    """A segment that is to be stored before its document; without rows it is removed.

    `replaced`: the content that may be stored now; None if any may.
    """

    number: int
    rows: Sequence[Entry]
    made: int
    replaced: int | None = None


def marks_of(document: Document) -> list[Mark]:
    """Return the marks of a cell's segments, the newest first. A later release may say more of each."""
    return [Mark(*mark[: len(Mark._fields)]) for mark in document.segments]


def mark_over(marks: Sequence[Mark], sort: str) -> Mark:
    """Return the mark of the segment in which a report without a row in the document would lie."""
    return next((mark for mark in marks if sort >= mark.low_key), marks[-1])


def new_content() -> int:
    """Draw a number for a segment's content."""
    return secrets.randbelow(10**9)


def pack(rows: Sequence[Entry]) -> bytes | None:
    """Compress rows; None if they are too many for one segment."""
    if len(rows) > MOST_ROWS:
        return None
    packed = zlib.compress(columns.text_of({}, list(rows)), 9)
    return packed if len(packed) <= MOST_BYTES else None


class Segment(dynamodb.Table):
    """A stored segment, under its cell's key, `@` and its number."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    made = NumberAttribute()
    body = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def read(cls, cell: str, marks: Iterable[Mark], *, consistent: bool = False) -> dict[int, list[Entry]]:
        """Read the rows of the segments that are as their marks say, by number. One batch for each 100."""
        wanted = {_key(cell, mark.number): mark for mark in marks}
        found = {}
        for item in cls.batch_get(list(wanted), consistent_read=consistent):
            mark = wanted[item.tile]
            if item.made == mark.made and (rows := item.rows()) is not None:
                found[mark.number] = rows
        return found

    def rows(self) -> list[Entry] | None:
        """Return the rows, newest first; None, and counted, if they are damaged or of a later format."""
        try:
            rows: list[Entry] = columns.read(self.body, ())["rows"]
        except columns.Unreadable:
            telemetry.measure("UnreadableDocuments", 1, "Count")
            return None
        return rows

    @classmethod
    def store(cls, cell: str, writes: Sequence[Write]) -> bool:
        """Store and remove segments; False if another writer has changed one of them."""
        free = [write for write in writes if write.replaced is None]
        for write in writes:
            if write.replaced is not None and not cls._replace(cell, write):
                return False
        if free:
            with cls.batch_write() as batch:
                for write in free:
                    item = cls(_key(cell, write.number), made=write.made, body=pack(write.rows))
                    batch.save(item) if write.rows else batch.delete(item)
        return True

    @classmethod
    def _replace(cls, cell: str, write: Write) -> bool:
        item = cls(_key(cell, write.number), made=write.made, body=pack(write.rows))
        return dynamodb.is_written(lambda: item.save(condition=cls.made == write.replaced))


def _key(cell: str, number: int) -> str:
    return f"{PREFIX}{cell}@{number}"
