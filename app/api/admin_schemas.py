"""Schemas of accounts as admins see and change them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.accounts import areas
from app.accounts.models import Account, Role
from app.accounts.usernames import LONGEST_NAME_TYPED
from app.api.area_fields import Areas
from app.api.list_query import PageQuery
from app.core import clock
from app.http.fields import COMMON_MESSAGES, Text, Word
from app.http.schemas import PageSchema, StrictSchema
from app.review.staff import REASONS

CHANGES = ("role", "areas", "is_suspended", "is_partner")


class Truth(fields.Boolean):
    """true or false; no text and no number."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class AccountsQuery(PageQuery):
    """Filters and page of the list of accounts."""

    query = Text(
        shortest=1,
        longest=LONGEST_NAME_TYPED,
        metadata={"description": "The beginning of the user name, in any letter case.", "example": "river"},
    )
    role = Word(list(Role), metadata={"description": "Accounts of one role."})
    is_suspended = Word(
        ["true", "false"], metadata={"description": "Only accounts that are suspended, or only those that are not."}
    )


class AccountChangeSchema(StrictSchema):
    """A change of an account: what is not named stays."""

    role = Word(
        list(Role),
        metadata={
            "description": "A person who stops being a responder loses the areas.",
            "example": str(Role.RESPONDER),
        },
    )
    areas = Areas(
        metadata={"description": "Where a responder may judge reports, instead of the areas of before; [] is nowhere."}
    )
    is_suspended = Truth(
        metadata={"description": "true ends all sign-ins and API keys, and refuses new ones; false lifts that."}
    )
    is_partner = Truth(
        metadata={
            "description": "Whether it is an organisation that works with this service: what it imports by an API key "
            "counts for more, and has a limit of its own."
        }
    )
    reason = Word(REASONS, required=True, metadata={"description": "Kept in the audit."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_change(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require something to change."""
        if isinstance(original, Mapping) and not any(name in original for name in CHANGES):
            raise ValidationError(f"required|Give at least one of {', '.join(CHANGES)}.")


class ListedAccountSchema(StrictSchema):
    """An account as admins see it."""

    id = fields.String(
        required=True, metadata={"description": "The account's id.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    username = fields.String(
        required=True, metadata={"description": "The user name as it was written.", "example": "river-watcher"}
    )
    role = fields.String(
        required=True, metadata={"enum": [role.value for role in Role], "description": "What the account may do."}
    )
    areas = Areas(required=True, metadata={"description": "Where a responder may judge reports."})
    is_suspended = fields.Boolean(
        required=True, metadata={"description": "Whether it can neither sign in nor use its keys.", "example": False}
    )
    suspended_for = fields.String(
        required=True, allow_none=True, metadata={"description": "The code of the reason for a suspension."}
    )
    is_partner = fields.Boolean(
        required=True,
        metadata={"description": "Whether it is an organisation that works with this service.", "example": False},
    )
    has_second_factor = fields.Boolean(required=True, metadata={"description": "Whether a sign-in asks for a code."})
    created_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was made."})


class AccountListSchema(PageSchema):
    """A page of accounts by user name. It may be short, even empty, with more behind it."""

    items = fields.List(
        fields.Nested(ListedAccountSchema), required=True, metadata={"description": "The accounts, by user name."}
    )


def listed_form(account: Account) -> dict[str, Any]:
    """Return the fields of an account that admins see: no e-mail address."""
    form: dict[str, Any] = ListedAccountSchema().dump(
        {
            "id": account.id,
            "username": account.username,
            "role": account.role,
            "areas": areas.unpack(account.packed_areas),
            "is_suspended": bool(account.is_suspended),
            "suspended_for": account.suspended_for,
            "is_partner": bool(account.is_partner),
            "has_second_factor": account.has_second_factor,
            "created_at": clock.rfc3339(int(account.created_at_ms)),
        }
    )
    return form
