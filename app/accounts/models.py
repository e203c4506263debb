"""The rows of two tables: accounts with the names they hold; sign-ins and departures."""

import contextlib
import random
import time
import unicodedata
from enum import StrEnum
from functools import partial
from typing import Any, Self

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite
from ulid import ULID

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.errors import Conflict, Unavailable
from app.core.retention import DELETED_ACCOUNT, SIGN_IN
from app.core.unicode_text import COMPOSED_OF, INVISIBLE

REFRESH_LIFE_S = SIGN_IN.seconds
NAME_LENGTHS = range(3, 41)
LONGEST_NAME_TYPED = COMPOSED_OF * NAME_LENGTHS[-1]
SERVICE_NAMES = ("FloodManager", "Flood Manager")
_TRIES = 3
_NAME_KINDS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"))


class Role(StrEnum):
    RESIDENT = "resident"
    RESPONDER = "responder"
    ADMIN = "admin"


def fold(username: str) -> str:
    """Normalise a user name for comparing: `Bob`, `bob`, full-width forms are equal. A text too long stays as it is."""
    if len(username) > LONGEST_NAME_TYPED:
        return username
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def username_faults(username: str) -> list[str]:
    """List the mistakes of a new user name, each as `code|sentence`. Letters of any script are accepted."""
    length = f"length|It must have 3 to 40 characters; it has {len(username)}."
    if len(username) > LONGEST_NAME_TYPED:
        return [length]
    folded, faults = fold(username), []
    if not (len(username) in NAME_LENGTHS and len(folded) in NAME_LENGTHS):
        faults.append(length)
    if not all(_is_name_character(character) for character in username + folded):
        faults.append("characters|It may hold letters, digits, and the signs . _ - only.")
    if username and not (username[0].isalnum() and username[-1] not in "._-"):
        faults.append("ends|It must begin with a letter or digit, and must not end with a sign.")
    return faults


