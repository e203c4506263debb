"""Objects of a bucket as files of one folder, written completely or not at all.

A file is named as its object and `.object`; its first line is JSON about the object, and its content follows. A key has
letters, digits and `-_.` in parts between slashes, so that no key names a place outside the folder.
"""

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

SUFFIX = ".object"
_PARTS = ".parts"  # of writes that have not ended; no key begins with a dot
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,7}", re.ASCII)
_MOST_ABOUT = 8192


class BadKey(ValueError):
    """A key that this store never keeps."""


class About(NamedTuple):
    """One object without its content. `version` is another one each time the key is written."""

    key: str
    size: int
    etag: str
    media_type: str
    cache_control: str
    written_at_s: float
    version: str


class PhotoFiles:
    """The objects of one bucket. Threads may share it, and processes may read beside the one that writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()

    def make(self) -> None:
        """Make the folder, which is its owner's alone, and drop what an ended process had begun to write."""
        for folder in (self.folder, self.folder / _PARTS):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (self.folder / _PARTS).iterdir():
            part.unlink()

    def put(
        self, key: str, content: bytes, *, media_type: str, cache_control: str = "", is_first: bool = False
    ) -> About | None:
        """Store an object; None if `is_first` and there is one already. Raises BadKey."""
        file = self._file_of(key)
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        about = About(key, len(content), etag, media_type, cache_control, time.time(), secrets.token_hex(8))
        part = self.folder / _PARTS / secrets.token_hex(8)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing:
            writing.write(json.dumps(about._asdict()).encode() + b"\n" + content)
            writing.flush()
            os.fsync(writing.fileno())
        with self._lock:
            if is_first and file.exists():
                part.unlink()
                return None
            self._move(part, file)
        return about

    def _move(self, part: Path, file: Path) -> None:
        while part.exists():  # another process may delete a folder that is empty, just before it would be used
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                part.replace(file)

    def get(self, key: str) -> tuple[About, bytes] | None:
        """Return an object with its content; None if there is none. Raises BadKey."""
        try:
            with self._file_of(key).open("rb") as reading:
                return About(**json.loads(reading.readline(_MOST_ABOUT))), reading.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def about(self, key: str) -> About | None:
        """Return what is known of an object, without its content. Raises BadKey."""
        try:
            with self._file_of(key).open("rb") as reading:
                return About(**json.loads(reading.readline(_MOST_ABOUT)))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def delete(self, key: str) -> None:
        """Delete an object; no error if there is none. Raises BadKey."""
        file = self._file_of(key)
        with self._lock, suppress(OSError):  # a folder that is not empty stays, and so do those above it
            file.unlink(missing_ok=True)
            for folder in file.parents:
                if folder == self.folder:
                    return
                folder.rmdir()

    def keys(self, prefix: str = "") -> list[str]:
        """Return all keys with this prefix, in S3's order. Links are not followed."""
        return sorted(key for key in self._walk(prefix) if key.startswith(prefix))

    def _walk(self, prefix: str) -> Iterator[str]:
        start = prefix.rpartition("/")[0]
        if start and not _KEY.fullmatch(start):
            return
        for folder, folders, files in os.walk(self.folder / start):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                key = (Path(folder) / name).relative_to(self.folder).as_posix().removesuffix(SUFFIX)
                if name.endswith(SUFFIX) and _KEY.fullmatch(key):
                    yield key

    def _file_of(self, key: str) -> Path:
        if not _KEY.fullmatch(key) or any(part.endswith(SUFFIX) for part in key.split("/")):
            raise BadKey(key)
        return self.folder / f"{key}{SUFFIX}"
