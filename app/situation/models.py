"""InsideDocument: how many active reports lie inside each official warning of a source, as it was counted last."""

from collections.abc import Iterable
from typing import Self

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from app.core import dynamodb
from app.core.config import settings

PREFIX = "inside/1/"  # with the format's number: a later format lies under other keys


class InsideDocument(dynamodb.Table):
    """The numbers of one source, packed (app/situation/inside.py reads them). They are true as of `as_of_ms` or later.

    It lies beside the tile documents: the functions that write those write it. Earlier releases neither read nor write
    it.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    as_of_ms = NumberAttribute(attr_name="as_of", default=0)
    version = NumberAttribute(default=0)
    body = BinaryAttribute(legacy_encoding=False, null=True)

    @property
    def source(self) -> str:
        return self.tile.removeprefix(PREFIX)

    @classmethod
    def read(cls, sources: Iterable[str], *, consistent: bool = False) -> dict[str, Self]:
        """Return the stored documents of these sources, by source. One batch for each 100."""
        keys = [PREFIX + source for source in dict.fromkeys(sources)]
        rows = cls.batch_get(keys, consistent_read=consistent) if keys else ()
        return {row.source: row for row in rows}

    @classmethod
    def of(cls, source: str, documents: dict[str, Self]) -> Self:
        """Return the document of a source among those that were read, else a new one."""
        return documents.get(source) or cls(PREFIX + source)

    def replace(self, body: bytes, *, as_of_ms: int) -> bool:
        """Store numbers over the version that was read; False if another writer was first. No document gets older."""
        seen_version = int(self.version)
        self.body, self.version = body, seen_version + 1
        self.as_of_ms = max(as_of_ms, int(self.as_of_ms))
        is_same = InsideDocument.version == seen_version if seen_version else InsideDocument.tile.does_not_exist()
        return dynamodb.is_written(lambda: self.save(condition=is_same))
