"""Texts that were typed into a form of an account."""

from flask import request
from marshmallow import Schema, ValidationError

from app.accounts import passwords
from app.core.errors import Invalid, Mistake
from app.http.schemas import mistakes_in

# One more than any field accepts, so that a text that is too long stays so.
LONGEST_TYPED = passwords.LONGEST_TYPED + 1


def typed(name: str) -> str:
    """Return the text of a field; empty without one."""
    return request.form.get(name, "")[:LONGEST_TYPED]


def require(**texts: str) -> None:
    """Require texts that are not empty, by the names of their fields; raises Invalid with all that are."""
    missing = [Mistake(f"/{name}", "required", "It is required.") for name, text in texts.items() if not text]
    if missing:
        raise Invalid(missing)


def loaded(schema: Schema, **values_typed: str) -> dict[str, str]:
    """Validate the form's values with the API's schema. Raises Invalid."""
    try:
        values: dict[str, str] = schema.load(values_typed)
    except ValidationError as error:
        raise Invalid(mistakes_in({"json": error.messages})) from error
    return values


def beside(problem: Invalid, **fields: str) -> Invalid:
    """Return the mistakes beside the form's fields, where these have other names than the API's."""
    renamed = [
        one._replace(pointer=f"/{fields.get(one.pointer.removeprefix('/'), one.pointer.removeprefix('/'))}")
        for one in problem.mistakes
    ]
    return Invalid(renamed, problem.detail)
