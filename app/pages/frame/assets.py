"""Static files of the pages, each with the hash of its content in its URL, so that a URL never changes its content.

In the artifact, infra/precompressed.py has replaced most files by compressed ones and added an index of all digests; a
source tree has the plain files only.
"""

import gzip
import json
import zlib
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from flask import Response, request
from werkzeug.datastructures import Accept

from app.core.errors import NotFound

FOLDER = Path(__file__).parents[1] / "static"
FOR_EVER = "public, max-age=31536000, immutable"
# Encodings that a browser may ask for, best first, with the suffixes of their files.
FORMS = {"br": ".br", "gzip": ".gz"}
# Text formats for browsers. Licences stay uncompressed, so that people can read them in place.
PACKED_KINDS = frozenset(".css .geojson .js .json .svg .webmanifest .xml".split())
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".geojson": "application/geo+json",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_PLAIN = "text/plain; charset=utf-8"
_DIGEST_CHARACTERS = 16
_WORTH_PACKING_BYTES = 1024
_GZIP_FORMAT = 31  # zlib's number for gzip, here without name and date in the header


class Asset:
    """One file: its media type, its digest, and its content in each available encoding, read at first use."""

    def __init__(self, path: Path, digest: str | None = None) -> None:
        """Create with the digest from the index if there is one: then the file is in the artifact."""
        self._path = path
        self._known_digest = digest
        self.media_type = _MEDIA_TYPES.get(path.suffix, _PLAIN)

    @cached_property
    def digest(self) -> str:
        """Digest that its URL begins with."""
        return self._known_digest or digest_of(self.content)

    @cached_property
    def content(self) -> bytes:
        """Plain content; in the artifact decompressed, for the few clients that accept no compression."""
        if self._known_digest and self.packed:
            return gzip.decompress(self.packed)
        return self._path.read_bytes()

    @cached_property
    def packed(self) -> bytes | None:
        """Its gzip form: prepared in the artifact, else made at first use. None if not worthwhile."""
        return self._staged("gzip") if self._known_digest else gzip_form(self._path.suffix, self.content)

    @cached_property
    def tight(self) -> bytes | None:
        """Its Brotli form, made only for the artifact."""
        return self._staged("br") if self._known_digest else None

    def encoded(self, accepted: Accept) -> tuple[bytes, str | None]:
        """Return the content in the client's preferred encoding, and its name; at equal preference the smallest."""
        plain = accepted.quality("identity")
        for encoding in sorted(FORMS, key=accepted.quality, reverse=True):
            wish = accepted.quality(encoding)
            form = (self.tight if encoding == "br" else self.packed) if wish > 0 and wish >= plain else None
            if form:
                return form, encoding
        return self.content, None

    def _staged(self, encoding: str) -> bytes | None:
        file = self._path.with_name(self._path.name + FORMS[encoding])
        return file.read_bytes() if file.is_file() else None


def gzip_form(kind: str, content: bytes) -> bytes | None:
    """Compress by gzip; None if not worthwhile for this suffix or size."""
    if kind not in PACKED_KINDS or len(content) < _WORTH_PACKING_BYTES:
        return None
    packed = zlib.compress(content, 9, _GZIP_FORMAT)
    return packed if len(packed) < len(content) else None


def digest_of(content: bytes) -> str:
    """Return the hash that a file's URL begins with."""
    return sha256(content).hexdigest()[:_DIGEST_CHARACTERS]


def find(name: str) -> Asset | None:
    """Return the file of that name, or None. Names are looked up and never joined to a path."""
    digests = _index()
    if digests is not None:
        return _read_staged(name) if name in digests else None
    path = _paths().get(name)
    return _read(path, path.stat().st_mtime_ns) if path else None


def names() -> list[str]:
    """List all files that are served."""
    digests = _index()
    return sorted(_paths() if digests is None else digests)


def path_of(name: str) -> str:
    """Return the path of a file below its server (the function or a bucket). Raises LookupError."""
    asset = find(name)
    if asset is None:
        raise LookupError(f"app/pages/static has no file {name}")
    return f"static/{asset.digest}/{name}"


def address(name: str, *, base: str) -> str:
    """Return the current URL of a file; `base` is FLOOD_STATIC_URL or the script root. Raises LookupError."""
    return f"{base}/{path_of(name)}"


def send(digest: str, name: str) -> Response:
    """Send one file in the client's preferred encoding, cacheable for ever. Raises NotFound."""
    asset = find(name)
    if asset is None:
        raise NotFound("There is no such file.")
    if digest != asset.digest:  # a page from before a deployment still finds its style
        response = Response(status=302, headers={"Location": address(name, base=request.script_root)})
    else:
        content, encoding = asset.encoded(request.accept_encodings)
        response = Response(content, content_type=asset.media_type)
        response.set_etag(f"{digest}-{encoding or 'plain'}")
        response.headers["Cache-Control"] = FOR_EVER
        response.vary.add("Accept-Encoding")
        if encoding:
            response.headers["Content-Encoding"] = encoding
    response.headers["Access-Control-Allow-Origin"] = "*"  # a CDN of another origin may serve it to our pages
    return response


@cache
def _index() -> dict[str, str] | None:
    """Return the digests by name, from the artifact; None in a source tree."""
    file = FOLDER.with_suffix(".json")
    return dict(json.loads(file.read_bytes())) if file.is_file() else None


@cache
def _paths() -> dict[str, Path]:
    paths = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}
    return {name: path for name, path in paths.items() if path.suffix not in FORMS.values()}


@cache
def _read(path: Path, _changed_ns: int) -> Asset:
    """Read a file once in a process; while developing, a changed file is read again."""
    return Asset(path)


@cache
def _read_staged(name: str) -> Asset:
    return Asset(FOLDER / name, (_index() or {})[name])
