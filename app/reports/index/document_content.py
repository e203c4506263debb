"""Compute the content of a tile document: from reports, or from the documents of several tiles.

Its rows are those of the newest reports, and of older ones those of the newest grave.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.reports.entry import Entry
from app.reports.index.models import ALL, FOREVER_MS, GRAVE, MOST_GRAVE, MOST_ROWS, Document, digest_of


class _Rows(NamedTuple):
    """Rows of a document (see there). `is_cut`: there were more than a document may have."""

    newest: list[Entry]
    grave: list[Entry]
    grave_low_watermark: str
    is_cut: bool


def summarise(entries: Sequence[Entry], *, is_at_least: bool, grave_low_watermark: str = "") -> Document:
    """Describe the reports of a tile, newest first. `is_at_least`: there are older ones; then all grave reports are
    known down to `grave_low_watermark`, if it is given.
    """
    rows = _choose(entries, low_watermark="", grave_low_watermark=grave_low_watermark or ("" if is_at_least else ALL))
    return Document(
        rows=rows.newest,
        grave=rows.grave,
        low_watermark=rows.newest[-1].sort if len(entries) > MOST_ROWS or is_at_least and entries else "",
        grave_low_watermark=rows.grave_low_watermark,
        counts=dict(Counter(entry.severity for entry in entries)),
        is_at_least=is_at_least,
        oldest="" if is_at_least or not entries else entries[-1].sort,
        next_end_ms=min((entry.expires_at_ms for entry in entries), default=FOREVER_MS),
        last_end_ms=FOREVER_MS if is_at_least else max((entry.expires_at_ms for entry in entries), default=0),
        digest=digest_of(map(state_of, entries)),
    )


def state_of(entry: Entry) -> str:
    """Return a text that differs when lists would show the report differently."""
    return f"{entry.id} {entry.version} {entry.status} {entry.updated_at_ms} {entry.expires_at_ms}"


def shown(entries: Sequence[Entry], *, low_watermark: str, grave_low_watermark: str) -> Document:
    """Return a document with rows but without counts; the rows are complete down to two low watermarks."""
    rows = _choose(entries, low_watermark=low_watermark, grave_low_watermark=grave_low_watermark)
    return Document(
        rows=rows.newest,
        grave=rows.grave,
        low_watermark=rows.newest[-1].sort if rows.is_cut else low_watermark,
        grave_low_watermark=rows.grave_low_watermark,
    )


def join(children: dict[str, Document]) -> Document:
    """Join the documents of several tiles: the newest rows of all, as complete as the least complete one."""
    child_documents = list(children.values())
    low_watermark = max((child.low_watermark for child in child_documents), default="")
    entries = [row for child in child_documents for row in (*child.rows, *child.grave)]
    rows = _choose(
        sorted(entries, key=lambda row: row.sort, reverse=True),
        low_watermark=low_watermark,
        grave_low_watermark=max((_grave_low_watermark(child) for child in child_documents), default=ALL),
    )
    return Document(
        rows=rows.newest,
        grave=rows.grave,
        low_watermark=rows.newest[-1].sort if rows.is_cut else low_watermark,
        grave_low_watermark=rows.grave_low_watermark,
        counts=dict(sum((Counter(child.counts) for child in child_documents), Counter())),
        is_at_least=any(child.is_at_least for child in child_documents),
        oldest=min((child.oldest for child in child_documents), default=""),
        next_end_ms=min((child.next_end_ms for child in child_documents), default=FOREVER_MS),
        last_end_ms=max((child.last_end_ms for child in child_documents), default=0),
        children=sorted(children),
        digest=digest_of(f"{key} {child.state()}" for key, child in sorted(children.items())),
    )


def _choose(entries: Sequence[Entry], *, low_watermark: str, grave_low_watermark: str) -> _Rows:
    """Choose from entries, newest first, that are complete down to one watermark, the grave ones down to another.

    An empty `grave_low_watermark`: no more is known of the grave ones than of all.
    """
    complete = [entry for entry in entries if entry.sort >= low_watermark]
    newest = complete[:MOST_ROWS]
    if not grave_low_watermark:
        return _Rows(newest, [], "", len(complete) > MOST_ROWS)
    room = max(0, MOST_GRAVE - sum(row.severity in GRAVE for row in newest))
    older = [entry for entry in entries[len(newest) :] if entry.severity in GRAVE and entry.sort >= grave_low_watermark]
    if len(older) > room:
        grave_low_watermark = [*newest, *older[:room]][-1].sort
    return _Rows(newest, older[:room], grave_low_watermark, len(complete) > MOST_ROWS)


def _grave_low_watermark(document: Document) -> str:
    """Return the sort key down to which all grave reports of a document have rows."""
    return document.grave_low_watermark or document.low_watermark or ALL


def newest_of_each(entries: Iterable[Entry]) -> list[Entry]:
    """Return the latest version of each report, newest first."""
    latest: dict[str, Entry] = {}
    for entry in entries:
        if entry.id not in latest or entry.version >= latest[entry.id].version:
            latest[entry.id] = entry
    return sorted(latest.values(), key=lambda entry: entry.sort, reverse=True)
