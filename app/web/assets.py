"""The files of our pages, each with the hash of its content, so that an address never changes its meaning."""

import gzip
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_PLAIN = "text/plain; charset=utf-8"
_DIGEST_CHARACTERS = 16
_WORTH_PACKING_BYTES = 1024


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    content: bytes
    digest: str
    media_type: str

    @cached_property
    def packed(self) -> bytes | None:
        """Its gzip form, made when first asked for (35 ms for Swagger UI); None where that is not worth it."""
        return gzip.compress(self.content, 6, mtime=0) if len(self.content) >= _WORTH_PACKING_BYTES else None


def find(name: str) -> Asset | None:
    """The file of that name, or None. Names are looked up, never joined to a path, so none leads out of the folder."""
    path = _paths().get(name)
    return _read(path, path.stat().st_mtime_ns) if path else None


def names() -> list[str]:
    """All files that are served."""
    return sorted(_paths())


@cache
def _paths() -> dict[str, Path]:
    return {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}


@cache
def _read(path: Path, _changed_ns: int) -> Asset:
    """Read once in a process; a file changed while developing is read anew."""
    content = path.read_bytes()
    digest = sha256(content).hexdigest()[:_DIGEST_CHARACTERS]
    return Asset(content, digest, _MEDIA_TYPES.get(path.suffix, _PLAIN))
