"""Stream of a cell's reports without a row in its document, newest first: from its segments, else from its index."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from app.reports.entry import Entry
from app.reports.index.merge import CellStream
from app.reports.index.models import MOST_ROWS, Document
from app.reports.index.segment_models import Mark, Segment, marks_of


@dataclass
class SegmentStream:
    """Reads segments, the newest first; the cell index from the first on that is not as the document says."""

    cell: str
    marks: Sequence[Mark]
    low_watermark: str
    rest: CellStream | None = None
    read_together: int = 1

    @property
    def is_stored(self) -> bool:
        """Return whether the rows read last are those of a document."""
        return self.rest is None

    def read(self, limit: int) -> list[Entry]:
        """Read about so many of the next rows, at least a segment, with one query."""
        if self.rest is None:
            if (rows := self._rows(limit)) is not None:
                return rows
            self.rest = CellStream(self.cell, self.low_watermark)
        else:
            self.read_together = 0
        entries = self.rest.read(limit)
        self.low_watermark = self.rest.low_watermark
        return entries

    def units_of(self, entries: Sequence[Entry]) -> float:
        """Return the read units of what was read last: of segments, of the index, or of both in turn."""
        units = self.read_together / 2
        return units if self.rest is None else units + self.rest.units_of(entries)

    def _rows(self, limit: int) -> list[Entry] | None:
        before = self.low_watermark
        older = [mark for mark in self.marks if mark.low_key < before] or list(self.marks[-1:])
        some = older[: max(1, -(-limit // MOST_ROWS))]
        self.read_together = len(some)
        found = Segment.read(self.cell, some)
        sound = list(takewhile(lambda mark: mark.number in found, some))
        if not sound:
            return None
        self.low_watermark = "" if sound[-1] == self.marks[-1] else sound[-1].low_key
        return [row for mark in sound for row in found[mark.number] if row.sort < before]


def below(cell: str, document: Document, before: str) -> CellStream | SegmentStream:
    """Return the reports of a cell that are older than the rows of its document and than a position."""
    before = min(document.low_watermark, before)
    marks = marks_of(document)
    return SegmentStream(cell, marks, before) if marks else CellStream(cell, before)
