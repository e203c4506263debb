"""Cache of warnings in this process: marks for 15 s (as long as shared caches keep lists), and rows.

A row is kept under the version in its mark, so that an outdated one is never shown. The index `by_source` projects
fewer attributes than a tile: there the version is made from those, and from the source's last run that changed
anything, since a warning may return to earlier content. Kept rows are shared by all requests and never changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from threading import Lock
from typing import NamedTuple

from app.core import clock, dynamodb, telemetry
from app.geo.box_circle import Box, Circle
from app.warnings import board_reading, boards, sheets, source_status
from app.warnings.marks import Mark, Unreadable, box_of
from app.warnings.models import KNOWN, MOST_TILES, TILE_ZOOM, WIDE, OfficialWarning, SourceStates, WarningTile

MARKS_KEPT_MS = 15_000
# In all kept tiles and pages together, an empty one counting as one: some 6 MB.
MOST_MARKS = 10_000
# Marks in a page of the index. The longest list takes a hundred and looks at five more: most need no second page.
AT_ONCE, THEN_AT_ONCE = 105, 500
MOST_ROWS = 2000
MOST_BYTES = 20_000_000
# Memory in Python: of a row itself, of a byte of text decoded, of a byte of a packed outline unpacked.
_ROW_BYTES, _TEXT_FACTOR, _SHAPE_FACTOR = 2_500, 4, 30
_OF_INDEX = ":"


class _Marks(NamedTuple):
    """Marks of a tile or of a page of the index; `changed` is the last change of the page's source when it was read."""

    seen_ms: int
    marks: Sequence[Mark]
    changed: str | None = None


class _Row:
    """A row, the versions under which it is valid, and an estimate of its memory."""

    def __init__(self, row: OfficialWarning) -> None:
        self.row = row
        row.kept_mark = row.kept_mark or row.whole_mark()
        self.versions = {row.kept_mark.version, boards.version_of(row)}
        text_bytes = len(row.texts) + len(row.areas)
        self.bytes = _ROW_BYTES + _TEXT_FACTOR * text_bytes + _SHAPE_FACTOR * len(row.shape or b"")


_marks: dict[str, _Marks] = {}
_rows: dict[str, _Row] = {}
_lock = Lock()


def forget() -> None:
    """Empty the cache: for a process that has written, and for tests."""
    with _lock:
        _marks.clear()
        _rows.clear()
    board_reading.forget()


def in_tiles(keys: Iterable[str]) -> list[Mark]:
    """Return the marks of some tiles, each warning's once. One round, or none."""
    all_keys = {WIDE, *keys}
    cached = {key: kept_marks for key in all_keys if (kept_marks := _fresh(key))}
    if missing := all_keys - cached.keys():
        now_ms, read = clock.now_ms(), WarningTile.read(missing)
        new = {key: _Marks(now_ms, _marks_of(read[key]) if key in read else ()) for key in missing}
        cached |= new
        _keep_marks(new)
    # If two tiles differ, the one read last counts.
    in_order = sorted(cached.values(), key=lambda tile: tile.seen_ms)
    return list({mark.id: mark for tile in in_order for mark in tile.marks}.values())


def _fresh(key: str) -> _Marks | None:
    kept_marks = _marks.get(key)
    return kept_marks if kept_marks and 0 <= clock.now_ms() - kept_marks.seen_ms < MARKS_KEPT_MS else None


def _keep_marks(new: dict[str, _Marks]) -> None:
    with _lock:
        _marks.update(new)
        if sum(1 + len(mark.marks) for mark in _marks.values()) > MOST_MARKS:
            _marks.clear()


def _marks_of(tile: WarningTile) -> list[Mark]:
    """Read the marks of a tile that cannot be read from the rows, until the ingest has rebuilt it."""
    try:
        return tile.marks()
    except Unreadable:
        return marks_from_rows(tile.id)


def marks_from_rows(key: str) -> list[Mark]:
    """Rebuild the marks of a tile that cannot be read from the rows of every source, and count it."""
    telemetry.measure("UnreadableWarningDocuments", 1, "Count")
    names = source_status.known_sources(SourceStates.read().by_name())
    listed = [row for name in names for row in OfficialWarning.of_source(name)]
    inside = [row.id for row in listed if (box := box_of(row.box)) and key in keys_of(box)]
    return [row.whole_mark() for row in OfficialWarning.find_all(inside).values()]


