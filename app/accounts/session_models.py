"""The rows of sign-ins and departures, in one table with API keys: all of them expire."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite
from ulid import ULID

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import DELETED_ACCOUNT, SIGN_IN

if TYPE_CHECKING:
    from app.accounts.models import Account

PAGES, API = "pages", "api"  # kinds of sessions
# No role's session lasts longer (session_limits.py).
_PURGED_AFTER_S = SIGN_IN.seconds + 60
_BEHIND_SIGN_INS = "fam`"  # the sign after `_`


def new_id(prefix: str) -> str:
    """Return an id that begins with a prefix and then the time."""
    return f"{prefix}_{ULID()}".lower()


def time_of(row_id: str) -> int | None:
    """Return the time in an id in ms; None for an id of another form."""
    try:
        return ULID.from_str(row_id.partition("_")[2].upper()).milliseconds
    except ValueError:
        return None


class Departure(dynamodb.Table):
    """Record of a deleted account: the person's wish about texts; after a restore, it tells whom to erase again.

    Stored in the table of sign-ins, whose rows expire.
    """

    PREFIX = "gone:"

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True)
    keeps_texts = BooleanAttribute(default=False)
    purge_at_s = NumberAttribute(
        attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + DELETED_ACCOUNT.seconds
    )

    @classmethod
    def keeps_texts_of(cls, account_id: str) -> bool:
        """Return whether the texts of this person's reports stay, as they chose when they left; False by default."""
        departure = cls.find_readable(cls.PREFIX + account_id)
        return bool(departure and departure.keeps_texts)


