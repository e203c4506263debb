"""Schemas of accounts and tokens, in and out."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from app.accounts import areas, passwords
from app.accounts.models import Account, Role
from app.accounts.second_factor import Code
from app.api.account_fields import Email, Password, Username
from app.api.area_fields import Areas
from app.core import clock
from app.http.fields import Text, Word
from app.http.schemas import StrictSchema

BLANK_TEXTS, KEEP_TEXTS = "blank", "keep"


class NewAccountSchema(StrictSchema):
    """A new account."""

    username = Username(
        required=True,
        metadata={
            "minLength": 3,
            "maxLength": 40,
            "description": "Letters, digits, . _ -; `Bob` and `bob` are one.",
            "example": "river-watcher",
        },
    )
    password = Password(
        shortest=passwords.SHORTEST,
        required=True,
        metadata={
            "description": "Neither among the most used nor made of the user name. Blanks count, in a row as one."
        },
    )
    email = Email(
        allow_none=True,
        metadata={
            "description": "For messages about the account, once a link in one has confirmed it. null or absent: none.",
            "example": "name@example.org",
        },
    )

    @validates_schema(skip_on_field_errors=False)
    def _judge_password(self, data: dict[str, Any], **_: Any) -> None:
        refuse_weak_password(data)


class AccountSchema(StrictSchema):
    """An account as its owner sees it after registering."""

    id = fields.String(
        required=True, metadata={"description": "The account's id.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    username = fields.String(
        required=True, metadata={"description": "The user name as it was written.", "example": "river-watcher"}
    )
    role = fields.String(
        required=True,
        metadata={
            "enum": [role.value for role in Role],
            "description": "A resident files reports, a responder judges them as well, an admin sets up the service.",
        },
    )
    created_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was made."})


class MeSchema(AccountSchema):
    """One's own account."""

    email = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As its owner has stated it.", "example": "name@example.org"},
    )
    confirmed_email = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The address that gets messages, and brings back a lost password. Until `email` is "
            "confirmed it is another one, or null.",
            "example": "name@example.org",
        },
    )
    areas = Areas(required=True, metadata={"description": "Where a responder may judge reports; an admin everywhere."})


class MeChangeSchema(StrictSchema):
    """Changes of one's own account; what is not named stays."""

    email = Email(
        allow_none=True,
        metadata={
            "example": "name@example.org",
            "description": "null removes it. Another one gets a message by which it is confirmed; until then the one "
            "before stays in force.",
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
    """The wish to leave: the account and all that names its person are erased."""

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
    """A name and a password, with a code where a second factor is set up."""

    example: ClassVar = {"username": "river-watcher", "password": "a wet november evening"}

    username = Text(
        shortest=1,
        longest=200,
        required=True,
        metadata={"description": "The user name, in any letter case.", "example": "river-watcher"},
    )
    password = Password(required=True, metadata={"description": "The account's password."})


class RefreshSchema(StrictSchema):
    """The refresh token of a session."""

    refresh_token = Text(
        shortest=1,
        longest=2000,
        required=True,
        metadata={
            "description": "The newest one of the session; each is good once.",
            "example": "eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJyZWZyZXNoIn0.c2ln",
        },
    )


class VisitorSchema(StrictSchema):
    """A token for a person without an account."""

    visitor_token = fields.String(
        required=True,
        metadata={
            "description": "It begins with `fv_`.",
            "example": "fv_eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJ2aXNpdG9yIn0.c2ln",
        },
    )
    expires_at = fields.DateTime(required=True, metadata={"description": "30 days after it was issued."})


class PairSchema(StrictSchema):
    """Tokens of a session."""

    access_token = fields.String(
        required=True,
        metadata={
            "description": "Send it as `Authorization: Bearer`.",
            "example": "eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJhY2Nlc3MifQ.c2ln",
        },
    )
    token_type = fields.String(
        required=True, metadata={"enum": ["Bearer"], "description": "The scheme of `Authorization`."}
    )
    expires_in = fields.Integer(
        required=True, metadata={"description": "Lifetime of the access token in seconds.", "example": 900}
    )
    refresh_token = fields.String(
        required=True,
        metadata={
            "description": "Valid once; the answer holds the next one.",
            "example": "eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJyZWZyZXNoIn0.c2ln",
        },
    )


class SignedInSchema(PairSchema):
    """Tokens of a new session, and the mark of its device."""

    device_token = fields.String(
        required=True,
        metadata={
            "description": "For the header `Device-Token` at the next sign-in on this device, for 180 days. It "
            "gives no access.",
            "example": "ZGV2aWNl.c2ln",
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
