"""Read tiles of the map file for pictures that are made here: few ranges of bytes, before a deadline.

The file is that of the pages' maps: an address (FLOOD_PMTILES_URL), or on one machine a file (FLOOD_MAP_FILE). Its
directories and the tiles that were read stay in the process.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from app.core import clock, telemetry
from app.core.config import settings
from app.geo import pmtiles
from app.geo.pmtiles import Entry, Header, Unreadable
from app.geo.tiles import Tile
from app.warnings.sources.http_client import Fetcher, NotFetched

DEADLINE_S = 2.0  # for all that one picture reads
KEPT_S = 600.0  # directories of an address are read again then
AFTER_FAILURE_S = 30.0  # until a file that could not be opened is tried again
_FIRST_BYTES = 16_384  # the header and the root directory, as other readers ask for them
_MOST_PACKED = 500_000
_MOST_UNPACKED = 1_500_000
_MOST_KEPT_BYTES = 6_000_000
_DEEPEST = 3  # directories in directories
_FAILURES = (OSError, NotFetched, Unreadable)
_Read = Callable[[int, int], tuple[bytes, str]]


class UnpackedTiles(NamedTuple):
    """Tiles that were read, unpacked; `is_whole`: those that are not here are not in the file."""

    tiles: dict[Tile, bytes]
    is_whole: bool


class _Archive(NamedTuple):
    """One file: its version, its directories, and the parts that were read, by position."""

    version: str
    header: Header
    root: list[Entry]
    read_at_s: float
    parts: OrderedDict[tuple[int, int], bytes]


_archives: dict[str, _Archive] = {}
_closed_until_s: dict[str, float] = {}


def read(choose: Callable[[int, int], Sequence[Tile]]) -> UnpackedTiles | None:
    """Return the tiles that `choose` names for the file's least and greatest zoom; None if no file is set."""
    chosen = settings()
    name, now_s = chosen.pmtiles_url or chosen.map_file, clock.running_s()
    if not name:
        return None
    found: dict[Tile, bytes] = {}
    if _closed_until_s.get(name, now_s) > now_s:
        return UnpackedTiles(found, is_whole=False)
    try:
        with _opened(name, now_s + DEADLINE_S) as read_range:
            archive = _archive(name, read_range)
            for tile in choose(archive.header.least_zoom, archive.header.most_zoom):
                if content := _tile(archive, tile, read_range):
                    found[tile] = content
    except _FAILURES as error:
        telemetry.logger().warning(
            "streets not read", extra={"error": type(error).__name__, "reason": str(error)[:200]}
        )
        if name not in _archives:
            _closed_until_s[name] = clock.running_s() + AFTER_FAILURE_S
        elif isinstance(error, Unreadable):
            del _archives[name]
        return UnpackedTiles(found, is_whole=False)
    return UnpackedTiles(found, is_whole=True)


def forget() -> None:
    """Forget all files, as a new process has none."""
    _archives.clear()
    _closed_until_s.clear()


@contextmanager
def _opened(name: str, last_s: float) -> Iterator[_Read]:
    """Yield a function that reads `length` bytes at a position, and returns them with the version of the file."""
    if not settings().pmtiles_url:
        with Path(name).open("rb") as file:

            def read_file(at: int, length: int) -> tuple[bytes, str]:
                file.seek(at)
                state = Path(name).stat()
                return file.read(length), f"{state.st_mtime_ns}-{state.st_size}"

            yield read_file
        return
    with Fetcher(name, whole_s=DEADLINE_S, last_s=last_s) as fetcher:

        def fetch(at: int, length: int) -> tuple[bytes, str]:
            answer = fetcher.get_range(name, at, length)
            return answer.body[:length], answer.validators.get("etag", "")

        yield fetch


def _archive(name: str, read_range: _Read) -> _Archive:
    known = _archives.get(name)
    now_s = clock.running_s()
    if known and now_s - known.read_at_s < KEPT_S:
        return known
    head, version = read_range(0, _FIRST_BYTES)
    header = pmtiles.read_header(head)
    packed = head[header.root_at : header.root_at + header.root_bytes]
    if len(packed) < header.root_bytes:
        raise Unreadable("its first directory is not near its beginning")
    root = pmtiles.read_directory(packed, header.directories_packed)
    parts = known.parts if known and known.version == version else OrderedDict()
    _archives[name] = _Archive(version, header, root, now_s, parts)
    return _archives[name]


def _tile(archive: _Archive, tile: Tile, read_range: _Read) -> bytes:
    """Return an unpacked tile; empty if the file has none there."""
    header, entries, number = archive.header, archive.root, pmtiles.number_of(tile)
    for _ in range(_DEEPEST):
        entry = pmtiles.find(entries, number)
        if entry is None:
            return b""
        if entry.run:
            packed = _part(archive, header.tiles_at + entry.at, entry.length, read_range)
            return pmtiles.unpacked(packed, header.tiles_packed, _MOST_UNPACKED)
        packed = _part(archive, header.leaves_at + entry.at, entry.length, read_range)
        entries = pmtiles.read_directory(packed, header.directories_packed)
    raise Unreadable("its directories are nested too deep")


def _part(archive: _Archive, at: int, length: int, read_range: _Read) -> bytes:
    """Return bytes of the file that were kept, or are read now. Raises Unreadable if it has another version by now."""
    parts = archive.parts
    if kept := parts.get((at, length)):
        return kept
    if not 0 < length <= _MOST_PACKED:
        raise Unreadable("a part is too large")
    content, version = read_range(at, length)
    if version != archive.version or len(content) < length:
        raise Unreadable("it is cut, or was replaced")
    parts[at, length] = content
    while sum(map(len, parts.values())) > _MOST_KEPT_BYTES:
        parts.popitem(last=False)
    return content
