"""Open a file of reports as a stream, plain or packed (gzip, zip), as often as it is needed. Reads no row."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from app.core.unicode_text import shown
from app.reports.importer.row import Unreadable

HEAD_BYTES = 65_536
# A packed file is refused as a bomb if it grows beyond both: tables of numbers pack to a twentieth at best.
MOST_GROWTH, FREE_BYTES = 120, 32 * 1024 * 1024
MOST_BYTES = 20 * 1024**3  # unpacked
_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".geojson", ".ndjson", ".jsonl", ".geojsonl", ".geojsons", ".kml")
_WEB_PAGE = re.compile(
    rb"[\xef\xbb\xbf\s]*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
# What others send instead of a table, by the first bytes.
_OTHERS = {
    b"%PDF": "a PDF. Ask for the table itself, as CSV or XLSX",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls). Save it as .xlsx or CSV",
    b"SQLite format 3": "a database (GeoPackage or SQLite). Convert it: ogr2ogr -f GeoJSON reports.geojson FILE",
    b"\x00\x00\x27\x0a": "a shapefile. Convert it: ogr2ogr -f GeoJSON -t_srs EPSG:4326 reports.geojson FILE",
    b"PAR1": "Parquet. Convert it to CSV",
    b"BZh": "packed with bzip2. Unpack it, or pack it with gzip",
    b"\xfd7zXZ": "packed with xz. Unpack it, or pack it with gzip",
    b"7z\xbc\xaf": "a 7z archive. Unpack it",
    b"Rar!": "a RAR archive. Unpack it",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}


class Source:
    """A file of reports. `position` of `size` bytes have been read in the pass that runs.

    What a pass has found out about the whole file is kept here for the next one.
    """

    def __init__(self, path: Path, *, encoding: str = "") -> None:
        self.path = path
        self.size = path.stat().st_size
        self.position = 0
        self.encoding = encoding  # "" until it is known
        self.is_encoding_stated = bool(encoding)
        self.stated_crs = ""  # reference system that the file names
        self.packing = self._packing()
        self.is_since_1904 = False  # days of a workbook that a Mac has written
        self.formulas_without_result: int | None = None  # cells of a workbook, once they are counted
        self.sheets: tuple[str, ...] = ()  # filled sheets of a workbook, of which the first is read

    @property
    def is_workbook(self) -> bool:
        """Return whether it is an Excel workbook (XLSX), which is a zip of its own kind."""
        return self.packing == "xlsx"

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the unpacked content for one pass; raises Unreadable if it is broken, a bomb, or cannot be unpacked."""
        self.position = 0
        try:
            with self.path.open("rb") as file:
                counted = _Counted(file, self)
                if self.packing == "gzip":
                    with gzip.GzipFile(fileobj=counted) as plain:
                        yield io.BufferedReader(_Limited(plain, self), HEAD_BYTES)
                elif self.packing == "zip":
                    with zipfile.ZipFile(counted) as archive, archive.open(_only_member(archive)) as unpacked:
                        yield io.BufferedReader(_Limited(unpacked, self), HEAD_BYTES)
                else:
                    yield io.BufferedReader(counted, HEAD_BYTES)
        except _BROKEN as error:
            raise Unreadable(f"The file cannot be read to its end: {shown(str(error), 200)}.") from error

    def head(self) -> bytes:
        """Return the beginning of the unpacked content."""
        with self.opened() as stream:
            return stream.read(HEAD_BYTES)

    def _packing(self) -> str:
        with self.path.open("rb") as file:
            start = file.read(16)
        if start.startswith(_GZIP):
            return "gzip"
        if not start.startswith(_ZIP):
            return ""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return "xlsx" if "xl/workbook.xml" in archive.namelist() else "zip"
        except _BROKEN as error:
            raise Unreadable(f"The file is a zip that cannot be read: {shown(str(error), 200)}.") from error


def require_file(name: str) -> Path:
    """Return the path of a file that exists; raises Unreadable with what to do instead."""
    if "://" in name[:12]:
        raise Unreadable(
            f"{shown(name, 200)} is an address. Save what it answers and import that file: "
            "curl --fail --location --output reports.data ADDRESS"
        )
    if name == "-":
        raise Unreadable("A file is read twice, so it cannot come from a pipe. Save it, and name the file.")
    path = Path(name)
    if path.is_dir():
        inside = sorted(each.name for each in path.iterdir() if each.suffix.lower() in (*_SUFFIXES, ".gz", ".zip"))
        there = f" It holds {', '.join(shown(each) for each in inside[:5])}." if inside else ""
        raise Unreadable(f"{shown(name, 200)} is a folder. Name one file in it.{there}")
    if not path.exists():
        raise Unreadable(
            f"{shown(name, 200)} does not exist. Look at its spelling, seen from {shown(str(Path.cwd()))}."
        )
    if not path.is_file():
        raise Unreadable(f"{shown(name, 200)} is no file that can be read twice. Save it, and name that file.")
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise Unreadable(f"{shown(name, 200)} cannot be opened: {error.strerror}. Look at its rights.") from error


def require_text(head: bytes) -> None:
    """Raise Unreadable if the content is known as something that holds no rows of reports."""
    if head.startswith((_GZIP, *_ZIP)):
        raise Unreadable("The file is packed twice: unpack it once, and import what is inside.")
    if what := next((what for mark, what in _OTHERS.items() if head.startswith(mark)), ""):
        raise Unreadable(f"The file is {what}.")
    if _WEB_PAGE.match(head):
        raise Unreadable("The file is a web page, not data. Look for a link to download the data themselves.")


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the one file of reports in an archive; raises Unreadable if there is none, or a choice."""
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_hidden(member.filename)]
    likely = [member for member in members if PurePosixPath(member.filename).suffix.lower() in _SUFFIXES]
    data = [member for member in likely if not PurePosixPath(member.filename).stem.lower().startswith("readme")]
    chosen = data if len(data) == 1 else members if len(members) == 1 else data
    if len(chosen) != 1:
        names = ", ".join(shown(member.filename) for member in (chosen or members)[:6]) or "nothing"
        raise Unreadable(f"The zip holds {names}. Unpack it, and import one file.")
    if chosen[0].flag_bits & 1:
        raise Unreadable("The zip has a password. Unpack it first.")
    return chosen[0]


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1:] != () and parts[-1].startswith(".")


class _Counted(io.RawIOBase):
    """A file that tells how far it is read."""

    def __init__(self, file: IO[bytes], source: Source) -> None:
        self._file, self._source = file, source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._source.position = self._file.tell()
        return len(data)


class _Limited(io.RawIOBase):
    """Unpacked content that ends with Unreadable where only a bomb would go on."""

    def __init__(self, unpacked: IO[bytes] | gzip.GzipFile, source: Source) -> None:
        self._unpacked, self._source, self._given = unpacked, source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._unpacked.read(len(buffer))
        buffer[: len(data)] = data
        self._given += len(data)
        if self._given > max(FREE_BYTES, MOST_GROWTH * self._source.size) or self._given > MOST_BYTES:
            raise Unreadable(
                f"The file is packed more than {MOST_GROWTH} times smaller than its content, as no honest one is. "
                "If it is, unpack it and import what is inside."
            )
        return len(data)
