"""The rows of the audit: who of the staff did what, in codes. They are put once and never changed."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NoReturn, Self

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.transactions import TransactWrite
from ulid import ULID

from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import AUDIT_ROW

ACTIONS = frozenset(
    """report.verified report.rejected report.merged report.undone report.corrected photo.shown photo.hidden
    photo.added photo.blurred photo.described photo.removed account.role_changed account.suspended account.restored
    account.areas_changed account.partner_changed invitation.made invitation.used invitation.ended
    second_factor.made second_factor.reset key.made key.ended switch.changed block.made block.ended
    exact_place.read export.made staff.signed_in""".split()
)
COMMAND = "command"  # the actor of an act on the command line, where no account is signed in
LONGEST_LIST = 300  # codes of one member: a page of exact places has at most 200
# Compiled at first use: a cold start needs none of them.
_CODE = r"[a-z0-9_.#:-]{1,64}"
_DECIMAL = r"[0-9]\.[0-9]"  # a coordinate
_ACTOR = rf"acc_[0-9a-z]{{1,60}}|{COMMAND}"
_REQUEST_ID = r"[A-Za-z0-9._-]{1,128}"  # as app/http/headers.py accepts them


def _new_id() -> str:
    return f"aud_{ULID()}".lower()


class NotACode(ValueError):
    """Error: an audit row would hold something else than ids, codes and names of fields. Names the member."""


class RowsByActor(GlobalSecondaryIndex[Any]):
    """Acts of an account by time. Both keys are in every row since the first release."""

    class Meta:
        index_name = "by_actor"
        projection = AllProjection()

    actor = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class RowsByAction(GlobalSecondaryIndex[Any]):
    """Acts of a kind by time; those of all kinds together are the whole audit. Both keys are in every row."""

    class Meta:
        index_name = "by_action"
        projection = AllProjection()

    action = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class AuditRow(dynamodb.Table):
    """One act of staff on one thing. `before` and `after` say by codes what changed: no texts, names or places."""

    class Meta(dynamodb.Meta):
        table_name = settings().table("audit")

    subject = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True, default_for_new=_new_id)
    actor = UnicodeAttribute()
    action = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    before: JSONAttribute = JSONAttribute(null=True)
    after: JSONAttribute = JSONAttribute(null=True)
    at_ms = NumberAttribute(attr_name="at", default_for_new=clock.now_ms)
    request_id = UnicodeAttribute(null=True)
    purge_at_s = NumberAttribute(
        attr_name="purge_at", default_for_new=lambda: clock.now_ms() // 1000 + AUDIT_ROW.seconds
    )

    by_actor = RowsByActor()
    by_action = RowsByAction()

    @classmethod
    def between(cls, key: str, value: str, *, low: str, high: str, limit: int) -> list[Self]:
        """Return the newest rows with a subject, actor or action, and an id from `low` to `high`, newest first.

        Fewer than `limit` only if there are no more. One query; DynamoDB refuses it until the index is complete.
        """
        query = {"actor": cls.by_actor.query, "action": cls.by_action.query}.get(key, cls.query)
        return list(query(value, cls.id.between(low, high), scan_index_forward=False, limit=limit, page_size=limit))

    @classmethod
    def images_between(cls, action: str, *, low: str, high: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of an action as they are stored, with an id from `low` to `high`."""
        start: Any = None
        while True:
            page = cls._get_connection().query(
                action, cls.id.between(low, high), index_name=RowsByAction.Meta.index_name, exclusive_start_key=start
            )
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    @classmethod
    def image_of(cls, subject: str, row_id: str) -> dict[str, Any] | None:
        """Return a row as it is stored; None if there is none."""
        page = cls._get_connection().query(subject, cls.id == row_id, consistent_read=True)
        return next(iter(page["Items"]), None)

    @classmethod
    def newest_of(cls, subject: str, *, limit: int, is_consistent: bool, begins: str = "") -> list[Self]:
        """Return the newest rows of a subject, newest first; those that this code cannot read are left out.

        `begins`: only those whose action begins so, however many others lie between.
        """
        wanted = cls.action.startswith(begins) if begins else None
        found = cls.query(
            subject, None, wanted, scan_index_forward=False, limit=limit, page_size=limit, consistent_read=is_consistent
        )
        return [row for row in found if cls._is_readable(row)]

    @property
    def is_readable(self) -> bool:
        """Return whether the row has all that this code needs; what it lacks is logged."""
        return self._is_readable()

    def is_stored(self) -> bool:
        """Return whether this very row is stored: whether a write whose reply was lost took place. Consistent."""
        return any(AuditRow.query(self.subject, AuditRow.id == self.id, consistent_read=True, limit=1))

    def put_in(self, transaction: TransactWrite) -> None:
        """Add the row to a transaction, so that an act and its row are stored together. Raises NotACode."""
        self._check()
        transaction.save(self, condition=_is_new())

    def put(self) -> None:
        """Store the row by itself. Raises NotACode, and what the database raises."""
        self._check()
        # No other row has this id: if it is there, a repeat after a lost reply has met our own row.
        dynamodb.is_written(partial(super().save, condition=_is_new()))

    def save(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a row is added by `put` or `put_in` only, which overwrite nothing."""
        raise NotImplementedError("An audit row is added by put() or put_in().")

    def update(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: an audit row never changes."""
        raise NotImplementedError("An audit row never changes.")

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: an audit row ends by its time alone."""
        raise NotImplementedError("An audit row ends by its time alone.")

    def _check(self) -> None:
        if self.action not in ACTIONS:
            raise NotACode("action is not one of ACTIONS")
        if not re.fullmatch(_ACTOR, self.actor):
            raise NotACode("actor is not the id of an account")
        if self.request_id and not is_request_id(self.request_id):
            raise NotACode("request_id is none")
        codes = {"subject": self.subject, "id": self.id} | ({"reason": self.reason} if self.reason else {})
        for name, value in codes.items():
            _check_code(name, value)
        for name, values in (("before", self.before), ("after", self.after)):
            _check_codes(name, values or {})


def is_request_id(text: str) -> bool:
    """Return whether a text may be kept as the id of a request; callers may send one, even with a place in it."""
    return bool(re.fullmatch(_REQUEST_ID, text)) and not re.search(_DECIMAL, text)


def _is_new() -> Condition:
    return AuditRow.id.does_not_exist()


def _check_codes(name: str, values: Mapping[str, Any]) -> None:
    for member, value in values.items():
        _check_code(f"a name in {name}", member)
        many = value if isinstance(value, list) else [value]
        if len(many) > LONGEST_LIST:
            raise NotACode(f"{name}.{member} has more than {LONGEST_LIST} codes")
        for one in many:
            _check_code(f"{name}.{member}", one)


def is_code(text: Any) -> bool:
    """Return whether a text is an id or a code, as audit rows hold them."""
    return isinstance(text, str) and bool(re.fullmatch(_CODE, text)) and not re.search(_DECIMAL, text)


def _check_code(name: str, value: Any) -> None:
    """Check one code. The message does not quote it: it may be what must not be kept. A decimal may be a place."""
    if value is None or isinstance(value, bool | int):
        return
    if not is_code(value):
        raise NotACode(f"{name} is not a code: 1 to 64 of a-z 0-9 _ . # : -, and no decimal number")