class SignInsByAccount(GlobalSecondaryIndex[Any]):
    """A person's sign-ins and API keys by id; that of a sign-in begins with its time. Departures are not in it."""

    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class RefreshFamily(dynamodb.Table):
    """One session: of the pages, or a sequence of refresh tokens, of which only the newest is valid."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True, default_for_new=partial(new_id, "fam"))
    account_id = UnicodeAttribute()
    token_version = NumberAttribute()
    number = NumberAttribute(default=1)
    rotated_at_ms = NumberAttribute(attr_name="rotated_at", default_for_new=clock.now_ms)
    # The number whose pair is still unused: its answer may have been lost. Absent: used, or from an earlier release.
    unused_number = NumberAttribute(null=True)
    has_second_factor = BooleanAttribute(null=True)  # of a sign-in with one, or in which it was set up
    used_at_ms = NumberAttribute(attr_name="used_at", null=True)  # noted now and then only, as session_limits says
    # Absent in rows of an earlier release: what kind of session it is, the device as it named itself (devices.py),
    # whether the person was known there, and up to which sign-in they have been told of new ones (new_sign_ins.py).
    kind = UnicodeAttribute(null=True)
    device = UnicodeAttribute(null=True)
    is_known_device = BooleanAttribute(null=True)
    told_until_ms = NumberAttribute(attr_name="told_until", null=True)
    # Earlier releases move this on with each refresh.
    purge_at_s = NumberAttribute(attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + _PURGED_AFTER_S)

    by_account = SignInsByAccount()

    @classmethod
    def start(cls, account: "Account", **known: Any) -> "RefreshFamily":
        """Begin a session, after the account's password and second factor were checked. `known`: of its device."""
        is_with_factor = account.has_second_factor or None
        own: dict[str, Any] = {
            "account_id": account.id,
            "token_version": account.token_version,
            "has_second_factor": is_with_factor,
        }
        family = cls(**own, **known)
        family.save()
        return family

    @classmethod
    def find(cls, family_id: str) -> "RefreshFamily | None":
        """The sign-in, unless it has ended or run out (TTL deletes late, so the time is checked here)."""
        family = cls.find_readable(family_id)
        return family if family and family.purge_at_s > clock.now_ms() // 1000 else None

    @classmethod
    def page_of_account(
        cls, account_id: str, *, before: str, limit: int, is_consistent: bool = False
    ) -> tuple[list[Self], str]:
        """Return stored sign-ins of a person, newest first, ended ones too, and the next position or "".

        One query and one batch, which shows no deleted row if it is consistent. DynamoDB refuses the query until the
        index is complete, so no part is taken for all.
        """
        # API keys of the person are in the index too, behind all sign-ins (app/accounts/key_models.py).
        before = min(before, _BEHIND_SIGN_INS)
        keys = cls.by_account.query(account_id, cls.id < before, scan_index_forward=False, limit=limit, page_size=limit)
        ids = [key.id for key in keys]
        rows = cls.find_all_readable(ids, is_consistent=is_consistent)
        newest_first = sorted(rows, key=lambda family: family.id, reverse=True)
        return newest_first, ids[-1] if len(ids) == limit else ""

    @classmethod
    def end_all_of(cls, account_id: str) -> None:
        """Delete all stored sign-ins and API keys of a person, readable or not. Safe to repeat."""
        for key in cls.by_account.query(account_id):
            key.end()

    @property
    def started_at_ms(self) -> int | None:
        """Return when the session began, from the time in its id; None for an id of another form."""
        return time_of(self.id)

    @property
    def last_used_at_ms(self) -> int:
        """Return when it was used last, as far as that was noted."""
        return max(int(self.rotated_at_ms), int(self.used_at_ms or 0))

    def rotate(self) -> bool:
        """Advance to the next number; False if another request did it first, or the session has ended."""
        unchanged = RefreshFamily.number == self.number
        return self._stamp(RefreshFamily.number.set(self.number + 1), number=self.number + 1, condition=unchanged)

    def renew_unused(self) -> bool:
        """Restart the life of an unused pair; False if it was used meanwhile, or the session has ended."""
        return self._stamp(number=self.number, condition=RefreshFamily.unused_number == self.number)

    def _stamp(self, *more: Action, number: float, condition: Condition) -> bool:
        actions = [
            *more,
            RefreshFamily.unused_number.set(number),
            RefreshFamily.rotated_at_ms.set(clock.now_ms()),
        ]
        return dynamodb.is_written(lambda: self.update(actions=actions, condition=condition))

    @property
    def is_unused(self) -> bool:
        """Return whether no token of the current pair has been used yet."""
        return self.unused_number == self.number

    def is_fresh(self, within_ms: int) -> bool:
        """Return whether the current pair was made within this time."""
        return bool(clock.now_ms() - self.rotated_at_ms <= within_ms)

    def note_use(self, kind: str, *, is_of_new_pair: bool) -> None:
        """Store when it was used, and that the current pair was. If it cannot be stored now, the next use stores it."""
        actions: list[Action] = [RefreshFamily.used_at_ms.set(clock.now_ms()), RefreshFamily.kind.set(kind)]
        condition: Condition = RefreshFamily.account_id.exists()  # an ended session does not come back
        if is_of_new_pair:
            actions.append(RefreshFamily.unused_number.remove())
            condition = RefreshFamily.unused_number == self.number
        with contextlib.suppress(*dynamodb.FAILURES):
            dynamodb.is_written(lambda: self.update(actions=actions, condition=condition))

    def tell(self, until_ms: int) -> None:
        """Store up to which sign-in the person has been told of new ones, here. Safe to repeat; never goes back."""
        is_earlier = RefreshFamily.told_until_ms.does_not_exist() | (RefreshFamily.told_until_ms < until_ms)
        actions: list[Action] = [RefreshFamily.told_until_ms.set(until_ms)]
        dynamodb.is_written(
            lambda: self.update(actions=actions, condition=RefreshFamily.account_id.exists() & is_earlier)
        )

    @classmethod
    def keep_in(cls, transaction: TransactWrite, family_id: str, *, token_version: float) -> None:
        """Keep one session valid, now with a second factor, in the transaction that ends the others of its account."""
        actions: list[Action] = [cls.token_version.set(token_version), cls.has_second_factor.set(True)]
        transaction.update(cls(family_id), actions=actions, condition=cls.account_id.exists())

    def keeping_it(self, token_version: float) -> Callable[[TransactWrite], None]:
        """Return what lets it go on, unless it has been ended meanwhile, in the transaction that ends the others."""

        def keep(transaction: TransactWrite) -> None:
            actions: list[Action] = [RefreshFamily.token_version.set(token_version)]
            is_valid = RefreshFamily.token_version == self.token_version
            transaction.update(RefreshFamily(self.id), actions=actions, condition=is_valid)

        return keep

    def end(self) -> None:
        """End the session: all its tokens become invalid. Safe to repeat."""
        self.delete()
