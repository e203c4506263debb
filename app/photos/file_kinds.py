"""Look at a photo's file before any library does: its kind, by its content, its size, and what reading it would cost.

PNG and WebP files are made again of the parts that hold pixels, so that no decoder sees the others. Sources: ITU-T T.81
(JPEG), the PNG specification (third edition), the WebP container specification, ISO/IEC 23008-12 (HEIC).
"""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from app.photos.reasons import BROKEN, EMPTY, NO_PHOTO, TOO_COSTLY, TOO_LARGE, TOO_MANY_PIXELS, Refused

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
JPEG, PNG, WEBP, HEIC = "jpeg", "png", "webp", "heic"
# A JPEG in several scans is held whole, in coefficients of two bytes, and each scan goes through all of it.
MOST_SCANS = 32
MOST_SEGMENTS = 2_000
MOST_COEFFICIENT_BYTES = 160_000_000
_PNG_SIGN = b"\x89PNG\r\n\x1a\n"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01


class Picture(NamedTuple):
    """A file ready for its decoder: its pixels' part, its size, and what else is needed to show it right."""

    content: bytes
    width: int
    height: int
    has_alpha: bool = False
    profile: bytes = b""
    exif: bytes = b""


def kind_of(content: bytes) -> str:
    """Return the kind of a file by its first bytes. Raises Refused for what is no photo, or too large."""
    if not content:
        raise Refused(EMPTY)
    if len(content) > MOST_BYTES:
        raise Refused(TOO_LARGE)
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(_PNG_SIGN):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and _brands(content) & _HEIC_BRANDS:
        return HEIC
    raise Refused(NO_PHOTO)


def check_size(width: int, height: int) -> None:
    """Raise Refused if a picture has no pixels, or too many."""
    if width < 1 or height < 1:
        raise Refused(BROKEN)
    if width * height > MOST_PIXELS:
        raise Refused(TOO_MANY_PIXELS)


def _brands(content: bytes) -> set[bytes]:
    end = min(int.from_bytes(content[:4], "big"), 256)
    return {content[8:12], *(content[at : at + 4] for at in range(16, end, 4))}


def check_jpeg(content: bytes) -> None:
    """Raise Refused for a JPEG that is too large, or takes too much time or memory, as its markers tell."""
    scans, frame, code = 0, b"", 0
    for marker, segment in _segments(content):
        if marker in _FRAMES:
            if frame:
                raise Refused(BROKEN)
            frame, code = segment, marker
            check_size(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
        scans += marker == _SOS
    if not frame or not scans:
        raise Refused(BROKEN)
    is_held_whole = scans > 1 or code in _PROGRESSIVE
    if scans > MOST_SCANS or (is_held_whole and _coefficient_bytes(frame) > MOST_COEFFICIENT_BYTES):
        raise Refused(TOO_COSTLY)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the markers that have a segment, with it, up to the end of the first picture."""
    at, seen = 2, 0
    while found := _MARKER.search(content, at):
        marker, at = content[found.start() + 1], found.end()
        if marker == _EOI:
            return
        if marker in (_SOI, _TEM):
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        if length < 2:
            raise Refused(BROKEN)
        yield marker, content[at + 2 : at + length]
        at, seen = at + length, seen + 1
        if seen > MOST_SEGMENTS:
            raise Refused(TOO_COSTLY)


def _coefficient_bytes(frame: bytes) -> int:
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    parts = [(one >> 4 or 1, one & 15 or 1) for one in frame[7 : 6 + 3 * frame[5] : 3]] if len(frame) > 7 else []
    widest, highest = max((w for w, _ in parts), default=1), max((h for _, h in parts), default=1)
    return sum(2 * (width * w // widest + 8) * (height * h // highest + 8) for w, h in parts)


def read_png(content: bytes) -> Picture:
    """Return a PNG made of its pixels, palette and transparency only. Raises Refused."""
    kept: dict[bytes, list[bytes]] = {}
    for name, data, check in _png_chunks(content):
        if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"iCCP", b"eXIf"):
            if zlib.crc32(data, zlib.crc32(name)) != check:
                raise Refused(BROKEN)
            kept.setdefault(name, []).append(data)
        elif name == b"IEND":
            break
    header = b"".join(kept.get(b"IHDR", [])[:1])
    if len(header) != 13 or b"IDAT" not in kept:
        raise Refused(BROKEN)
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    check_size(width, height)
    parts = [(b"IHDR", header), *((name, kept[name][0]) for name in (b"PLTE", b"tRNS") if name in kept)]
    parts += [(b"IDAT", b"".join(kept[b"IDAT"])), (b"IEND", b"")]
    exif, profile = kept.get(b"eXIf", [b""])[0], _png_profile(kept.get(b"iCCP", [b""])[0])
    made = _PNG_SIGN + b"".join(_png_chunk(name, data) for name, data in parts)
    return Picture(made, width, height, exif=exif, profile=profile)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    at = len(_PNG_SIGN)
    while at + 12 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at + 8 : end], int.from_bytes(content[end : end + 4], "big")
        at = end + 4


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(data, zlib.crc32(name)).to_bytes(4, "big")


def _png_profile(chunk: bytes) -> bytes:
    """Return the colour profile of an iCCP chunk, at most 1 MiB of it; nothing if it cannot be read."""
    packed = chunk.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, 1 << 20)
    except zlib.error:
        return b""


def read_webp(content: bytes) -> Picture:
    """Return a WebP made of the pixels of its first picture only: of a moving one the first. Raises Refused."""
    chunks: dict[bytes, bytes] = {}
    for name, data in _riff_chunks(content, 12):
        if name == b"ANMF":
            chunks.update(_riff_chunks(data, 16))
        else:
            chunks.setdefault(name, data)
        if b"VP8 " in chunks or b"VP8L" in chunks:
            break
    given = dict(_riff_chunks(content, 12))
    about = {"profile": given.get(b"ICCP", b""), "exif": given.get(b"EXIF", b"")}
    if (still := chunks.get(b"VP8 ")) and still[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(still[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        check_size(width, height)
        made, has_alpha = _webp_of_vp8(still, chunks.get(b"ALPH", b""), width, height)
        return Picture(made, width, height, has_alpha=has_alpha, **about)
    if (still := chunks.get(b"VP8L")) and still[:1] == b"\x2f":
        bits = int.from_bytes(still[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        check_size(width, height)
        return Picture(_webp([(b"VP8L", still)]), width, height, has_alpha=bool(bits >> 28 & 1), **about)
    raise Refused(BROKEN)


def _riff_chunks(content: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(content):
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], content[at + 8 : end]
        at = end + (end & 1)


def _webp_of_vp8(still: bytes, alpha: bytes, width: int, height: int) -> tuple[bytes, bool]:
    if not alpha:
        return _webp([(b"VP8 ", still)]), False
    canvas = b"\x10\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _webp([(b"VP8X", canvas), (b"ALPH", alpha), (b"VP8 ", still)]), True


def _webp(chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) & 1) for name, data in chunks)
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body
