"""Outlines of the warnings on a board, in an item beside it (`outlines#<source>#<n>`), which few lists need.

The directory of boards names its size and digest. An outline counts only for the warning on the board that has the
same checksum; a warning whose outline is not here is read whole, from its row.
"""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import NamedTuple

from app.core import packed_json, telemetry
from app.warnings.boards import Unreadable, digest_of
from app.warnings.models import OfficialWarning

FORMAT = 1
LONGEST_BYTES = 2_000  # packed; a longer one costs as much with its row
MOST_KEPT_BYTES = 2_000_000
_COLUMNS = tuple(name for name in sorted(OfficialWarning.get_attributes()) if name != "shape")


class Outline(NamedTuple):
    """A shape before compression, and the checksum by which its row names it."""

    drawn: int
    shape: bytes


Outlines = dict[str, Outline]  # by the warning's id

_kept: dict[str, tuple[int, Outlines]] = {}  # by key and digest
_lock = Lock()


def forget() -> None:
    """Empty this process's cache."""
    with _lock:
        _kept.clear()


def key_of(source: str, number: int) -> str:
    """Return the key of the outlines beside a board."""
    return f"outlines#{source}#{number}"


def pack(rows: Iterable[OfficialWarning]) -> bytes:
    """Encode the outlines of rows: compressed columns by name, then the compressed shapes; empty if there are none."""
    from app.geo import encode  # here and below: most requests need no outline

    ordered = sorted((row for row in rows if _is_kept(row)), key=lambda row: row.listed, reverse=True)
    if not ordered:
        return b""
    shapes = [encode.decompressed(row.shape) for row in ordered]
    columns = {
        "id": [row.id for row in ordered],
        "drawn": [int(row.drawn) for row in ordered],
        "length": [len(shape) for shape in shapes],
    }
    return packed_json.pack_with_parts({"format": FORMAT, "columns": columns}, shapes)


def _is_kept(row: OfficialWarning) -> bool:
    return bool(row.shape) and row.drawn is not None and len(row.shape) <= LONGEST_BYTES


def read(body: bytes) -> Outlines:
    """Decode outlines; raises Unreadable."""
    try:
        document, shapes = packed_json.unpack_with_parts(body)
        if document["format"] != FORMAT:
            raise Unreadable("they are of another format")
        columns, first = document["columns"], 0
        outlines: Outlines = {}
        for warning_id, drawn, length in zip(columns["id"], columns["drawn"], columns["length"], strict=True):
            outlines[warning_id] = Outline(int(drawn), shapes[first : first + length])
            first += length
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("they are damaged") from error
    return outlines


def kept(key: str, digest: str) -> Outlines:
    """Return the outlines that this process has; none if it has not these."""
    return _kept.get(f"{key}#{digest}", (0, {}))[1]


def keep(key: str, digest: str, body: bytes | None) -> None:
    """Cache outlines as their directory names them; others, from before or after it, are left out."""
    if body is None or digest_of(body) != digest:
        return
    try:
        outlines = read(body)
    except Unreadable:
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        return
    with _lock:
        _kept[f"{key}#{digest}"] = sum(len(outline.shape) for outline in outlines.values()), outlines
        total = sum(size for size, _ in _kept.values())
        while total > MOST_KEPT_BYTES and len(_kept) > 1:
            total -= _kept.pop(next(iter(_kept)))[0]


def with_outline(row: OfficialWarning, outlines: Mapping[str, Outline]) -> OfficialWarning:
    """Return a copy of a row of a board with its outline; the row itself if that is not here, or is another."""
    outline = outlines.get(row.id)
    if outline is None or outline.drawn != row.drawn:
        return row
    from app.geo import encode

    whole = OfficialWarning(**{name: value for name in _COLUMNS if (value := getattr(row, name)) is not None})
    whole.shape, whole.kept_mark = encode.compressed(outline.shape), row.kept_mark
    return whole
