"""Register and sign in for the old clients, with the rules, limits and accounts of `/v1`."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.accounts import registration, second_factor, signing_in
from app.accounts.models import Account
from app.api.account_schemas import NewAccountSchema, SignInSchema
from app.core.errors import Conflict, Invalid, Malformed, SecondFactorNeeded, SecondFactorRequired, Unauthenticated
from app.http.schemas import load
from app.legacy import bodies
from app.switches import current

TAKEN = "Username already exists"
WRONG = "Incorrect username or password"
ELSEWHERE = "This account signs in with a second factor, which this app cannot ask for. Use the website."


def register(body: Mapping[str, Any]) -> None:
    """Make an account. Names, postcodes and e-mail addresses that one client sends along are not kept.

    Raises Malformed with the sentence for the client's user, or TooMany.
    """
    credentials = bodies.credentials(body)
    try:
        values = load(NewAccountSchema(), credentials)
    except Invalid as problem:
        raise Malformed(bodies.in_words(problem.mistakes)) from problem
    try:
        current.require_registrations()
        registration.register_resident(**values)
    except Conflict as error:
        raise Malformed(TAKEN) from error


def authenticate(body: Mapping[str, Any]) -> Account:
    """Return the account of a name and its password. Raises Malformed, or after too many attempts TooMany.

    These clients cannot send a code: an account that has a second factor, or needs one, does not sign in here.
    """
    credentials = bodies.credentials(body)
    try:
        values: dict[str, str] = SignInSchema().load(credentials)
        account = signing_in.authenticate(values["username"], values["password"])
        second_factor.refuse_if_lacking(account)
    except (SecondFactorNeeded, SecondFactorRequired) as error:
        raise Malformed(ELSEWHERE) from error
    except (ValidationError, Unauthenticated) as error:
        raise Malformed(WRONG) from error
    return account
