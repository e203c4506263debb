"""The pack: all blocks in one file, with the sources and the version that their bytes make.

The blocks lie in it unpacked, and the whole is compressed by xz: a third less than blocks that are compressed each for
itself, as the table holds them.
"""

import hashlib
import json
import lzma
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Where the source tree has it; it is too large for what is deployed.
FILE = Path(__file__).parents[2] / "infra" / "data" / "gazetteer.pack"
_MAGIC = b"gazetteer/1\n"
_LENGTHS = struct.Struct("<HI")
_PRESET = 6


def write(file: Path, blocks: Iterable[tuple[str, bytes]], about: dict[str, Any]) -> dict[str, Any]:
    """Write the blocks in their order; gives what the file says of itself: `about`, its version, how many blocks."""
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
    told = about | {"version": digest.hexdigest()[:12], "blocks": count}
    head = json.dumps(told, ensure_ascii=False).encode() + b"\n"
    with file.open("wb") as out:
        out.write(_MAGIC + head)
        with part.open("rb") as source:
            while piece := source.read(1 << 20):
                out.write(piece)
    part.unlink()
    return told


def read_about(file: Path) -> dict[str, Any]:
    """What a pack says of itself. Raises ValueError for a file that is none."""
    with file.open("rb") as source:
        if source.readline() != _MAGIC:
            raise ValueError(f"{file} is no packed gazetteer of this version of the product.")
        about: dict[str, Any] = json.loads(source.readline())
    return about


def read_blocks(file: Path) -> Iterator[tuple[str, bytes]]:
    """Each key with its bytes, as the table holds them."""
    with file.open("rb") as packed:
        packed.readline(), packed.readline()
        with lzma.open(packed) as source:
            while lengths := source.read(_LENGTHS.size):
                key_length, length = _LENGTHS.unpack(lengths)
                yield source.read(key_length).decode(), zlib.compress(source.read(length), 9)
