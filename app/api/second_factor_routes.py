"""Routes of one's own second factor."""

from typing import Any

from flask import Response

from app.accounts import auth, enrolment, second_factor
from app.accounts.auth import Who, lock
from app.api import exact_places
from app.api.account_schemas import code_of
from app.api.second_factor_schemas import (
    ConfirmationSchema,
    NewSecretSchema,
    OwnCodeSchema,
    RecoveryCodesSchema,
    SecondFactorSchema,
)
from app.core.qr_code import QrCode
from app.http.answers import json_answer
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery
from app.review import staff

blueprint = Blueprint("second_factor", __name__, description="A second factor for one's own sign-ins.")
ADDRESS = "/v1/me/totp"


blueprint.after_request(keep_private)


@blueprint.get(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, SecondFactorSchema)
@lock(Who.SIGNED_IN)
def read_second_factor() -> Response:
    """Read whether one's account has a second factor, whether it needs one, and how many recovery codes are left."""
    account = auth.account()
    body = {
        "has_second_factor": account.has_second_factor,
        "is_required": second_factor.is_required_of(account),
        "recovery_codes_left": len(account.recovery_hashes or ()),
    }
    return json_answer(SecondFactorSchema().dump(body), cache=PRIVATE)


@blueprint.post(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(OwnCodeSchema)
@blueprint.response(201, NewSecretSchema, headers=["Location"])
@lock(Who.SIGNED_IN)
def create_second_factor(values: dict[str, str]) -> Response:
    """Make a secret for an app that makes codes (TOTP, RFC 6238), by one's password.

    It counts once PUT has confirmed it with a code, within an hour. Who has a second factor already sends a code of it
    too; until then the one before stays good. The answer is the only one with the secret.
    """
    made = enrolment.begin(auth.account(), values["password"], code_of(values))
    code = QrCode.of(made.otpauth_uri)
    body = NewSecretSchema().dump({**made._asdict(), "qr_svg": code.svg if code else ""})
    return json_answer(body, status=201, cache=PRIVATE, headers={"Location": ADDRESS})


@blueprint.put(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(ConfirmationSchema)
@blueprint.response(200, RecoveryCodesSchema)
@lock(Who.SIGNED_IN)
def confirm_second_factor(values: dict[str, str]) -> Response:
    """Confirm the new secret with a code of the app; from then on sign-in asks for one.

    Answers ten recovery codes, which no later answer has; the same code sent again at once answers the same ones. All
    other sign-ins of the account end.
    """
    account = auth.account()
    rows = staff.own_factor_rows(account, "second_factor.made", by=exact_places.by())
    codes = enrolment.confirm(
        account, values["code"], session_id=auth.session_id(), together=[row.put_in for row in rows]
    )
    return json_answer(RecoveryCodesSchema().dump({"recovery_codes": codes}), cache=PRIVATE)


@blueprint.delete(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(OwnCodeSchema)
@blueprint.response(204)
@lock(Who.SIGNED_IN)
def remove_second_factor(values: dict[str, Any]) -> Response:
    """Take one's second factor away, by one's password and a code. Where it is required (409), it can be replaced."""
    account = auth.account()
    rows = staff.own_factor_rows(account, "second_factor.reset", by=exact_places.by())
    enrolment.take_away(account, values["password"], code_of(values), together=[row.put_in for row in rows])
    return Response(status=204)
