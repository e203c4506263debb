"""Schemas of second factors, in and out."""

from marshmallow import fields

from app.api.account_schemas import CodeSchema, Password
from app.http.fields import Text
from app.http.schemas import StrictSchema


class OwnCodeSchema(CodeSchema):
    """One's password, and a code of the present second factor if there is one."""

    password = Password(required=True, metadata={"description": "The present one."})


class ConfirmationSchema(StrictSchema):
    code = Text(
        shortest=1,
        longest=20,
        required=True,
        metadata={"description": "The six digits that the app shows now.", "example": "123456"},
    )


class SecondFactorSchema(StrictSchema):
    """State of one's second factor."""

    has_second_factor = fields.Boolean(required=True)
    is_required = fields.Boolean(
        required=True, metadata={"description": "Whether this account may do nothing else without one."}
    )
    recovery_codes_left = fields.Integer(required=True)


class NewSecretSchema(StrictSchema):
    """A secret that awaits its first code."""

    secret = fields.String(required=True, metadata={"description": "In base32, to type into an app."})
    otpauth_uri = fields.String(required=True, metadata={"description": "What the QR code holds."})
    qr_svg = fields.String(
        required=True, metadata={"description": "The QR code as an SVG document; empty if the address is too long."}
    )


class RecoveryCodesSchema(StrictSchema):
    """Ten recovery codes, each good for one sign-in without the app."""

    recovery_codes = fields.List(fields.String(), required=True)
