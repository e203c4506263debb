"""Read lists of warnings from boards: the directories, then the boards that surely are needed, in one batch each.

Directories are kept for 15 s, boards and the outlines beside them by their digests.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from app.core import clock, telemetry
from app.warnings import board_outlines
from app.warnings.board_outlines import Outlines, with_outline
from app.warnings.boards import (
    MOST_ROWS,
    Board,
    BoardFilter,
    Directory,
    Unreadable,
    board_key,
    digest_of,
    directory_key,
    read_directory,
    read_rows,
)
from app.warnings.models import OfficialWarning, SourceDocument

KEPT_MS = 15_000  # of a directory in this process, as long as shared caches keep lists
MOST_KEPT = 40
MOST_AHEAD = 16


Placed = tuple[str, Board]  # of a source


class _KeptDirectory(NamedTuple):
    seen_ms: int
    changed: str
    directory: Directory | None


_directories: dict[str, _KeptDirectory] = {}
_boards: dict[str, list[OfficialWarning]] = {}  # by key and digest
_lock = Lock()


def forget() -> None:
    """Empty this process's cache."""
    with _lock:
        _directories.clear()
        _boards.clear()
    board_outlines.forget()


def open_boards(
    changed: Mapping[str, str], board_filter: BoardFilter, count: int
) -> dict[str, Iterator[OfficialWarning | None]]:
    """Return rows by source, newest first, where its boards are up to date: all that pass the filter, and others.

    `changed`: each source's last run that changed anything. At most two rounds for the first `count` rows. An iterator
    yields None in place of rows that it cannot read: the index has them.
    """
    directories = _read_directories(changed)
    for is_again in (False, True):
        believed = {
            source: [board for board in directory.boards if board.is_read(board_filter)]
            for source, directory in directories.items()
            if directory is not None and directory.run >= int(changed[source])
        }
        first = [
            (source, board) for source, listed in believed.items() for board in _first(listed, board_filter, count)
        ]
        missing = _read_boards(first, _drawn(first, board_filter, count))
        if not missing:
            break
        # They have been replaced since the directory was read, or are damaged.
        for source in missing:
            _directories.pop(source, None)
            if is_again:
                telemetry.measure("UnreadableWarningDocuments", 1, "Count")
                believed.pop(source)
        if not is_again:
            directories = _read_directories(changed)
    return {source: _rows_below(source, listed, board_filter) for source, listed in believed.items()}


def _read_directories(changed: Mapping[str, str]) -> dict[str, Directory | None]:
    now_ms = clock.now_ms()
    fresh = {
        source: kept.directory
        for source, kept in _directories.items()
        if changed.get(source) == kept.changed and 0 <= now_ms - kept.seen_ms < KEPT_MS
    }
    if absent := [source for source in changed if source not in fresh]:
        bodies = SourceDocument.bodies(map(directory_key, absent), consistent=False)
        for source in absent:
            fresh[source] = read_directory(bodies.get(directory_key(source)))
            _directories[source] = _KeptDirectory(now_ms, changed[source], fresh[source])
    return {source: directory for source, directory in fresh.items() if source in changed}


def _newest_first(listed: Iterable[Board]) -> list[Board]:
    return sorted(listed, key=lambda board: board.newest, reverse=True)


def _first(listed: Sequence[Board], board_filter: BoardFilter, count: int) -> Iterator[Board]:
    """Yield the boards that the first `count` rows need at least."""
    for board in _newest_first(listed):
        yield board
        count -= board.count(board_filter)
        if count <= 0:
            return


def _drawn(first: Sequence[Placed], board_filter: BoardFilter, count: int) -> list[Placed]:
    """Return the boards whose outlines are read beside them: those of the newest rows of all sources together."""
    if not board_filter.with_outlines:
        return []
    drawn, missing, oldest = [], count, ""
    for source, board in sorted(first, key=lambda placed: placed[1].oldest, reverse=True):
        if board.newest >= oldest and board.has_cheap_outlines(board_filter, count):
            drawn.append((source, board))
        missing -= board.count(board_filter)
        oldest = board.oldest if missing <= 0 and not oldest else oldest
    return drawn


def _read_boards(wanted: Iterable[Placed], drawn: Iterable[Placed] = ()) -> set[str]:
    """Read boards and outlines that are not kept, in one round; return the sources with a board that is another."""
    absent = {
        board_key(source, board.number): (source, board)
        for source, board in wanted
        if _kept_key(source, board) not in _boards
    }
    undrawn = {
        board_outlines.key_of(source, board.number): board.outlines[1]
        for source, board in drawn
        if board.outlines and not _outlines_of(source, board)
    }
    keys = [*absent, *undrawn]
    bodies = SourceDocument.bodies(keys, consistent=False) if keys else {}
    for key, digest in undrawn.items():
        board_outlines.keep(key, digest, bodies.get(key))
    missing = set()
    for key, (source, board) in absent.items():
        try:
            if key not in bodies or digest_of(bodies[key]) != board.digest:
                raise Unreadable("it is another")
            _keep(_kept_key(source, board), read_rows(bodies[key]))
        except Unreadable:
            missing.add(source)
    return missing


def _kept_key(source: str, board: Board) -> str:
    return f"{board_key(source, board.number)}#{board.digest}"


def _outlines_of(source: str, board: Board) -> Outlines:
    """Return the outlines that this process has of a board."""
    return board_outlines.kept(board_outlines.key_of(source, board.number), board.outlines[1]) if board.outlines else {}


def _keep(key: str, rows: list[OfficialWarning]) -> None:
    with _lock:
        _boards[key] = rows
        while len(_boards) > MOST_KEPT:
            del _boards[next(iter(_boards))]


def _rows_below(source: str, listed: Sequence[Board], board_filter: BoardFilter) -> Iterator[OfficialWarning | None]:
    """Yield rows newest first, reading further boards in growing groups; None if one cannot be read.

    So a filter that few warnings pass takes few rounds, and a page reads at most as much again as it needs.
    """
    waiting = _newest_first(listed)
    ready: list[OfficialWarning] = []  # the newest last
    outlines: Outlines = {}
    ahead = 1
    while waiting or ready:
        while waiting and (not ready or waiting[0].newest >= ready[-1].listed):
            board = waiting.pop(0)
            rows = _boards.get(_kept_key(source, board))
            if rows is None:
                further = [(source, one) for one in (board, *waiting[: ahead - 1])]
                _read_boards(
                    further, [placed for placed in further if placed[1].has_cheap_outlines(board_filter, MOST_ROWS)]
                )
                rows = _boards.get(_kept_key(source, board))
                ahead = min(2 * ahead, MOST_AHEAD)
            if rows is None:
                telemetry.measure("UnreadableWarningDocuments", 1, "Count")
                yield None
                return
            outlines |= _outlines_of(source, board) if board_filter.with_outlines else {}
            below = (row for row in rows if row.listed < board_filter.before)
            ready = sorted([*ready, *below], key=lambda row: row.listed)
        if ready:
            yield with_outline(ready.pop(), outlines)
