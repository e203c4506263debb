"""Tile documents of the previous release: format 1, columns by position. To be removed with the first indexes.

This release updates them beside its own. If it did not, the previous release would trust them after a roll-back as soon
as it had processed one change, although all changes until then were missing.
"""

import json
import zlib
from typing import Any

from app.reports.entry import STORED_COLUMNS, Entry, sort_key

PLAIN = "lat lon place radius severity depth title status condition version".split()
MEMBERS = "cut counts is_at_least oldest next_end last_end children gone shards built_at".split()


def text_of(content: dict[str, Any], rows: list[Entry]) -> bytes:
    """Serialise a document. The previous release accepts no unknown member."""
    members = {name: content[name] for name in MEMBERS if content[name]}
    return json.dumps(members | {"columns": _columns(rows)}, ensure_ascii=False, separators=(",", ":")).encode()


def read(packed: bytes) -> dict[str, Any]:
    """Read a document's members and rows. Raises whatever broken bytes raise."""
    content: dict[str, Any] = json.loads(zlib.decompress(packed))
    rows = _rows(content.pop("columns"))
    return {name: content[name] for name in MEMBERS if name in content} | {"rows": rows}


def _columns(rows: list[Entry]) -> list[tuple[Any, ...]]:
    before = 0
    rows_as_tuples = []
    for row in rows:
        created_at_ms = row.created_at_ms
        times = (before - created_at_ms, row.observed_at_ms - created_at_ms, row.updated_at_ms - created_at_ms)
        values = (getattr(row, STORED_COLUMNS[stored]) for stored in PLAIN)
        rows_as_tuples.append((row.id, *times, row.expires_at_ms - row.observed_at_ms, *values))
        before = created_at_ms
    return list(zip(*rows_as_tuples, strict=True))


def _rows(columns: list[list[Any]]) -> list[Entry]:
    rows = []
    created_at_ms = 0
    for report_id, step, observed, updated, life, *plain in zip(*columns, strict=True):
        created_at_ms -= step
        observed_at_ms = created_at_ms + observed
        rows.append(
            Entry(
                id=report_id,
                sort=sort_key(created_at_ms, report_id),
                observed_at_ms=observed_at_ms,
                updated_at_ms=created_at_ms + updated,
                expires_at_ms=observed_at_ms + life,
                **{STORED_COLUMNS[stored]: value for stored, value in zip(PLAIN, plain, strict=True)},
            )
        )
    return rows
