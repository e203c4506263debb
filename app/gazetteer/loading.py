"""Load a pack into the table beside the version in use, then switch to it. Safe to repeat; resumes where it stopped."""

import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from app.gazetteer import pack_file
from app.gazetteer.models import GazetteerBlock

# Progress is noted after this many blocks.
_NOTE_EVERY = 1000


class Progress(NamedTuple):
    """Number of blocks stored, and of all blocks."""

    stored: int
    total: int


def load(file: Path) -> Iterator[Progress]:
    """Store the blocks of a pack that are not stored yet, then switch to them.

    The version before the last one is deleted then; the last one stays for processes that still read it. Raises
    ValueError for a file that is not a pack.
    """
    about = pack_file.read_about(file)
    version, total = str(about["version"]), int(about["blocks"])
    row = GazetteerBlock.read_current()
    if row and row.version == version:
        yield Progress(total, total)
        return
    stored = _noted(version)
    yield Progress(stored, total)
    waiting = ((f"{version}/{key}", body) for key, body in islice(pack_file.read_blocks(file), stored, None))
    while keys := list(GazetteerBlock.write_blocks(islice(waiting, _NOTE_EVERY))):
        _keep_keys(version, stored, keys)
        stored += len(keys)
        GazetteerBlock(_note_key(version), body=str(stored).encode()).save()
        yield Progress(stored, total)
    if stored != total:
        raise ValueError(f"{file} ends after {stored} of {total} blocks.")
    GazetteerBlock.switch_to(version, row.version if row else None)
    if row and row.previous and row.previous != version:
        _delete(row.previous)


def _note_key(version: str) -> str:
    return f"{version}/stored"


def _noted(version: str) -> int:
    body = GazetteerBlock.read([key := _note_key(version)]).get(key)
    return int(body) if body else 0


def _list_key(version: str, start: int) -> str:
    return f"{version}/keys/{start // _NOTE_EVERY}"


def _keep_keys(version: str, start: int, keys: list[str]) -> None:
    """Store the keys of a version, so that it can be deleted without scanning the table."""
    body = zlib.compress("\n".join(keys).encode())
    GazetteerBlock(_list_key(version, start), body=body).save()


def _delete(version: str) -> None:
    for start in range(0, _noted(version), _NOTE_EVERY):
        if body := GazetteerBlock.read([key := _list_key(version, start)]).get(key):
            GazetteerBlock.delete_blocks([*zlib.decompress(body).decode().split("\n"), key])
    GazetteerBlock.delete_blocks([_note_key(version)])
