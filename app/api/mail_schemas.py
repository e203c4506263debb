"""Schemas of lost passwords and of confirming an address."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from app.accounts import passwords
from app.accounts.one_time_links import LONGEST_TYPED
from app.api.account_fields import Email, Password
from app.api.account_schemas import refuse_weak_password
from app.http.fields import Text
from app.http.schemas import StrictSchema


class ResetAskedSchema(StrictSchema):
    """The person whose password is lost: a user name, or a confirmed address."""

    example: ClassVar = {"username": "river-watcher"}

    username = Text(shortest=1, longest=200, metadata={"description": "In any case.", "example": "river-watcher"})
    email = Email(metadata={"description": "A confirmed one, instead of `username`.", "example": "name@example.org"})

    @validates_schema(skip_on_field_errors=False)
    def _require_one(self, data: dict[str, Any], **_: Any) -> None:
        if "username" in data and "email" in data:
            raise ValidationError("both|Send username or email, not both.", "email")
        if not {"username", "email"} & data.keys():
            raise ValidationError("required|It is required, or email.", "username")


class ResetAnswerSchema(StrictSchema):
    """The same answer, whether there is such a person or not."""

    detail = fields.String(
        required=True,
        metadata={
            "description": "What happens now, in words.",
            "example": "If there is a confirmed address, a message with a link is on its way to it.",
        },
    )
    expires_in = fields.Integer(
        required=True, metadata={"description": "Seconds for which a link would be good.", "example": 1800}
    )


class LinkTokenSchema(StrictSchema):
    """The token of a link in a message."""

    token = Text(
        shortest=1,
        longest=LONGEST_TYPED,
        required=True,
        metadata={
            "description": "What stands after `#` in the link of the message; or the whole link.",
            "example": "k7qd3mzaxw5tp2nek7qd3mzaxw5tp2ne",
        },
    )


class ResetUseSchema(LinkTokenSchema):
    """A new password, by the link of a message."""

    password = Password(
        shortest=passwords.SHORTEST, required=True, metadata={"description": "The new one. Ends all sign-ins."}
    )

    @validates_schema(skip_on_field_errors=False)
    def _judge_password(self, data: dict[str, Any], **_: Any) -> None:
        refuse_weak_password(data)


class ConfirmedSchema(StrictSchema):
    """An address that was confirmed, and for which account."""

    username = fields.String(required=True, metadata={"description": "The account.", "example": "river-watcher"})
    email = fields.String(
        required=True,
        metadata={"description": "The address, which gets its messages now.", "example": "name@example.org"},
    )
