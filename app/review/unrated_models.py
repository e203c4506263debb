"""Rows beside the tile documents: reports and accounts whose rating was put off, and what is known of warnings."""

from collections.abc import Iterable
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import size as size_of
from pynamodb.expressions.update import Action

from app.core import clock, dynamodb, packed_json
from app.core.config import settings

KEY = "unrated/1"  # with the format's number: a later format lies under another key
MOST = 2000  # ids of some 30 bytes, in a row that has room for 400 KB


class Unrated(dynamodb.Table):
    """Ids that the minute's function is to look at: reports to be rated, accounts that may have been suspended.

    Of an account with many reports `<id>@<sort key>`, when the reports down to that key are done.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    ids = UnicodeSetAttribute(null=True)
    accounts = UnicodeSetAttribute(null=True)
    changed_at_ms = NumberAttribute(attr_name="changed_at", null=True)

    @classmethod
    def read(cls) -> list[str]:
        """Return the ids, in order, read consistently."""
        try:
            return sorted(cls.get(KEY, consistent_read=True).ids or ())
        except cls.DoesNotExist:
            return []

    @classmethod
    def add(cls, ids: Iterable[str]) -> bool:
        """Add ids; False if too many wait already. Safe to repeat."""
        has_room = cls.ids.does_not_exist() | (size_of(cls.ids) < MOST)
        actions: list[Action] = [cls.ids.add({*ids}), cls.changed_at_ms.set(clock.now_ms())]
        return dynamodb.is_written(lambda: cls(KEY).update(actions=actions, condition=has_room))

    @classmethod
    def remove(cls, ids: Iterable[str]) -> None:
        """Remove ids that were rated. Safe to repeat."""
        if rated := {*ids}:
            cls(KEY).update(actions=[cls.ids.delete(rated)])

    @classmethod
    def read_accounts(cls) -> list[str]:
        """Return the marks of accounts, in order, read consistently."""
        try:
            return sorted(cls.get(KEY, consistent_read=True).accounts or ())
        except cls.DoesNotExist:
            return []

    @classmethod
    def add_account(cls, mark: str) -> bool:
        """Add the mark of an account; False if too many wait already. Safe to repeat."""
        has_room = cls.accounts.does_not_exist() | (size_of(cls.accounts) < MOST)
        actions: list[Action] = [cls.accounts.add({mark}), cls.changed_at_ms.set(clock.now_ms())]
        return dynamodb.is_written(lambda: cls(KEY).update(actions=actions, condition=has_room))

    @classmethod
    def remove_account(cls, mark: str) -> None:
        """Remove the mark of an account. Safe to repeat."""
        cls(KEY).update(actions=[cls.accounts.delete({mark})])


class SeenDocument(dynamodb.Table):
    """Packed documents of a job that runs each minute: the warnings that it saw last, and areas still to be checked.

    One row for the areas, and one for the warnings of each source. The number of the format is in the key.
    """

    class Meta(dynamodb.Meta):
        table_name = settings().table("tiles")

    tile = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(default=0)
    body = BinaryAttribute(legacy_encoding=False, null=True)

    @classmethod
    def of(cls, key: str) -> "SeenDocument":
        """Return the row of a key, a new one if there is none. Read consistently."""
        return cls.find_readable(key) or cls(key, version=0)

    def content(self) -> Any:
        """Return the stored document; None if there is none that can be read: then all is found out again."""
        try:
            return packed_json.unpack(self.body) if self.body else None
        except ValueError:
            return None

    def replace(self, content: Any) -> bool:
        """Store a document in place of the one that was read; False if another run was first."""
        seen_version = int(self.version)
        self.version, self.body = seen_version + 1, packed_json.pack(content)
        is_same = SeenDocument.version == seen_version if seen_version else SeenDocument.tile.does_not_exist()
        return dynamodb.is_written(lambda: self.save(condition=is_same))
