"""Schemas of accounts and tokens, in and out."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.accounts import areas, names, passwords
from app.accounts.models import Account, Role
from app.accounts.second_factor import Code
from app.accounts.usernames import LONGEST_NAME_TYPED
from app.api.area_fields import Areas
from app.core import clock
from app.http.fields import COMMON_MESSAGES, Text, Word
from app.http.schemas import StrictSchema
from app.mail import addresses

BLANK_TEXTS, KEEP_TEXTS = "blank", "keep"
_TEXT_MESSAGES: dict[str, Any] = COMMON_MESSAGES | {"invalid": "type|It must be text."}


class Username(fields.String):
    """A new user name, kept as written (in Unicode NFC)."""

    default_error_messages = _TEXT_MESSAGES

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if len(text) <= LONGEST_NAME_TYPED:
            text = unicodedata.normalize("NFC", text)
        if faults := names.faults(text):
            raise ValidationError(faults)
        return text


class Password(fields.String):
    """A password as typed: neither trimmed nor checked, except its length."""

    default_error_messages = _TEXT_MESSAGES

    def __init__(self, *, shortest: int = 1, **rest: Any) -> None:
        self.shortest = shortest
        described = {"format": "password", "minLength": shortest, "maxLength": passwords.LONGEST}
        super().__init__(load_only=True, metadata=described | rest.pop("metadata", {}), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = passwords.normalise(super()._deserialize(value, attr, data, **rest))
        if not self.shortest <= len(text) <= passwords.LONGEST:
            limits = f"{self.shortest} to {passwords.LONGEST}"
            raise ValidationError(f"length|It must have {limits} characters; it has {len(text)}.")
        return text


class Email(Text):
    """An e-mail address of a person. Only a link in a message to it proves one."""

    def __init__(self, **rest: Any) -> None:
        described = {"format": "email"} | rest.pop("metadata", {})
        super().__init__(shortest=3, longest=addresses.LONGEST, metadata=described, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if faults := addresses.faults(text):
            raise ValidationError(faults)
        return text


class NewAccountSchema(StrictSchema):
    username = Username(
        required=True,
        metadata={"minLength": 3, "maxLength": 40, "description": "Letters, digits, . _ -; `Bob` and `bob` are one."},
    )
    password = Password(
        shortest=passwords.SHORTEST,
        required=True,
        metadata={
            "description": "Neither among the most used nor made of the user name. Blanks count, in a row as one."
        },
    )
    email = Email(allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def _judge_password(self, data: dict[str, Any], **_: Any) -> None:
        refuse_weak_password(data)


class AccountSchema(StrictSchema):
    """An account as its owner sees it after registering."""

    id = fields.String(required=True)
    username = fields.String(required=True)
    role = fields.String(required=True, metadata={"enum": [role.value for role in Role]})
    created_at = fields.String(required=True, metadata={"format": "date-time"})


class MeSchema(AccountSchema):
    """One's own account."""

    email = fields.String(required=True, allow_none=True, metadata={"description": "As its owner has stated it."})
    confirmed_email = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The address that gets messages, and brings back a lost password. Until `email` is "
            "confirmed it is another one, or null."
        },
    )
    areas = Areas(required=True, metadata={"description": "Where a responder may judge reports; an admin everywhere."})


class MeChangeSchema(StrictSchema):
    email = Email(
        allow_none=True,
        metadata={
            "description": "null removes it. Another one gets a message by which it is confirmed; until then the one "
            "before stays in force."
        },
    )
    password = Password(shortest=passwords.SHORTEST, metadata={"description": "Ends all sign-ins, this one too."})
    current_password = Password(
        metadata={
            "description": "Required with `password`; and with `email` where mail is set up, unless the sign-in is "
            "younger than 15 minutes."
        }
    )

    @validates_schema(skip_on_field_errors=False)
    def _judge_password(self, data: dict[str, Any], **_: Any) -> None:
        refuse_weak_password(data)

    @validates_schema(skip_on_field_errors=False)
    def _require_current(self, data: dict[str, Any], **_: Any) -> None:
        if "password" in data and "current_password" not in data:
            raise ValidationError("required|It is required to set a new password.", "current_password")


class LeavingSchema(StrictSchema):
    password = Password(required=True, metadata={"description": "The present one."})
    reports = Word(
        [BLANK_TEXTS, KEEP_TEXTS],
        load_default=BLANK_TEXTS,
        metadata={"description": "What becomes of the titles and descriptions of one's reports."},
    )


class CodeSchema(StrictSchema):
    """A code of a second factor: one of the app, or a recovery code."""

    totp = Text(
        shortest=1,
        longest=20,
        metadata={"description": "The six digits that the person's app shows now.", "example": "123456"},
    )
    recovery_code = Text(
        shortest=1,
        longest=60,
        metadata={"description": "Instead of `totp`: one that was not used yet.", "example": "k7qd-3mza-xw5t-p2ne"},
    )

    @validates_schema(skip_on_field_errors=False)
    def _refuse_both(self, data: dict[str, Any], **_: Any) -> None:
        if "totp" in data and "recovery_code" in data:
            raise ValidationError("both|Send totp or recovery_code, not both.", "recovery_code")


class SignInSchema(CodeSchema):
    username = Text(shortest=1, longest=200, required=True)
    password = Password(required=True)


class RefreshSchema(StrictSchema):
    refresh_token = Text(shortest=1, longest=2000, required=True)


class VisitorSchema(StrictSchema):
    """A token for a person without an account."""

    visitor_token = fields.String(required=True, metadata={"description": "It begins with `fv_`."})
    expires_at = fields.DateTime(required=True, metadata={"description": "30 days after it was issued."})


class PairSchema(StrictSchema):
    """Tokens of a session."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, metadata={"enum": ["Bearer"]})
    expires_in = fields.Integer(required=True, metadata={"description": "Lifetime of the access token in seconds."})
    refresh_token = fields.String(required=True, metadata={"description": "Valid once; the answer holds the next one."})


class SignedInSchema(PairSchema):
    """Tokens of a new session, and the mark of its device."""

    device_token = fields.String(
        required=True,
        metadata={
            "description": "For the header `Device-Token` at the next sign-in on this device, for 180 days. It "
            "gives no access."
        },
    )


def refuse_weak_password(data: dict[str, Any]) -> None:
    """Check a password without knowing the account; the code that stores it checks again with the account."""
    faults = (
        passwords.faults(data["password"], username=data.get("username", ""), role=Role.RESIDENT)
        if "password" in data
        else []
    )
    if faults:
        raise ValidationError(faults, "password")


def code_of(values: Mapping[str, str]) -> Code:
    """Return the code of a body; none if there is none."""
    return Code(values.get("totp", ""), values.get("recovery_code", ""))


def account_form(account: Account) -> dict[str, Any]:
    """Return the fields of an account that its owner may see."""
    return {
        "id": account.id,
        "username": account.username,
        "role": account.role,
        "email": account.email,
        "confirmed_email": account.confirmed_email,
        "areas": areas.unpack(account.packed_areas),
        "created_at": clock.rfc3339(int(account.created_at_ms)),
    }
