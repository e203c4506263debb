"""The locks that a route may have, and their words in the API's description. app/accounts/auth.py checks them."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from app.accounts.scopes import Scope


class Who(StrEnum):
    """The callers that a route accepts."""

    ANYONE = "anyone"
    PERSON = "person"
    SIGNED_IN = "signed-in"
    ACCOUNT = "account"
    REPORTER = "reporter"
    RESPONDER = "responder"
    ADMIN = "admin"
    KEY = "key"


SENTENCES = {
    Who.ANYONE: "For anyone; with a token, as that caller. Takes access, edit and visitor tokens.",
    Who.PERSON: "For anyone known by a token: an account, a visitor (POST /v1/visitors) or the holder of an edit "
    "token. Takes access, edit and visitor tokens.",
    Who.SIGNED_IN: "For signed-in people, also staff who have yet to set up a second factor. Takes access tokens.",
    Who.ACCOUNT: "For signed-in people. Takes access tokens.",
    Who.REPORTER: "For the reporter: signed in, or with the report's edit token. Takes access and edit tokens.",
    Who.RESPONDER: "For responders and admins. Takes access tokens.",
    Who.ADMIN: "For admins. Takes access tokens.",
    Who.KEY: "For programs.",
}
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token of POST /v1/tokens; the edit token of a report filed without an account, which "
    "begins with `fe_`; a visitor token of POST /v1/visitors, which begins with `fv_` and gives no access, only a "
    "limit of its own; or an API key of POST /v1/me/api-keys, which begins with `fm_`. The description of each "
    "operation names those that it takes.",
}


def add_security_to(operation: dict[str, Any], who: Who | None, scopes: Collection[Scope] = ()) -> None:
    """Add to an OpenAPI operation who may call it: as `security`, and as a sentence of its description."""
    bearer: list[dict[str, list[str]]] = [{"bearer": []}]
    operation["security"] = [{}, *bearer] if who == Who.ANYONE else bearer
    sentence = SENTENCES[who] if who else "It cannot be called."
    if scopes:
        is_for_keys = who == Who.KEY
        sentence = f"{sentence} Takes" if is_for_keys else f"{sentence[:-1]}, and"
        sentence += f" API keys with the scope {named(scopes)}."
    operation["description"] = f"{operation.get('description', '')}\n\n{sentence}".strip()


def named(scopes: Collection[Scope]) -> str:
    """Return the names of scopes as sentences have them."""
    return " or ".join(f"`{scope}`" for scope in sorted(scopes))
