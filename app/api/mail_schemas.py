"""Schemas of lost passwords and of confirming an address."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.accounts import passwords
from app.accounts.one_time_links import LONGEST_TYPED
from app.api.account_schemas import Email, Password, refuse_weak_password
from app.http.fields import Text
from app.http.schemas import StrictSchema


class ResetAskedSchema(StrictSchema):
    """The person whose password is lost: a user name, or a confirmed address."""

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

    detail = fields.String(required=True, metadata={"description": "What happens now, in words."})
    expires_in = fields.Integer(
        required=True, metadata={"description": "Seconds for which a link would be good.", "example": 1800}
    )


class LinkTokenSchema(StrictSchema):
    token = Text(
        shortest=1,
        longest=LONGEST_TYPED,
        required=True,
        metadata={"description": "What stands after `#` in the link of the message; or the whole link."},
    )


class ResetUseSchema(LinkTokenSchema):
    password = Password(
        shortest=passwords.SHORTEST, required=True, metadata={"description": "The new one. Ends all sign-ins."}
    )

    @validates_schema(skip_on_field_errors=False)
    def _judge_password(self, data: dict[str, Any], **_: Any) -> None:
        refuse_weak_password(data)


class ConfirmedSchema(StrictSchema):
    """An address that was confirmed, and for which account."""

    username = fields.String(required=True, metadata={"description": "The account."})
    email = fields.String(required=True, metadata={"description": "The address, which gets its messages now."})