def keys_of(box: Box) -> list[str]:
    """Return the keys of the tiles that hold a warning with this box."""
    if box.count_tiles(TILE_ZOOM) > MOST_TILES:
        return [WIDE]
    return tile_keys(box)


def tile_keys(shape: Box | Circle) -> list[str]:
    """Return the keys of the tiles that a shape touches, each once."""
    return list(dict.fromkeys(f"tile#{tile.stored_key}" for tile in shape.tiles(TILE_ZOOM)))


def listed(source: str, before: str, changed: str | None) -> Iterator[Mark]:
    """Yield the marks of a source below a sort key, newest first. `changed`: its last change, if known."""
    at_once = AT_ONCE
    while True:
        marks = page(source, before, changed, at_once)
        yield from marks
        if len(marks) < at_once:
            return
        before, at_once = marks[-1].order, THEN_AT_ONCE


def page(source: str, before: str, changed: str | None, at_once: int = AT_ONCE) -> Sequence[Mark]:
    """A page of `listed`; by default the first."""
    key = f"{source}#{before}#{at_once}"
    kept_page = _fresh(key)
    if kept_page is None or kept_page.changed != changed:
        now_ms = clock.now_ms()
        rows = islice(OfficialWarning.of_source(source, before=before, at_once=at_once), at_once)
        kept_page = _Marks(now_ms, [_listed_mark(row, changed) for row in rows], changed)
        _keep_marks({key: kept_page})
    return kept_page.marks


def _listed_mark(row: OfficialWarning, changed: str | None) -> Mark:
    return row.mark()._replace(version=None if changed is None else _index_version(row, changed))


def _index_version(row: OfficialWarning, changed: str) -> str:
    return f"{changed}{_OF_INDEX}{row.version(KNOWN)}"


def rows_of(marks: Iterable[Mark]) -> dict[str, OfficialWarning]:
    """Return whole warnings by id; missing ones are left out. One round, or none, unless a tile is not as its sheets.

    Those that come from sheets have neither `digest`, `root` nor `chain`, which only the ingest needs.
    """
    wanted = {mark.id: mark for mark in marks}
    versions = {warning_id: mark.version for warning_id, mark in wanted.items()}
    with _lock:
        cached_rows = {
            warning_id: _rows[warning_id].row
            for warning_id, version in versions.items()
            if warning_id in _rows and _holds(warning_id, version)
        }
        for warning_id in cached_rows:  # the ones used last stay longest
            _rows[warning_id] = _rows.pop(warning_id)
    read = _read_rows([mark for warning_id, mark in wanted.items() if warning_id not in cached_rows])
    if read:
        with _lock:
            for warning_id, row in read.items():
                _keep_row(row, versions[warning_id])
    return cached_rows | read


def _read_rows(wanted: Sequence[Mark]) -> dict[str, OfficialWarning]:
    """Read rows from sheets, and beside them the rows that are on none; then those of which a sheet has another."""
    alone = [mark.id for mark in wanted if not (mark.sheet and mark.version)]
    on_sheets = [mark for mark in wanted if mark.sheet and mark.version]
    if not on_sheets:
        return OfficialWarning.find_all(alone)
    calls = [partial(sheets.rows_of, on_sheets)] + ([partial(OfficialWarning.find_all, alone)] if alone else [])
    read = {warning_id: row for rows in dynamodb.in_one_round(calls) for warning_id, row in rows.items()}
    others = [mark.id for mark in on_sheets if mark.id not in read]
    return read | OfficialWarning.find_all(others) if others else read


def _holds(warning_id: str, version: str | None) -> bool:
    return version is not None and version in _rows[warning_id].versions


def _keep_row(row: OfficialWarning, wanted_version: str | None) -> None:
    """Cache a row under its own version, and under the wanted one if it is the same."""
    new, before = _Row(row), _rows.pop(row.id, None)
    if before is not None and before.versions & new.versions:
        new.versions |= before.versions
    if (
        wanted_version is not None
        and _OF_INDEX in wanted_version
        and wanted_version == _index_version(row, wanted_version.partition(_OF_INDEX)[0])
    ):
        new.versions.add(wanted_version)
    _rows[row.id] = new
    total = sum(row.bytes for row in _rows.values())
    while len(_rows) > MOST_ROWS or (total > MOST_BYTES and len(_rows) > 1):
        total -= _rows.pop(next(iter(_rows))).bytes
