"""Schemas of second factors, in and out."""

from typing import ClassVar

from marshmallow import fields

from app.api.account_fields import Password
from app.api.account_schemas import CodeSchema
from app.http.fields import Text
from app.http.schemas import StrictSchema


class OwnCodeSchema(CodeSchema):
    """One's password, and a code of the present second factor if there is one."""

    example: ClassVar = {"password": "a wet november evening", "totp": "123456"}

    password = Password(required=True, metadata={"description": "The present one."})


class ConfirmationSchema(StrictSchema):
    """The first code of a new second factor."""

    code = Text(
        shortest=1,
        longest=20,
        required=True,
        metadata={"description": "The six digits that the app shows now.", "example": "123456"},
    )


class SecondFactorSchema(StrictSchema):
    """State of one's second factor."""

    has_second_factor = fields.Boolean(required=True, metadata={"description": "Whether a sign-in asks for a code."})
    is_required = fields.Boolean(
        required=True, metadata={"description": "Whether this account may do nothing else without one."}
    )
    recovery_codes_left = fields.Integer(
        required=True, metadata={"description": "How many recovery codes were not used yet.", "example": 10}
    )


class NewSecretSchema(StrictSchema):
    """A secret that awaits its first code."""

    secret = fields.String(
        required=True,
        metadata={"description": "In base32, to type into an app.", "example": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"},
    )
    otpauth_uri = fields.String(
        required=True,
        metadata={
            "description": "What the QR code holds.",
            "example": "otpauth://totp/FloodManager:river-watcher?secret=JBSWY3DPEHPK3PXP&issuer=FloodManager",
        },
    )
    qr_svg = fields.String(
        required=True,
        metadata={
            "description": "The QR code as an SVG document; empty if the address is too long.",
            "example": '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        },
    )


class RecoveryCodesSchema(StrictSchema):
    """Ten recovery codes, each good for one sign-in without the app."""

    recovery_codes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The codes. Nothing shows them again.", "example": ["k7qd-3mza-xw5t-p2ne"]},
    )
