"""Pack changes that one consumer leaves to another into items, each well below DynamoDB's limit of 400 KB."""

import secrets
import zlib
from collections.abc import Sequence

from app.core import telemetry
from app.reports.entry import Entry
from app.reports.index import columns
from app.reports.index.models import HANDED_OVER, HandedOver

MOST_BYTES = 300_000
_POSITIONS = "positions"
# The latest entry of each changed report, by id, under each cell that it is in or was in.
Changes = dict[str, dict[str, Entry]]
Pairs = Sequence[tuple[str, Entry | None]]


def unpack(item: HandedOver) -> tuple[Changes, dict[str, int]]:
    """Return the changes in an item, and how far stream shards were read with them.

    If the entries cannot be read, only their cells: the cell index has their changes.
    """
    changes: Changes = {}
    try:
        cells = zlib.decompress(item.cells).decode().split()
        changes = {cell: {} for cell in cells}
        content = columns.read(item.entries, [_POSITIONS])
        for cell, entry in zip(cells, content["rows"], strict=False):
            add_latest(changes, cell, entry)
        return changes, content.get(_POSITIONS, {})
    except (zlib.error, ValueError, TypeError):  # damaged, or of a later format
        telemetry.measure("UnreadableDocuments", 1, "Count")
        telemetry.logger().error("handed-over changes not read", extra={"cells": len(changes)})
        return changes, {}


def pack(changes: Changes, positions: dict[str, int]) -> list[tuple[HandedOver, int]]:
    """Return changes as items to be stored in this order, with the number in each; the last has the positions."""
    pairs: list[tuple[str, Entry | None]] = []
    pairs += [(cell, entry) for cell, entries in sorted(changes.items()) for entry in entries.values()]
    pairs += [(cell, None) for cell, entries in sorted(changes.items()) if not entries]
    return _pack_some(pairs, positions)


def _pack_some(pairs: Pairs, positions: dict[str, int]) -> list[tuple[HandedOver, int]]:
    """Return one item, or several if it were too large."""
    item = HandedOver(HANDED_OVER + secrets.token_hex(8))
    item.cells = zlib.compress(" ".join(cell for cell, _ in pairs).encode(), 9)
    text = columns.text_of({_POSITIONS: positions}, [entry for _, entry in pairs if entry])
    item.entries = zlib.compress(text, 9)
    if len(item.cells) + len(item.entries) <= MOST_BYTES or len(pairs) < 2:
        return [(item, len(pairs))]
    middle = len(pairs) // 2
    return [*_pack_some(pairs[:middle], {}), *_pack_some(pairs[middle:], positions)]


def add_latest(changes: Changes, cell: str, entry: Entry) -> None:
    """Add an entry to the changes of a cell, unless a later version is among them."""
    known = changes.setdefault(cell, {}).get(entry.id)
    if known is None or known.version <= entry.version:
        changes[cell][entry.id] = entry


def add_all(changes: Changes, others: Changes) -> None:
    """Merge changes into others, keeping the latest entry of each report."""
    for cell, entries in others.items():
        changes.setdefault(cell, {})
        for entry in entries.values():
            add_latest(changes, cell, entry)
