"""Schemas of one's own sessions."""

from typing import Any

from marshmallow import fields

from app.accounts import devices, session_limits
from app.accounts.models import Account
from app.accounts.session_models import API, PAGES, RefreshFamily
from app.core import clock
from app.http.schemas import PageSchema, StrictSchema


class SessionSchema(StrictSchema):
    """A session in force: a sign-in that has not ended."""

    id = fields.String(
        required=True,
        metadata={
            "description": "For ending it; no secret, it gives no access. The same as in the export.",
            "example": "fam_01kb3vd5q0w8x4m9n2c7r6t5ya",
        },
    )
    began_at = fields.DateTime(required=True, metadata={"description": "When the person signed in."})
    last_used_at = fields.DateTime(
        required=True,
        metadata={
            "description": "When it was used last, coarsely: a use is noted once in 72 minutes, of responders and "
            "admins once in 3, and at each refresh."
        },
    )
    expires_at = fields.DateTime(
        required=True,
        metadata={
            "description": "When it ends if it is not used: 12 hours after the last use, of responders and admins 30 "
            "minutes; however much it is used, 7 days after it began, of responders and admins 12 hours."
        },
    )
    is_current = fields.Boolean(required=True, metadata={"description": "Whether this request belongs to it."})
    kind = fields.String(
        required=True,
        allow_none=True,
        metadata={"enum": [PAGES, API, None], "description": "Null if an earlier release has begun it."},
    )
    device = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The browser and system that the device named at the sign-in, which can be made up; null if "
            "it named none that is known.",
            "example": "Firefox, Android",
        },
    )
    is_known_device = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={
            "description": "Whether the account was signed in on that device before: it sent its `Device-Token`, or "
            "the pages' cookie. Null if an earlier release has begun it."
        },
    )
    has_second_factor = fields.Boolean(
        required=True, metadata={"description": "Whether a code of a second factor was given, or one was set up in it."}
    )


class SessionPageSchema(PageSchema):
    """A page of one's own sessions in force, newest first."""

    items = fields.List(
        fields.Nested(SessionSchema), required=True, metadata={"description": "The sessions, newest first."}
    )
    complete_to = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={
            "description": "Only where a page ended early, because most of very many sign-ins have ended: the time "
            "down to which it is complete. `next_cursor` goes on from it."
        },
    )


def session_form(family: RefreshFamily, account: Account, *, own_id: str) -> dict[str, Any]:
    """Return a session as its person sees it."""
    return {
        "id": family.id,
        "began_at": clock.rfc3339(family.started_at_ms or 0),
        "last_used_at": clock.rfc3339(family.last_used_at_ms),
        "expires_at": clock.rfc3339(session_limits.last_second_unused(family, account.role) * 1000),
        "is_current": family.id == own_id,
        "kind": family.kind,
        "device": devices.name_of(family.device) or None,
        "is_known_device": family.is_known_device,
        "has_second_factor": bool(family.has_second_factor),
    }
