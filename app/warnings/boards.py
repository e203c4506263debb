"""Boards: the fields that lists show of a source's warnings, without outlines, up to fifty in one item.

A list of a hundred warnings reads a directory and a few boards instead of a hundred rows. The directory
(`boards#<source>`) names the boards with their bounds and digests, and the run of the ingest that wrote them. Boards
older than the last run that changed anything are not believed: the previous release, which writes none, has served.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple

from app.core import clock, packed_json, telemetry
from app.warnings.models import OfficialWarning, SourceDocument

FORMAT = 1
MOST_ROWS, MOST_BYTES = 50, 24_000
KEPT_MS = 15_000  # of a directory in this process, as long as shared caches keep lists
MOST_KEPT = 40
MOST_AHEAD = 16
_FIELDS_BEFORE = 6  # of a board in a directory of the previous release
_NOT_SHOWN = ("shape", "chain", "published", "root", "digest", "texts")
_NAMES = sorted(OfficialWarning.get_attributes().keys() - {*_NOT_SHOWN})


class Unreadable(ValueError):
    """Error: the bytes hold no board or directory that this release can read."""


class Wanted(NamedTuple):
    """Rows that a list wants: below a sort key, over at a moment, of some severities, sent within two moments."""

    before: str
    over_at_ms: int | None = None
    severities: frozenset[str] | None = None
    sent_since_ms: int | None = None
    sent_until_ms: int | None = None


class Board(NamedTuple):
    """A board in its directory: bounds by sort key, both included, its first end (ms), and a digest of its bytes."""

    number: int
    newest: str
    oldest: str
    size: int
    first_end: int
    digest: str
    # Absent in directories of the previous release.
    sent: tuple[int, int] | None = None  # the first and the last moment (ms) at which one of its rows was sent
    severities: dict[str, int] | None = None  # how many rows of each

    def is_read(self, wanted: Wanted) -> bool:
        """Return whether it may have rows that are wanted."""
        return (
            self.oldest < wanted.before
            and (wanted.over_at_ms is None or self.first_end <= wanted.over_at_ms)
            and self._count_of(wanted.severities) > 0
            and self._is_sent_within(wanted.sent_since_ms, wanted.sent_until_ms)
        )

    def count(self, wanted: Wanted) -> int:
        """Return how many rows are wanted at most; 0 if some are not below the sort key."""
        return self._count_of(wanted.severities) if self.newest < wanted.before else 0

    def _count_of(self, severities: frozenset[str] | None) -> int:
        if severities is None or self.severities is None:
            return self.size
        return sum(self.severities.get(severity, 0) for severity in severities)

    def _is_sent_within(self, since_ms: int | None, until_ms: int | None) -> bool:
        if self.sent is None:
            return True
        first, last = self.sent
        return (since_ms is None or last >= since_ms) and (until_ms is None or first <= until_ms)


class Directory(NamedTuple):
    """All boards of a source, and the run (ms) that wrote it."""

    run: int
    boards: tuple[Board, ...]


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


def directory_key(source: str) -> str:
    """Return the key of a source's directory."""
    return f"boards#{source}"


def board_key(source: str, number: int) -> str:
    """Return the key of a board."""
    return f"board#{source}#{number}"


def pack_directory(directory: Directory) -> bytes:
    """Encode a directory: what the previous release does not know of boards stands beside them, in their order."""
    listed = [board[:_FIELDS_BEFORE] for board in directory.boards]
    filters = [board[_FIELDS_BEFORE:] for board in directory.boards]
    return packed_json.pack({"format": FORMAT, "run": directory.run, "boards": listed, "filters": filters})


def read_directory(body: bytes | None) -> Directory | None:
    """Decode a directory; None if there is none, or none that this release can read, which is counted."""
    if body is None:
        return None
    try:
        document = packed_json.unpack(body)
        if document["format"] != FORMAT:
            raise Unreadable("it is of another format")
        listed = document["boards"]
        filters = document.get("filters") or [()] * len(listed)
        boards = (Board(*board, *more[:2]) for board, more in zip(listed, filters, strict=True))
        return Directory(int(document["run"]), tuple(boards))
    except (ValueError, KeyError, TypeError):
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        return None


