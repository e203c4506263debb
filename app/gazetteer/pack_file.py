"""Read and write the pack: all blocks in one file, with their sources and a version made from their bytes.

Blocks are stored uncompressed and the whole file is compressed by xz: a third smaller than the separately compressed
blocks of the table.
"""

import hashlib
import json
import lzma
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Location in the source tree; it is too large for the artifact.
FILE = Path(__file__).parents[2] / "infra" / "data" / "gazetteer.pack"
_MAGIC = b"gazetteer/1\n"
_LENGTHS = struct.Struct("<HI")
_PRESET = 6


def write(file: Path, blocks: Iterable[tuple[str, bytes]], about: dict[str, Any]) -> dict[str, Any]:
    """Write the blocks in their order; return the file's header: `about`, its version, and the number of blocks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    digest, count = hashlib.sha256(), 0
    with lzma.open(part, "wb", preset=_PRESET) as out:
        for key, body in blocks:
            content = zlib.decompress(body)
            piece = _LENGTHS.pack(len(key.encode()), len(content)) + key.encode() + content
            digest.update(piece)
            out.write(piece)
            count += 1
    header = about | {"version": digest.hexdigest()[:12], "blocks": count}
    head = json.dumps(header, ensure_ascii=False).encode() + b"\n"
    with file.open("wb") as out:
        out.write(_MAGIC + head)
        with part.open("rb") as source:
            while piece := source.read(1 << 20):
                out.write(piece)
    part.unlink()
    return header


def read_about(file: Path) -> dict[str, Any]:
    """Read the header of a pack. Raises ValueError for another file."""
    with file.open("rb") as source:
        if source.readline() != _MAGIC:
            raise ValueError(f"{file} is not a gazetteer pack of this version of the product.")
        about: dict[str, Any] = json.loads(source.readline())
    return about


def read_blocks(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each key with its bytes in the form that the table holds."""
    for key, content in read_contents(file):
        yield key, zlib.compress(content, 9)


def read_contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each key with its uncompressed bytes: all blocks in a quarter of the time."""
    with file.open("rb") as packed:
        packed.readline(), packed.readline()
        with lzma.open(packed) as source:
            while lengths := source.read(_LENGTHS.size):
                key_length, length = _LENGTHS.unpack(lengths)
                yield source.read(key_length).decode(), source.read(length)
