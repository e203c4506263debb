"""Cut from compiled libraries what no program reads: wheels carry symbols and lines of code for debuggers.

Of a shared library the dynamic linker reads the program headers and the segments that they name, and no section header
(System V ABI, chapter 5, "Program Loading and Dynamic Linking"). So all beyond the last segment can go.
"""

import struct
from pathlib import Path

_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian: x86_64 and arm64
_HEADER = struct.Struct("<16xHHIQQQIHHHHHH")  # Elf64_Ehdr after e_ident
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")  # Elf64_Phdr


def cut(folder: Path) -> None:
    """Cut all shared libraries below a folder."""
    for file in folder.rglob("*.so*"):
        whole = file.read_bytes()
        if (kept := loaded(whole)) != whole:
            file.unlink()  # never through a hard link into an installer's cache
            file.write_bytes(kept)


def loaded(whole: bytes) -> bytes:
    """Return the part of a shared library that a process loads; unchanged what is no such library."""
    if not whole.startswith(_MAGIC):
        return whole
    header = list(_HEADER.unpack_from(whole))
    first, size, count = header[4], header[8], header[9]
    assert size == _PROGRAM_HEADER.size, "a library of another format"
    segments = (_PROGRAM_HEADER.unpack_from(whole, first + number * size) for number in range(count))
    end = max(first + count * size, *(offset + length for _, _, offset, _, _, length, _, _ in segments))
    header[5], header[10:] = 0, [0, 0, 0]  # no section headers: their offset, size, number and names
    kept = bytearray(whole[:end])
    _HEADER.pack_into(kept, 0, *header)
    kept[:16] = whole[:16]
    return bytes(kept)
