"""Rows of the table votes: what each person says about a report, the count of it, and what limits it.

All rows about a report lie in its partition, so that one query reads them. A person's rows are found by an index.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple, Self

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, TransactGetError, TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactGet, TransactWrite

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import VOTE
from app.reports.models import Report

COUNT = "#count"
FLAG = "flag#"
REPORTER = "reporter"  # the person of the reporter's own vote, whatever shows that it is the reporter
ENDS = "ends#"
FOLDED = "folded#"
_KEPT_OF_UNKNOWN = "condition depth_cm reason changes first_at_ms at_ms renewed_at_ms under_block purge_at_s".split()


def _purge_at_s() -> int:
    return clock.now_ms() // 1000 + VOTE.seconds


class VoteRowsByAccount(GlobalSecondaryIndex[Any]):
    """Votes and flags of an account, by the time when it said something first. Visitors are not in it."""

    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    first_at_ms = NumberAttribute(range_key=True, attr_name="first_at")


class VoteRow(dynamodb.Table):
    """A vote or a flag of one person about a report. A vote that was taken back has no condition."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("votes")

    report_id = UnicodeAttribute(hash_key=True)
    person = UnicodeAttribute(range_key=True)
    account_id = UnicodeAttribute(null=True)
    network = UnicodeAttribute(null=True)
    known_since_ms = NumberAttribute(attr_name="known_since", null=True)
    first_at_ms = NumberAttribute(attr_name="first_at", null=True)
    at_ms = NumberAttribute(attr_name="at", null=True)
    changes = NumberAttribute(default=0)
    condition = UnicodeAttribute(null=True)
    depth_cm = NumberAttribute(attr_name="depth", null=True)
    renewed_at_ms = NumberAttribute(attr_name="renewed_at", null=True)
    reason = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    flooded = NumberAttribute(null=True)
    receded = NumberAttribute(null=True)
    number = NumberAttribute(null=True)  # of the changes of a count
    under_block = BooleanAttribute(null=True)  # said while staff blocked the person: it counts for nothing
    who = UnicodeAttribute(null=True)  # of a merged report's reporter: the name of their votes elsewhere
    purge_at_s = NumberAttribute(attr_name="purge_at", default_for_new=_purge_at_s)

    by_account = VoteRowsByAccount()

    @property
    def is_flag(self) -> bool:
        return bool(self.person.startswith(FLAG))

    @property
    def is_vote(self) -> bool:
        return self.condition is not None

    @classmethod
    def about(cls, report_id: str, *, most: int | None = None) -> list[Self]:
        """Return all that is said about a report, however many persons, or the first rows up to `most`, consistently.

        One query for each megabyte, some 4,000 persons.
        """
        rows = cls.query(report_id, consistent_read=True, limit=most, page_size=most)
        now_s = clock.now_ms() // 1000
        return [row for row in rows if row.purge_at_s > now_s]

    @classmethod
    def about_all(cls, report_ids: Iterable[str]) -> dict[str, list[Self]]:
        """Return all that is said about each of some reports, read in one round."""
        ids = list(report_ids)
        found = dynamodb.in_one_round([partial(cls.about, report_id) for report_id in ids])
        return dict(zip(ids, found, strict=True))

    @classmethod
    def find(cls, report_id: str, person: str) -> Self | None:
        """Return one row, read consistently."""
        try:
            return cls.get(report_id, person, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def of_person(cls, report_id: str, person: str) -> list[Self]:
        """Return the vote and the flag of a person about a report, as far as they are there. One batch, consistent."""
        return list(cls.batch_get([(report_id, person), (report_id, FLAG + person)], consistent_read=True))

    @classmethod
    def number_since(cls, account_id: str, *, since_ms: int, most: int) -> int:
        """Return about how many reports an account has spoken about since a moment, up to `most`. One query."""
        return cls.by_account.count(account_id, cls.first_at_ms > since_ms, limit=most)

    @classmethod
    def page_of_account(cls, account_id: str, *, before_ms: int, limit: int) -> tuple[list[Self], int]:
        """Return an account's votes and flags, newest first, and the next moment, 0 at the end. Two calls."""
        keys = list(
            cls.by_account.query(
                account_id, cls.first_at_ms < before_ms, scan_index_forward=False, limit=limit, page_size=limit
            )
        )
        rows = list(cls.batch_get([(key.report_id, key.person) for key in keys])) if keys else []
        rows.sort(key=lambda row: row.first_at_ms, reverse=True)
        return rows, int(keys[-1].first_at_ms) if len(keys) == limit else 0

    def forget_person(self) -> None:
        """Remove the link to a person, and the person's words, from what was counted. Safe to repeat."""
        actions: list[Action] = [
            VoteRow.account_id.remove(),
            VoteRow.network.remove(),
            VoteRow.note.remove(),
            VoteRow.who.remove(),
        ]
        dynamodb.is_written(lambda: self.update(actions=actions, condition=VoteRow.person.exists()))

    def keep_reporter_in(self, transaction: TransactWrite, *, who: str, network: str | None, since_ms: int) -> None:
        """Add to a transaction a row that keeps who filed a merged report, since the report forgets it."""
        actions: list[Action] = [
            VoteRow.who.set(who),
            VoteRow.condition.set(VoteRow.condition | "flooded"),
            VoteRow.at_ms.set(VoteRow.at_ms | since_ms),
            VoteRow.changes.set(VoteRow.changes | 0),
            VoteRow.purge_at_s.set(_purge_at_s()),
        ]
        actions += [VoteRow.network.set(VoteRow.network | network)] if network else []
        transaction.update(self, actions=actions)

    @classmethod
    def rename(cls, rows: Iterable[Self], person: str) -> None:
        """Put a person's vote and flag under another name, without account, network and note, in one transaction.

        Safe to repeat.
        """
        rows = list(rows)
        if not rows:
            return
        try:
            with dynamodb.transaction() as transaction:
                for row in rows:
                    renamed = cls(row.report_id, (FLAG if row.is_flag else "") + person)
                    for name in _KEPT_OF_UNKNOWN:
                        setattr(renamed, name, getattr(row, name))
                    transaction.save(renamed)
                    transaction.delete(row, condition=cls.person.exists())
        except TransactWriteError as error:
            if not dynamodb.lost_condition(error):  # another run has done it
                raise

    def store_counted(self, delta: tuple[int, int], *, is_new: bool, over: int | None) -> bool:
        """Store a vote and change the count by `delta` together; False if another writer was first.

        `over`: the number of the count that was read, 0 for none; None for any. A lost answer is read back.
        """
        is_unchanged = VoteRow.person.does_not_exist() if is_new else VoteRow.changes == int(self.changes)
        self.changes = int(self.changes or 0) + 1
        is_seen = None if over is None else VoteRow.number == over if over else VoteRow.number.does_not_exist()
        actions: list[Action] = [
            VoteRow.flooded.set((VoteRow.flooded | 1) + delta[0]),
            VoteRow.receded.set((VoteRow.receded | 0) + delta[1]),
            VoteRow.number.set((VoteRow.number | 0) + 1),
            VoteRow.purge_at_s.set(self.purge_at_s),
        ]
        try:
            with dynamodb.transaction() as transaction:
                transaction.save(self, condition=is_unchanged)
                transaction.update(VoteRow(self.report_id, COUNT), actions=actions, condition=is_seen)
        except TransactWriteError as error:
            if dynamodb.lost_condition(error) or dynamodb.is_conflict(error):
                stored = VoteRow.find(self.report_id, self.person)
                return stored is not None and stored.attribute_values == self.attribute_values
            raise
        return True


class Together(NamedTuple):
    """A report, a person's own row, that of its reporter, and the count, as they were at one moment."""

    report: Report | None
    own: VoteRow | None
    of_reporter: VoteRow | None
    counted: VoteRow | None


def read_together(report_id: str, person: str) -> Together | None:
    """Read these four rows in one call; None if one of them is being written at this moment."""
    try:
        with TransactGet(connection=dynamodb.connection()) as transaction:
            report = transaction.get(Report, report_id)
            rows = [transaction.get(VoteRow, report_id, name) for name in (person, REPORTER, COUNT)]
    except TransactGetError as error:
        if dynamodb.is_conflict(error):
            return None
        raise
    return Together(_found(report), *(_found(row) for row in rows))


def _found(future: Any) -> Any:
    try:
        return future.get()
    except DoesNotExist:
        return None


class Ends(dynamodb.Table):
    """Number of reports that the votes of one network have ended in an hour."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("votes")

    report_id = UnicodeAttribute(hash_key=True)
    person = UnicodeAttribute(range_key=True)
    ended = NumberAttribute(default=0)
    purge_at_s = NumberAttribute(attr_name="purge_at", default_for_new=_purge_at_s)

    @classmethod
    def this_hour(cls, networks: Iterable[str]) -> dict[str, int]:
        """Return the numbers of this hour by network; absent ones have ended none."""
        keys = [_ends_key(network) for network in networks]
        return {row.report_id.removeprefix(ENDS): int(row.ended) for row in cls.batch_get(keys, consistent_read=True)}

    @classmethod
    def add_one(cls, network: str) -> None:
        """Count one ended report."""
        cls(*_ends_key(network)).update(actions=[cls.ended.add(1), cls.purge_at_s.set(_purge_at_s())])


def _ends_key(network: str) -> tuple[str, str]:
    return f"{ENDS}{network}", str(clock.now_ms() // clock.HOUR_MS)


class Folded(dynamodb.Table):
    """Reports that are folded at the moment in one z8 tile, with the ends of their lives in milliseconds."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("votes")

    report_id = UnicodeAttribute(hash_key=True)
    person = UnicodeAttribute(range_key=True)
    is_stopped = BooleanAttribute(default=False)
    ids = UnicodeAttribute(default="")
    number = NumberAttribute(default=0)
    purge_at_s = NumberAttribute(attr_name="purge_at", default_for_new=_purge_at_s)

    @classmethod
    def of(cls, tile: str) -> "Folded":
        """Return the row of a tile, a new one if there is none. Read consistently."""
        try:
            return cls.get(FOLDED + tile, COUNT, consistent_read=True)
        except cls.DoesNotExist:
            return cls(FOLDED + tile, COUNT)

    def ends(self) -> dict[str, int]:
        """Return the ends of the folded reports that still live, by id."""
        pairs = (pair.partition("=") for pair in self.ids.split())
        return {report_id: int(end) for report_id, _, end in pairs if int(end) > clock.now_ms()}

    def keep(self, ends: dict[str, int], *, is_stopped: bool) -> bool:
        """Store these; False if another writer was first."""
        actions: list[Action] = [
            Folded.ids.set(" ".join(f"{report_id}={end}" for report_id, end in sorted(ends.items()))),
            Folded.is_stopped.set(is_stopped),
            Folded.number.set(int(self.number) + 1),
            Folded.purge_at_s.set(_purge_at_s()),
        ]
        is_seen = Folded.number == self.number if self.number else Folded.number.does_not_exist()
        return dynamodb.is_written(lambda: self.update(actions=actions, condition=is_seen))
