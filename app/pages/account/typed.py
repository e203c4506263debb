"""Texts that were typed into a form of an account."""

from flask import request

from app.accounts import passwords
from app.core.errors import Invalid, Mistake

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


def beside(problem: Invalid, **fields: str) -> Invalid:
    """Return the mistakes beside the form's fields, where these have other names than the API's."""
    renamed = [
        one._replace(pointer=f"/{fields.get(one.pointer.removeprefix('/'), one.pointer.removeprefix('/'))}")
        for one in problem.mistakes
    ]
    return Invalid(renamed, problem.detail)
