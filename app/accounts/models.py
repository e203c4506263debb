"""The rows of accounts."""

import secrets
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from app.accounts.invitation_models import Invitation
from app.accounts.session_models import Departure, RefreshFamily, new_id
from app.accounts.username_models import AccountsByRole, UsernameClaim
from app.accounts.usernames import NAME_LENGTHS, fold
from app.core import clock, dynamodb, retries
from app.core.config import settings
from app.core.errors import Conflict, Unavailable

_TRIES = 3
Together = Callable[[TransactWrite], None]  # adds further rows to a transaction
# The changes that take a second factor away.
NO_FACTOR: dict[str, Any] = dict.fromkeys(
    "totp_salt totp_pending totp_pending_at_ms totp_step totp_first_step recovery_hashes factor_use".split()
)


class Role(StrEnum):
    RESIDENT = "resident"
    RESPONDER = "responder"
    ADMIN = "admin"


STAFF = (Role.RESPONDER, Role.ADMIN)


class AccountKey(NamedTuple):
    """An account as the index by role has it."""

    username_folded: str
    id: str
    is_suspended: bool


class Account(dynamodb.Table):
    """A person. The owner of a user name is stored in the name's own row, a UsernameClaim."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("accounts")

    id = UnicodeAttribute(hash_key=True, default_for_new=partial(new_id, "acc"))
    username = UnicodeAttribute()
    username_folded = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    role = UnicodeAttribute(default=Role.RESIDENT)
    email = UnicodeAttribute(null=True)  # as stated; the confirmed one may be another (app/accounts/own_address.py)
    confirmed_email = UnicodeAttribute(null=True)
    confirmed_hash = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)
    token_version = NumberAttribute(default=1)
    created_at_ms = NumberAttribute(attr_name="created_at", default_for_new=clock.now_ms)
    version = NumberAttribute(default=1)
    packed_areas = BinaryAttribute(legacy_encoding=False, attr_name="areas", null=True)  # app/accounts/areas.py
    is_suspended = BooleanAttribute(null=True)
    suspended_for = UnicodeAttribute(null=True)  # a code of the reason
    # The second factor (app/accounts/second_factor.py): the salt of its secret, and of one that no code has confirmed
    # yet; the time steps of the code used last and of the first one; hashes of the recovery codes that are left; a
    # random name of the last use, which tells a lost reply from a lost race.
    totp_salt = BinaryAttribute(legacy_encoding=False, null=True)
    totp_pending = BinaryAttribute(legacy_encoding=False, null=True)
    totp_pending_at_ms = NumberAttribute(attr_name="totp_pending_at", null=True)
    totp_step = NumberAttribute(null=True)
    totp_first_step = NumberAttribute(null=True)
    recovery_hashes = UnicodeSetAttribute(attr_name="recovery_codes", null=True)
    factor_use = UnicodeAttribute(null=True)
    new_sign_ins = UnicodeSetAttribute(null=True)  # on devices that were not known (app/accounts/new_sign_ins.py)
    api_key_ids = UnicodeSetAttribute(attr_name="api_keys", null=True)  # those that count: app/accounts/api_keys.py
    is_partner = BooleanAttribute(null=True)  # an organisation that an admin trusts: its imports count for more
    rights_version = NumberAttribute(null=True)  # counts changes of role and suspension; absent: 0
    invitation_id = UnicodeAttribute(attr_name="invitation", null=True)  # by which the person became staff

    by_role = AccountsByRole()

    @property
    def is_active_admin(self) -> bool:
        """Return whether it has an admin's rights now."""
        return self.role == Role.ADMIN and not self.is_suspended

    @property
    def has_second_factor(self) -> bool:
        """Return whether sign-in needs a code."""
        return self.totp_salt is not None

    @classmethod
    def find(cls, account_id: str) -> "Account | None":
        """Return the current account by a consistent read: a changed role or ended sign-in counts at once."""
        return cls.find_readable(account_id)

    @classmethod
    def is_suspended_now(cls, account_id: str) -> bool:
        """Return whether an account is suspended."""
        marks = cls.part_of(account_id, cls.is_suspended, cls.is_partner)
        return bool(marks and marks.is_suspended)

    @classmethod
    def is_partner_now(cls, account_id: str) -> bool:
        """Return whether an account is a partner and not suspended."""
        marks = cls.part_of(account_id, cls.is_suspended, cls.is_partner)
        return bool(marks and marks.is_partner and not marks.is_suspended)

    @classmethod
    def part_of(cls, account_id: str, *attributes: Attribute[Any]) -> "Account | None":
        """Read these attributes consistently, and nothing else: workers may read no more."""
        names = [one.attr_name for one in (cls.id, *attributes)]
        try:
            return cls.get(account_id, consistent_read=True, attributes_to_get=names)
        except cls.DoesNotExist:
            return None

    @classmethod
    def named(cls, username: str) -> "Account | None":
        """Return the account with a name. Reads two rows in any case, so that timing reveals nothing."""
        # One character more than any name has: a longer text matches no account, and fits in a key of 2 KB.
        name = fold(username)[: NAME_LENGTHS.stop]
        return cls.find(UsernameClaim.holder(f"name:{name}") or "acc_nobody")

    @classmethod
    def page_of_role(cls, role: str, *, begins: str, after: str, limit: int) -> list[AccountKey]:
        """Return the next accounts of a role by user name, of those whose folded name has a beginning. One query."""
        low, high = f"{after}\0" if after else begins or "\0", f"{begins}\U0010ffff"
        keys = cls.by_role.query(role, cls.username_folded.between(low, high), limit=limit, page_size=limit)
        return [AccountKey(key.username_folded, key.id, bool(key.is_suspended)) for key in keys]

    @classmethod
    def other_admin(cls, account_id: str) -> str | None:
        """Return the id of another account that is an active admin; None if there is none, or it is not indexed yet."""
        ids = (key.id for key in cls.by_role.query(Role.ADMIN) if key.id != account_id)
        found = (cls.find(other_id) for other_id in ids)
        return next((account.id for account in found if account and account.is_active_admin), None)

    def create(self, *together: Together) -> None:
        """Store the account together with its claim on the name. Raises Conflict if the name is taken.

        `together` adds further rows. A lost reply and a lost race look alike; the claim shows whose write won.
        """
        for attempt in range(_TRIES):
            try:
                with dynamodb.transaction() as transaction:
                    self.create_in(transaction)
                    for add in together:
                        add(transaction)
                return
            except dynamodb.FAILURES:
                if self.has_own_name():
                    return
            retries.pause(attempt)
        raise Unavailable("The account could not be stored just now. Try again.", retry_after_s=2)

    def create_in(self, transaction: TransactWrite) -> None:
        """Add the account and its claim on the name to a transaction, which fails if the name is taken."""
        transaction.save(self._claim(), condition=UsernameClaim.id.does_not_exist())
        transaction.save(self, condition=Account.id.does_not_exist())

    def has_own_name(self) -> bool:
        """Return whether the name is this account's; False if no account has it. Raises Conflict if it is another's."""
        holder = UsernameClaim.holder(self._claim().id)
        if holder not in (self.id, None):
            raise Conflict("This user name is taken. Choose another.")
        return holder == self.id

    def _claim(self) -> UsernameClaim:
        return UsernameClaim(id=f"name:{self.username_folded}", account_id=self.id)

    def change(self, **changes: Any) -> None:
        """Set attributes and increase the version. Raises Conflict if another request changed the account meanwhile."""
        seen_version = self.version
        is_unchanged = Account.version == seen_version
        is_written = dynamodb.is_written(lambda: self.update(actions=_actions(changes), condition=is_unchanged))
        if not is_written and not self._is_own_change(seen_version, changes):
            raise Conflict("The account was changed at the same moment. Read it again, then try.")

    def change_in(self, transaction: TransactWrite, **changes: Any) -> None:
        """Add a change to a transaction, which fails if another request has changed the account meanwhile."""
        transaction.update(self, actions=_actions(changes), condition=Account.version == self.version)

    def change_together(self, changes: dict[str, Any], *together: Together) -> None:
        """Change attributes in one transaction with other rows. Raises Conflict as `change` does."""
        seen_version = self.version
        for attempt in range(_TRIES):
            try:
                with dynamodb.transaction() as transaction:
                    self.change_in(transaction, **changes)
                    for add in together:
                        add(transaction)
                return
            except dynamodb.FAILURES:
                if self._is_own_change(seen_version, changes):
                    return
            if self.version != seen_version:
                raise Conflict("The account was changed at the same moment. Read it again, then try.")
            retries.pause(attempt)
        raise Unavailable("The account could not be changed just now. Try again.", retry_after_s=2)

    def confirm_factor(
        self, step: int, recovery_hashes: set[str], *, session_id: str, together: Sequence[Together]
    ) -> None:
        """Let the pending secret count from now on. All sessions end but the one in which it was confirmed."""
        token_version = self.token_version + 1
        changes = NO_FACTOR | {"totp_salt": self.totp_pending, "recovery_hashes": recovery_hashes}
        changes |= {"totp_step": step, "totp_first_step": step, "token_version": token_version}
        keep = partial(RefreshFamily.keep_in, family_id=session_id, token_version=token_version)
        self.change_together(changes, keep, *together)

    @classmethod
    def require_admin_in(cls, transaction: TransactWrite, account_id: str, *, rights: int | None = None) -> None:
        """Let a transaction fail unless this account is an active admin at that moment.

        `rights`: and has been one ever since its `rights_version` was this, without a break.
        """
        condition = cls.is_suspended.does_not_exist() | (cls.is_suspended == False)  # noqa: E712 - a condition
        if rights is not None:
            condition &= (cls.rights_version == rights) if rights else cls.rights_version.does_not_exist()
        transaction.condition_check(cls, account_id, condition=(cls.role == Role.ADMIN.value) & condition)

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

    def use_step(self, step: int) -> bool:
        """Note the time step of a code; False if it, or a later one, was used. Of simultaneous uses one succeeds."""
        is_later = Account.totp_step.does_not_exist() | (Account.totp_step < step)
        is_same = Account.totp_salt == self.totp_salt
        return self._use_factor([Account.totp_step.set(step)], is_same & is_later)

    def use_recovery_hash(self, recovery_hash: str) -> bool:
        """Delete a recovery code; False if it was used. Of simultaneous uses one succeeds."""
        actions: list[Action] = [Account.recovery_hashes.delete({recovery_hash})]
        return self._use_factor(actions, Account.recovery_hashes.contains(recovery_hash))

    def _use_factor(self, actions: list[Action], condition: Condition) -> bool:
        """Write one use of the second factor. A lost reply looks like a lost race, so the row tells which use won."""
        use = secrets.token_hex(8)
        try:
            if dynamodb.is_written(
                lambda: self.update(actions=[*actions, Account.factor_use.set(use)], condition=condition)
            ):
                return True
        except dynamodb.FAILURES:
            if not self._is_last_use(use):
                raise
            return True
        return self._is_last_use(use)

    def _is_last_use(self, use: str) -> bool:
        now = Account.find(self.id)
        return now is not None and now.factor_use == use

    def remove(self, *, keeps_texts: bool) -> None:
        """Delete the account, free its name and record its departure in one transaction. Safe to repeat."""
        departure = Departure(id=Departure.PREFIX + self.id, keeps_texts=keeps_texts)
        try:
            with dynamodb.transaction() as transaction:
                transaction.delete(self._claim())
                if self.confirmed_hash:
                    transaction.delete(UsernameClaim(id=f"mail:{self.confirmed_hash}"))
                transaction.delete(self, condition=Account.id.exists())
                transaction.save(departure)
                if self.invitation_id:
                    transaction.delete(Invitation(self.invitation_id))
        except dynamodb.FAILURES:
            if Account.find(self.id):
                raise


def _actions(changes: dict[str, Any]) -> list[Action]:
    actions: list[Action] = [Account.version.add(1)]
    for name, value in changes.items():
        attribute = getattr(Account, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    return actions
