"""Boards: the fields that lists show of a source's warnings, without outlines, up to fifty in one item.

A list of a hundred warnings reads a directory and a few boards instead of a hundred rows. The directory
(`boards#<source>`) names the boards with their bounds and digests, and the run of the ingest that wrote them. Boards
older than the last run that changed anything are not believed: the previous release, which writes none, has served.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from app.core import packed_json, telemetry
from app.warnings.models import OfficialWarning

FORMAT = 1
MOST_ROWS, MOST_BYTES = 50, 24_000
_HALF_UNIT = 4096
_FIELDS_BEFORE = 6  # of a board in a directory of the previous release
_NOT_SHOWN = ("shape", "chain", "published", "root", "digest", "texts")
_NAMES = sorted(OfficialWarning.get_attributes().keys() - {*_NOT_SHOWN})


class Unreadable(ValueError):
    """Error: the bytes hold no board, outlines or directory that this release can read."""


class BoardFilter(NamedTuple):
    """Filter of rows: below a sort key, over at a moment, of some severities, sent between two moments."""

    before: str
    over_at_ms: int | None = None
    severities: frozenset[str] | None = None
    sent_since_ms: int | None = None
    sent_until_ms: int | None = None
    with_outlines: bool = False


class Board(NamedTuple):
    """A board in its directory: bounds by sort key, both included, its first end (ms), and a digest of its bytes."""

    number: int
    newest: str
    oldest: str
    size: int
    first_end_ms: int
    digest: str
    # Absent in directories of the previous release.
    sent: tuple[int, int] | None = None  # the first and the last moment (ms) at which one of its rows was sent
    severities: dict[str, int] | None = None  # how many rows of each
    outlines: tuple[int, str] | None = None  # size and digest of those beside it

    def is_read(self, board_filter: BoardFilter) -> bool:
        """Return whether the board may have rows that pass the filter."""
        return (
            self.oldest < board_filter.before
            and (board_filter.over_at_ms is None or self.first_end_ms <= board_filter.over_at_ms)
            and self._count_of(board_filter.severities) > 0
            and self._is_sent_within(board_filter.sent_since_ms, board_filter.sent_until_ms)
        )

    def count(self, board_filter: BoardFilter) -> int:
        """Return how many rows may pass the filter at most; 0 if some are not below the sort key."""
        return self._count_of(board_filter.severities) if self.newest < board_filter.before else 0

    def has_cheap_outlines(self, board_filter: BoardFilter, most: int) -> bool:
        """Return whether its outlines cost no more than `most` rows that pass the filter, half a unit each."""
        size = self.outlines[0] if board_filter.with_outlines and self.outlines else 0
        return 0 < size <= _HALF_UNIT * min(most, self._count_of(board_filter.severities))

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


def directory_key(source: str) -> str:
    """Return the key of a source's directory."""
    return f"boards#{source}"


def board_key(source: str, number: int) -> str:
    """Return the key of a board."""
    return f"board#{source}#{number}"


def pack_directory(directory: Directory) -> bytes:
    """Encode a directory: fields that the previous release does not know are in a list of their own, in board order."""
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
        boards = (_listed_board(board, more) for board, more in zip(listed, filters, strict=True))
        return Directory(int(document["run"]), tuple(boards))
    except (ValueError, KeyError, TypeError):
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        return None


def _listed_board(values: Sequence[Any], filters: Sequence[Any]) -> Board:
    sent, severities, outlines = [*filters, None, None, None][:3]
    beside = (int(outlines[0]), str(outlines[1])) if outlines else None
    return Board(*values)._replace(sent=sent, severities=severities, outlines=beside)


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
            row.kept_mark = row.mark()._replace(version=version_of(row))
            rows.append(row)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable("it is damaged") from error
    return rows


def version_of(row: OfficialWarning) -> str:
    """Return a version that needs no outline: each run that changes a row has a later time than all before."""
    return f"@{int(row.updated_at_ms)}"


def digest_of(body: bytes) -> str:
    """Return a digest by which a directory names a board's bytes."""
    return sha256(body).hexdigest()[:12]