def _is_name_character(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    is_shown = unicodedata.category(character) in _NAME_KINDS and character not in INVISIBLE and not is_selector
    return is_shown or character in "._-"


def _new_id(prefix: str) -> str:
    return f"{prefix}_{ULID()}".lower()


class Account(dynamodb.Table):
    """A person. The owner of a user name is stored in the name's own row, a UsernameClaim."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("accounts")

    id = UnicodeAttribute(hash_key=True, default_for_new=partial(_new_id, "acc"))
    username = UnicodeAttribute()
    username_folded = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    role = UnicodeAttribute(default=Role.RESIDENT)
    email = UnicodeAttribute(null=True)
    token_version = NumberAttribute(default=1)
    created_at_ms = NumberAttribute(attr_name="created_at", default_for_new=clock.now_ms)
    version = NumberAttribute(default=1)

    @classmethod
    def find(cls, account_id: str) -> "Account | None":
        """Return the current account by a consistent read: a changed role or ended sign-in counts at once."""
        return cls.find_readable(account_id)

    @classmethod
    def named(cls, username: str) -> "Account | None":
        """Return the account with a name. Reads two rows in any case, so that timing reveals nothing."""
        # One character more than any name has: a longer text matches no account, and fits in a key of 2 KB.
        name = fold(username)[: NAME_LENGTHS.stop]
        return cls.find(UsernameClaim.holder(f"name:{name}") or "acc_nobody")

    def create(self) -> None:
        """Store the account together with its claim on the name. Raises Conflict if the name is taken.

        A lost reply and a lost race look alike, so the claim is read back: it shows whose write won.
        """
        claim = UsernameClaim(id=f"name:{self.username_folded}", account_id=self.id)
        for attempt in range(_TRIES):
            try:
                with TransactWrite(connection=dynamodb.connection()) as transaction:
                    transaction.save(claim, condition=UsernameClaim.id.does_not_exist())
                    transaction.save(self, condition=Account.id.does_not_exist())
                return
            except dynamodb.FAILURES:
                holder = UsernameClaim.holder(claim.id)
            if holder == self.id:
                return
            if holder:
                raise Conflict("This user name is taken. Choose another.")
            time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise Unavailable("The account could not be stored just now. Try again.", retry_after_s=2)

    def change(self, **changes: Any) -> None:
        """Set attributes and increase the version. Raises Conflict if another request changed the account meanwhile."""
        actions: list[Action] = [Account.version.add(1)]
        for name, value in changes.items():
            attribute = getattr(Account, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        seen_version = self.version
        is_unchanged = Account.version == seen_version
        is_written = dynamodb.is_written(lambda: self.update(actions=actions, condition=is_unchanged))
        if not is_written and not self._is_own_change(seen_version, changes):
            raise Conflict("The account was changed at the same moment. Read it again, then try.")

    def _is_own_change(self, seen_version: float, changes: dict[str, Any]) -> bool:
        """Return whether our own write had won: its reply was lost and the repeat was refused."""
        try:
            self.refresh(consistent_read=True)
        except DoesNotExist:
            return False
        return self.version == seen_version + 1 and all(getattr(self, name) == value for name, value in changes.items())

    def replace_hash(self, password_hash: str) -> None:
        """Store a new hash of the same password, unless the password was changed meanwhile."""
        actions: list[Action] = [Account.password_hash.set(password_hash)]
        unchanged = Account.password_hash == self.password_hash
        dynamodb.is_written(lambda: self.update(actions=actions, condition=unchanged))

    def remove(self, *, keeps_texts: bool) -> None:
        """Delete the account, free its name and record its departure in one transaction. Safe to repeat."""
        claim = UsernameClaim(id=f"name:{self.username_folded}", account_id=self.id)
        departure = Departure(id=Departure.PREFIX + self.id, keeps_texts=keeps_texts)
        try:
            with TransactWrite(connection=dynamodb.connection()) as transaction:
                transaction.delete(claim)
                transaction.delete(self, condition=Account.id.exists())
                transaction.save(departure)
        except dynamodb.FAILURES:
            if Account.find(self.id):
                raise


class UsernameClaim(dynamodb.Table):
    """Owner of a normalised user name. Stored in the accounts table, so that one transaction writes both."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("accounts")

    id = UnicodeAttribute(hash_key=True)
    account_id = UnicodeAttribute()

    @classmethod
    def holder(cls, claim_id: str) -> str | None:
        """Return the id of the account with this name."""
        claim = cls.find_readable(claim_id)
        return claim.account_id if claim else None


class Departure(dynamodb.Table):
    """Record of a deleted account: the person's wish about texts; after a restore, it tells whom to erase again.

    Stored in the table of sign-ins, whose rows expire.
    """

    PREFIX = "gone:"

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True)
    keeps_texts = BooleanAttribute(default=False)
    purge_at = NumberAttribute(default_for_new=lambda: clock.now_ms() // 1000 + DELETED_ACCOUNT.seconds)

    @classmethod
    def keeps_texts_of(cls, account_id: str) -> bool:
        """Return whether the texts of this person's reports stay, as they chose when they left; False by default."""
        departure = cls.find_readable(cls.PREFIX + account_id)
        return bool(departure and departure.keeps_texts)


class SignInsByAccount(GlobalSecondaryIndex[Any]):
    """A person's sign-ins by id, which begins with the time of the sign-in. Departures are not in it."""

    class Meta:
        index_name = "by_account"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class RefreshFamily(dynamodb.Table):
    """One session: a sequence of refresh tokens, of which only the newest is valid."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("tokens")

    id = UnicodeAttribute(hash_key=True, default_for_new=partial(_new_id, "fam"))
    account_id = UnicodeAttribute()
    token_version = NumberAttribute()
    number = NumberAttribute(default=1)
    rotated_at_ms = NumberAttribute(attr_name="rotated_at", default_for_new=clock.now_ms)
    # The number whose pair is still unused: its answer may have been lost. Absent: used, or from an earlier release.
    unused_number = NumberAttribute(null=True)
    purge_at = NumberAttribute(default_for_new=lambda: clock.now_ms() // 1000 + REFRESH_LIFE_S)

    by_account = SignInsByAccount()

    @classmethod
    def start(cls, account: Account) -> "RefreshFamily":
        """Begin a session."""
        family = cls(account_id=account.id, token_version=account.token_version)
        family.save()
        return family

    @classmethod
    def find(cls, family_id: str) -> "RefreshFamily | None":
        """The sign-in, unless it has ended or run out (TTL deletes late, so the time is checked here)."""
        family = cls.find_readable(family_id)
        return family if family and family.purge_at > clock.now_ms() // 1000 else None

    @classmethod
    def page_of_account(cls, account_id: str, *, before: str, limit: int) -> tuple[list[Self], str]:
        """Return stored sign-ins of a person, newest first, ended ones too, and the next position or "".

        One query and one batch. DynamoDB refuses the query until the index is complete, so no part is taken for all.
        """
        keys = cls.by_account.query(account_id, cls.id < before, scan_index_forward=False, limit=limit, page_size=limit)
        ids = [key.id for key in keys]
        newest_first = sorted(cls.find_all_readable(ids), key=lambda family: family.id, reverse=True)
        return newest_first, ids[-1] if len(ids) == limit else ""

    @classmethod
    def end_all_of(cls, account_id: str) -> None:
        """Delete all stored sign-ins of a person, readable or not. Safe to repeat."""
        for key in cls.by_account.query(account_id):
            key.end()

    @property
    def started_at_ms(self) -> int | None:
        """Return when the session began, from the time in its id; None for an id of another form."""
        try:
            return ULID.from_str(self.id.partition("_")[2].upper()).milliseconds
        except ValueError:
            return None

    def rotate(self) -> bool:
        """Advance to the next number; False if another request did it first, or the session has ended."""
        unchanged = RefreshFamily.number == self.number
        return self._stamp(RefreshFamily.number.set(self.number + 1), number=self.number + 1, condition=unchanged)

    def renew_unused(self) -> bool:
        """Restart the life of an unused pair; False if it was used meanwhile, or the session has ended."""
        return self._stamp(number=self.number, condition=RefreshFamily.unused_number == self.number)

    def _stamp(self, *more: Action, number: float, condition: Condition) -> bool:
        now_ms = clock.now_ms()
        actions = [
            *more,
            RefreshFamily.unused_number.set(number),
            RefreshFamily.rotated_at_ms.set(now_ms),
            RefreshFamily.purge_at.set(now_ms // 1000 + REFRESH_LIFE_S),
        ]
        return dynamodb.is_written(lambda: self.update(actions=actions, condition=condition))

    @property
    def is_unused(self) -> bool:
        """Return whether no token of the current pair has been used yet."""
        return self.unused_number == self.number

    def note_use(self) -> None:
        """Store that the current pair was used. If it cannot be stored now, the next use stores it."""
        actions: list[Action] = [RefreshFamily.unused_number.remove()]
        with contextlib.suppress(*dynamodb.FAILURES):
            dynamodb.is_written(
                lambda: self.update(actions=actions, condition=RefreshFamily.unused_number == self.number)
            )

    def end(self) -> None:
        """End the session: all its tokens become invalid. Safe to repeat."""
        self.delete()
