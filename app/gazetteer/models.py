"""GazetteerBlock: the stored gazetteer, in parallel versions, and a row that names the current one."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Self

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from app.core import dynamodb
from app.core.config import settings

# Code for another format reads another row, so that either may be deployed first.
FORM = 1
CURRENT = f"current/{FORM}"
KEPT_BLOCKS = 200
# How long a process uses the version that it has read.
_VERSION_S = 60.0
_WRITE_AT_ONCE = 25


class GazetteerBlock(dynamodb.Table):
    """One block under `<version>/<key>`; content: app/gazetteer/blocks.py."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("gazetteer")

    key = UnicodeAttribute(hash_key=True)
    body = BinaryAttribute(legacy_encoding=False, null=True)
    version = UnicodeAttribute(null=True)
    previous = UnicodeAttribute(null=True)

    @classmethod
    def read(cls, keys: Collection[str]) -> dict[str, bytes]:
        """Return the stored bodies of these keys. Half a unit for each 4 kB and for each absent key."""
        return {item.key: item.body for item in cls.batch_get(list(keys)) if item.body is not None}

    @classmethod
    def read_current(cls) -> Self | None:
        """Return the row that names the current version; None if nothing is loaded."""
        return next(iter(cls.batch_get([CURRENT])), None)

    @classmethod
    def write_blocks(cls, blocks: Iterable[tuple[str, bytes]]) -> Iterator[str]:
        """Store blocks, many in a request; yield the key of each after it is stored."""
        waiting: list[GazetteerBlock] = []
        for key, body in blocks:
            waiting.append(cls(key, body=body))
            if len(waiting) == _WRITE_AT_ONCE:
                yield from cls._write(waiting)
                waiting = []
        yield from cls._write(waiting)

    @classmethod
    def _write(cls, rows: list["GazetteerBlock"]) -> list[str]:
        with cls.batch_write() as batch:
            for row in rows:
                batch.save(row)
        return [row.key for row in rows]

    @classmethod
    def delete_blocks(cls, keys: Iterable[str]) -> None:
        with cls.batch_write() as batch:
            for key in keys:
                batch.delete(cls(key))

    @classmethod
    def switch_to(cls, version: str, previous: str | None) -> None:
        """Make this version the current one."""
        cls(CURRENT, version=version, previous=previous).save()


class Store:
    """The blocks of the current version, with a cache of the last ones read."""

    def __init__(self) -> None:
        self.version, self.read_at = "", float("-inf")
        self.kept: dict[str, bytes | None] = {}

    def forget(self) -> None:
        """Empty the cache, as in a new process."""
        self.version, self.read_at, self.kept = "", float("-inf"), {}

    def is_loaded(self) -> bool:
        """Return whether any version is loaded."""
        now = time.monotonic()
        if now - self.read_at > _VERSION_S or not self.version:
            row = GazetteerBlock.read_current()
            version = (row.version if row else None) or ""
            if version != self.version:
                self.version, self.kept = version, {}
            self.read_at = now
        return bool(self.version)

    def read(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """Return the stored blocks of these keys; one request for those not in the cache."""
        unique_keys = list(dict.fromkeys(keys))
        if missing := [key for key in unique_keys if key not in self.kept]:
            blocks = GazetteerBlock.read([f"{self.version}/{key}" for key in missing])
            while len(self.kept) + len(missing) > KEPT_BLOCKS and self.kept:
                del self.kept[next(iter(self.kept))]
            self.kept |= {key: blocks.get(f"{self.version}/{key}") for key in missing}
        return {key: body for key in unique_keys if (body := self.kept.get(key)) is not None}


STORE = Store()