def pack_rows(rows: Iterable[OfficialWarning]) -> bytes:
    """Encode rows as columns by name, each distinct text once."""
    ordered = sorted(rows, key=lambda row: row.listed, reverse=True)
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in ordered] for name in _NAMES}
    texts: dict[str, int] = {}
    columns["texts"] = [
        [{name: texts.setdefault(text, len(texts)) for name, text in words.items()} for words in row.words]
        for row in ordered
    ]
    return packed_json.pack({"format": FORMAT, "texts": [*texts], "columns": columns})


def read_rows(body: bytes) -> list[OfficialWarning]:
    """Decode the rows of a board, newest first, without outlines; raises Unreadable."""
    try:
        document = packed_json.unpack(body)
        if document["format"] != FORMAT:
            raise Unreadable("it is of another format")
        columns, texts = document["columns"], document["texts"]
        rows = []
        for number, words in enumerate(columns["texts"]):
            values = {name: columns[name][number] for name in _NAMES if name in columns}
            row = OfficialWarning(**values)
            row.texts = json.dumps([{name: texts[place] for name, place in text.items()} for text in words])
            row.kept_mark = row.mark()
            rows.append(row)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable("it is damaged") from error
    return rows


def digest_of(body: bytes) -> str:
    """Return a digest by which a directory names a board's bytes."""
    return sha256(body).hexdigest()[:12]


def open_boards(changed: Mapping[str, str], wanted: Wanted, count: int) -> dict[str, Iterator[OfficialWarning | None]]:
    """Return rows, newest first, by source, for those whose boards can be believed: all wanted ones, and others.

    `changed`: each source's last run that changed anything. At most two rounds for the first `count` rows. An iterator
    yields None in place of rows that it cannot read: the index has them.
    """
    directories = _read_directories(changed)
    for is_again in (False, True):
        believed = {
            source: [board for board in directory.boards if board.is_read(wanted)]
            for source, directory in directories.items()
            if directory is not None and directory.run >= int(changed[source])
        }
        first = [(source, board) for source, listed in believed.items() for board in _first(listed, wanted, count)]
        missing = _read_boards(first)
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
    return {source: _rows_below(source, listed, wanted.before) for source, listed in believed.items()}


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


def _first(listed: Sequence[Board], wanted: Wanted, count: int) -> Iterator[Board]:
    """Yield the boards that surely are read for so many rows."""
    for board in _newest_first(listed):
        yield board
        count -= board.count(wanted)
        if count <= 0:
            return


def _read_boards(wanted: Sequence[tuple[str, Board]]) -> set[str]:
    """Read the boards that are not kept, in one round; return the sources of which one is not as its directory says."""
    absent = {
        board_key(source, board.number): (source, board)
        for source, board in wanted
        if _kept_key(source, board) not in _boards
    }
    bodies = SourceDocument.bodies(absent, consistent=False) if absent else {}
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


def _keep(key: str, rows: list[OfficialWarning]) -> None:
    with _lock:
        _boards[key] = rows
        while len(_boards) > MOST_KEPT:
            del _boards[next(iter(_boards))]


def _rows_below(source: str, listed: Sequence[Board], before: str) -> Iterator[OfficialWarning | None]:
    """Yield rows newest first, reading further boards as needed, each time twice as many; None if one cannot be read.

    So a filter that few warnings pass takes few rounds, and a page reads at most as much again as it needs.
    """
    waiting = _newest_first(listed)
    ready: list[OfficialWarning] = []  # the newest last
    ahead = 1
    while waiting or ready:
        while waiting and (not ready or waiting[0].newest >= ready[-1].listed):
            board = waiting.pop(0)
            rows = _boards.get(_kept_key(source, board))
            if rows is None:
                _read_boards([(source, one) for one in (board, *waiting[: ahead - 1])])
                rows = _boards.get(_kept_key(source, board))
                ahead = min(2 * ahead, MOST_AHEAD)
            if rows is None:
                telemetry.measure("UnreadableWarningDocuments", 1, "Count")
                yield None
                return
            ready = sorted([*ready, *(row for row in rows if row.listed < before)], key=lambda row: row.listed)
        if ready:
            yield ready.pop()
