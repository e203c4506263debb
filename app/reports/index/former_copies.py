"""Copies of our documents for the previous release, while ours are complete: in its form, under its keys.

They count everything and name all finer tiles. Where there are more reports than ours has rows for, a copy has only the
newest few: after a roll-back the previous release's readers take the rest from its indexes, until its own consumer has
rebuilt the document. So a copy costs no read, and in a flood one write unit.
"""

import zlib
from typing import Any

from app.core import dynamodb
from app.reports.index import completeness, former
from app.reports.index.models import FORMER, MEMBERS, MOST_BYTES, ROOT, Document, TileDocument

FEW_ROWS = 24
FEW_BYTES = 1024 - 96  # the rest of a write unit is for the key and the names
# A shard of this name stands in the former root for all changes that wait. The previous release does not know them, and
# after a roll-back moves the real positions past them; this one keeps its readers before them, until it is silent.
HELD = "held"


def store(key: str, document: Document, *, made_of: int, is_first: bool = False) -> bool:
    """Store the copy of our document, right before its version `made_of` is stored itself.

    So a consumer that is killed in between leaves a copy ahead of our document, and the stream brings the changes
    again. A copy of a later version stays. `is_first`: ours is new under this key. False if the previous release has
    written there since: then ours may lack what it knows.
    """
    table, item = TileDocument, TileDocument(FORMER.prefix + key)
    copied: list[Any] = [
        table.body.set(_packed(document, is_root=key == ROOT)),
        table.version.add(1),
        table.written_by.set(completeness.RELEASE),
        table.made_of.set(made_of),
    ]
    is_free = table.tile.does_not_exist()
    is_ours = is_free if is_first else is_free | (table.made_of <= made_of)
    if dynamodb.is_written(lambda: item.update(actions=copied, condition=is_ours)):
        return True
    stored = table.get(FORMER.prefix + key, consistent_read=True)
    if "written_by" not in stored.attribute_values:
        return False
    if "made_of" in stored.attribute_values and not is_first:
        return True
    # It was written by this release without a note of what it was made of, or of a document that is gone.
    return dynamodb.is_written(lambda: item.update(actions=copied, condition=table.version == stored.version))


def _packed(document: Document, *, is_root: bool) -> bytes:
    content: dict[str, Any] = {stored: getattr(document, name) for stored, name in MEMBERS.items()}
    if is_root and document.former_held_ms:
        content["shards"] = document.stream_shards | {HELD: document.former_held_ms}
    is_all = not document.low_watermark
    rows, most_bytes = (document.rows, MOST_BYTES) if is_all else (document.rows[:FEW_ROWS], FEW_BYTES)
    while True:
        if len(rows) < len(document.rows):
            content["cut"] = rows[-1].sort if rows else "~"
        packed = zlib.compress(former.text_of(content, rows), 9)
        if len(packed) <= most_bytes or not rows:
            return packed
        rows = rows[: len(rows) * 5 // 6]
