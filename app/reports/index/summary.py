"""Make the content of a tile document from entries, or from the documents of the tiles below."""

from collections import Counter

from app.reports.entry import Entry
from app.reports.index.models import FOREVER_MS, MOST_ROWS, Document, digest_of


def summarise(entries: list[Entry], *, is_at_least: bool) -> Document:
    """Return the document of these entries, newest first; with `is_at_least` there may be older ones."""
    rows = entries[:MOST_ROWS]
    return Document(
        rows=rows,
        low_watermark=rows[-1].sort if len(entries) > MOST_ROWS or is_at_least and rows else "",
        counts=dict(Counter(entry.severity for entry in entries)),
        is_at_least=is_at_least,
        oldest="" if is_at_least or not entries else entries[-1].sort,
        next_end_ms=min((entry.expires_at_ms for entry in entries), default=FOREVER_MS),
        last_end_ms=FOREVER_MS if is_at_least else max((entry.expires_at_ms for entry in entries), default=0),
        digest=digest_of(
            f"{entry.id} {entry.version} {entry.status} {entry.updated_at_ms} {entry.expires_at_ms}"
            for entry in entries
        ),
    )


def join(children: dict[str, Document]) -> Document:
    """Join the documents of several tiles: the newest rows of all, as complete as the least complete one."""
    child_documents = list(children.values())
    low_watermark = max((child.low_watermark for child in child_documents), default="")
    rows = sorted(
        (row for child in child_documents for row in child.rows if row.sort >= low_watermark), key=lambda row: row.sort
    )[::-1]
    if len(rows) > MOST_ROWS:
        low_watermark = rows[MOST_ROWS - 1].sort
    return Document(
        rows=rows[:MOST_ROWS],
        low_watermark=low_watermark,
        counts=dict(sum((Counter(child.counts) for child in child_documents), Counter())),
        is_at_least=any(child.is_at_least for child in child_documents),
        oldest=min((child.oldest for child in child_documents), default=""),
        next_end_ms=min((child.next_end_ms for child in child_documents), default=FOREVER_MS),
        last_end_ms=max((child.last_end_ms for child in child_documents), default=0),
        children=sorted(children),
        digest=digest_of(f"{key} {child.state()}" for key, child in sorted(children.items())),
    )
