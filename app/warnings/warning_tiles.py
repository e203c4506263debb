"""Update the tiles in which warnings are found, after warnings were written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from app.core.errors import Unavailable
from app.geo.box_circle import Box
from app.warnings import kept
from app.warnings.kept import keys_of, marks_from_rows
from app.warnings.marks import Mark, Unreadable
from app.warnings.models import WarningTile

TRIES = 8


def stored_over(boxes: Iterable[Box], *, but: Collection[str] = ()) -> dict[str, WarningTile | None]:
    """Read the tiles over these boxes consistently, except some; None for those that are not stored."""
    keys = {key for box in boxes for key in keys_of(box)}.difference(but)
    stored = WarningTile.read(keys, consistent=True)
    return {key: stored.get(key) for key in keys}


def rewrite(source: str, marks: Iterable[Mark], tiles: Mapping[str, WarningTile | None]) -> int:
    """Make these tiles hold exactly these marks of a source; marks of other sources stay.

    Returns the number of tiles written. `marks` are all shown warnings of the source.
    """
    inside: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        for key in keys_of(mark.box) if mark.box else ():
            inside[key].append(mark)
    written = sum(_rewrite_one(source, key, inside[key], tiles[key]) for key in sorted(tiles))
    kept.forget()
    return written


def _rewrite_one(source: str, key: str, marks: list[Mark], stored: WarningTile | None) -> bool:
    """Rewrite one tile under an optimistic lock, since the ingest of another source may write it at the same time."""
    for _ in range(TRIES):
        tile = stored or WarningTile(key, version=0)
        before = (tile.body, tile.columns)
        tile.put([*_others(source, stored), *marks])
        if (tile.body, tile.columns) == before or (not stored and not marks):
            return False
        if tile.replace():
            return True
        stored = WarningTile.read([key], consistent=True).get(key)
    raise Unavailable(f"{key} is being rewritten too often.")


def _others(source: str, stored: WarningTile | None) -> list[Mark]:
    return [mark for mark in marks_of(stored) if mark.source != source]


def marks_of(stored: WarningTile | None) -> list[Mark]:
    """Return the marks of a tile; from the rows if they cannot be read."""
    if stored is None:
        return []
    try:
        return stored.marks()
    except Unreadable:
        return marks_from_rows(stored.id)
