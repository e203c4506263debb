"""Schemas of invitations to become a responder."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from app.accounts import areas, passwords
from app.api.account_fields import Password, Username
from app.api.area_fields import Areas
from app.core import clock
from app.http.fields import COMMON_MESSAGES, Text, Word
from app.http.schemas import PageSchema, StrictSchema
from app.review.inviting import LONGEST_NOTE, ROLES, TOKEN, Listed, State

PATH = "/invitation"


class InvitationToken(fields.String):
    """The token of an invitation, as its link has it after `#`."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be text."}

    def __init__(self, **rest: Any) -> None:
        described = {"description": "What stands after `#` in the link.", "example": f"fi_{'0' * 26}{'a' * 32}"}
        super().__init__(load_only=True, metadata={"pattern": f"^{TOKEN}$"} | described, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if not re.fullmatch(TOKEN, text):
            raise ValidationError("token|It is no token of an invitation: `fi_` and 58 letters and digits.")
        return text


class NewInvitationSchema(StrictSchema):
    """An invitation to make."""

    role = Word(ROLES, required=True, metadata={"description": "Only an admin can make another admin."})
    areas = Areas(
        load_default=[],
        metadata={"description": "Where the person may judge reports; without any, nowhere until an admin sets some."},
    )
    note = Text(
        shortest=0,
        longest=LONGEST_NOTE,
        load_default="",
        metadata={"description": "For admins, such as whom it is for. Gone 30 days after the invitation was made."},
    )


class InvitationSchema(StrictSchema):
    """An invitation as admins see it: never with its token."""

    id = fields.String(
        required=True, metadata={"description": "The id of the invitation.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    role = Word(ROLES, required=True, metadata={"description": "What the person becomes."})
    areas = Areas(required=True, metadata={"description": "Where the person may judge reports."})
    note = fields.String(
        required=True,
        metadata={"description": "What an admin noted, such as whom it is for.", "example": "Duty officer"},
    )
    state = Word(
        list(State),
        required=True,
        metadata={"description": "`ended`: by an admin, or because its maker has not been an admin all the time."},
    )
    made_by = fields.String(
        required=True,
        metadata={"description": "The id of an account, or `command`.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    created_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was made."})
    expires_at = fields.String(required=True, metadata={"format": "date-time", "description": "7 days later."})
    used_by = fields.String(required=True, allow_none=True, metadata={"description": "The id of the account."})
    used_at = fields.String(
        required=True,
        allow_none=True,
        metadata={"format": "date-time", "description": "When it was accepted; null: not yet."},
    )
    ended_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "description": "When an admin ended it."}
    )


class MadeInvitationSchema(InvitationSchema):
    """A new invitation with its link, which nothing shows again."""

    link = fields.String(
        required=True,
        metadata={"format": "uri", "description": "Works once. Give it to that person alone: who has it may use it."},
    )


class InvitationListSchema(PageSchema):
    """A page of invitations, newest first; those of the last 30 days."""

    items = fields.List(
        fields.Nested(InvitationSchema), required=True, metadata={"description": "The invitations, newest first."}
    )


class AcceptanceSchema(StrictSchema):
    """The acceptance of an invitation: by a new account, or by the one that is signed in."""

    token = InvitationToken(required=True)
    username = Username(
        metadata={
            "minLength": 3,
            "maxLength": 40,
            "description": "Required without a sign-in: the name of the new account. Refused with one.",
            "example": "duty-officer",
        }
    )
    password = Password(
        required=True,
        metadata={
            "description": f"Of the new account, at least {passwords.SHORTEST_OF_STAFF} characters; with a sign-in the "
            "present one, which confirms it and must be as long."
        },
    )


def invitation_form(listed: Listed) -> dict[str, Any]:
    """Return the fields of an invitation that admins see."""
    row = listed.invitation
    form: dict[str, Any] = InvitationSchema().dump(
        {
            "id": row.id,
            "role": row.role,
            "areas": areas.unpack(row.packed_areas),
            "note": row.note or "",
            "state": listed.state,
            "made_by": row.maker_id,
            "created_at": clock.rfc3339(int(row.created_at_ms)),
            "expires_at": clock.rfc3339(int(row.expires_at_ms)),
            "used_by": row.used_by,
            "used_at": clock.rfc3339_or_none(row.used_at_ms),
            "ended_at": clock.rfc3339_or_none(row.ended_at_ms),
        }
    )
    return form


def link_of(token: str, base: str) -> str:
    """Return the link of an invitation at a base URL. What stands after `#` no browser sends, so no log has it."""
    return f"{base}{PATH}#{token}"
