"""Schemas of API keys, in and out."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.accounts import api_keys, key_text
from app.accounts.key_models import ApiKey
from app.accounts.scopes import NOT_YET, Scope
from app.core import clock
from app.http.fields import COMMON_MESSAGES, Moment, Text, Word
from app.http.schemas import StrictSchema

LONGEST_NAME = 80
SCOPES = [str(scope) for scope in Scope]


class ScopeWord(Word):
    """A scope. One of a feature that is not built is a mistake of its own."""

    def __init__(self) -> None:
        super().__init__(SCOPES)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if value in NOT_YET:
            raise ValidationError("not-yet|This scope is for a part of the service that is not built yet.")
        word: str = super()._deserialize(value, attr, data, **rest)
        return word


class NewKeySchema(StrictSchema):
    """A key to be made."""

    name = Text(
        shortest=1,
        longest=LONGEST_NAME,
        required=True,
        metadata={"description": "For you, to tell your keys apart.", "example": "Gauge at the bridge"},
    )
    scopes = fields.List(
        ScopeWord(),
        required=True,
        validate=validate.Length(1, 10, error="length|It must name {min} to {max} scopes."),
        error_messages=COMMON_MESSAGES | {"invalid": "type|It must be a list of scopes."},
        metadata={
            "description": "What the key may do, at most what you may do at that moment: `reports:write` files, "
            "changes and withdraws your reports, `reports:import` sends many at once, `review` decides about reports.",
            "example": ["reports:write"],
        },
    )
    expires_at = Moment(
        metadata={
            "description": f"At most {api_keys.LONGEST_DAYS} days ahead, {api_keys.LONGEST_DAYS_OF_REVIEW} with the "
            "scope `review`. Default: that long."
        }
    )


class KeySchema(StrictSchema):
    """A key of one's own, without its secret."""

    id = fields.String(
        required=True, metadata={"description": "The id of the key; it gives no access.", "example": "k7qd3mzaxw5tp2ne"}
    )
    beginning = fields.String(
        required=True,
        metadata={
            "description": "How the key begins, so that you know it where it is found.",
            "example": "fm_k7qd3mzaxw5tp2ne",
        },
    )
    name = fields.String(
        required=True,
        metadata={"description": "Its name, for you to tell your keys apart.", "example": "Gauge at the bridge"},
    )
    scopes = fields.List(
        fields.String(), required=True, metadata={"description": "What it may do.", "example": ["reports:write"]}
    )
    created_at = fields.DateTime(required=True, metadata={"description": "When it was made."})
    expires_at = fields.DateTime(
        required=True, metadata={"description": "When it expires.", "example": "2026-07-05T10:15:00Z"}
    )
    last_used_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The beginning of the day (UTC) on which it was used last; null: never."},
    )
    is_valid = fields.Boolean(required=True, metadata={"description": "False if it has expired or was ended."})


class MadeKeySchema(KeySchema):
    """A new key. This answer is the only one that holds it whole."""

    key = fields.String(
        required=True,
        metadata={
            "description": f"Send it as `Authorization: Bearer`. It matches `{key_text.PATTERN}`.",
            "example": "fm_k7qd3mzaxw5tp2ne…",
        },
    )


class KeysSchema(StrictSchema):
    """One's own keys, newest first, also those that have expired within 30 days."""

    items = fields.List(fields.Nested(KeySchema), required=True, metadata={"description": "The keys, newest first."})


def key_form(row: ApiKey, *, is_counted: bool = True) -> dict[str, Any]:
    """Return the fields of a key that its owner sees; `is_counted`: its account still names it."""
    used_on = row.last_used_on
    return {
        "id": row.id,
        "beginning": key_text.beginning_of(row.id),
        "name": row.name,
        "scopes": sorted(row.scopes),
        "created_at": clock.rfc3339(int(row.created_at_ms)),
        "expires_at": clock.rfc3339(int(row.expires_at_ms)),
        "last_used_at": f"{used_on}T00:00:00Z" if used_on else None,
        "is_valid": is_counted and not row.is_over,
    }
