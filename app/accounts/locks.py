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
    SUBSCRIBER = "subscriber"
    RESPONDER = "responder"
    ADMIN = "admin"
    KEY = "key"


MANAGE_PREFIX = "fs_"  # of a token that manages one subscription: app/alerts/tokens.py
SENTENCES = {
    Who.ANYONE: "For anyone; with a token, as that caller. Takes access, edit and visitor tokens.",
    Who.PERSON: "For anyone known by a token: an account, a visitor (POST /v1/visitors) or the holder of an edit "
    "token. Takes access, edit and visitor tokens.",
    Who.SIGNED_IN: "For signed-in people, also staff who have yet to set up a second factor. Takes access tokens.",
    Who.ACCOUNT: "For signed-in people. Takes access tokens.",
    Who.REPORTER: "For the reporter: signed in, or with the report's edit token. Takes access and edit tokens.",
    Who.SUBSCRIBER: "For the subscriber: signed in, or with the subscription's manage token. Takes access and manage "
    "tokens.",
    Who.RESPONDER: "For responders and admins. Takes access tokens.",
    Who.ADMIN: "For admins. Takes access tokens.",
    Who.KEY: "For programs.",
}
# Of an operation whose answer no token changes.
FOR_ALL_ALIKE = "For anyone; no token is needed, and a good one changes nothing. Takes access, edit and visitor tokens."
# Members `security` of operations for anyone that know who asks, if a token says so.
WITH_OR_WITHOUT: list[dict[str, list[str]]] = [{}, {"bearer": []}]
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token of POST /v1/tokens; the edit token of a report filed without an account, which "
    "begins with `fe_`; a visitor token of POST /v1/visitors, which begins with `fv_` and gives no access, only a "
    "limit of its own; the manage token of a subscription, which stands in its messages and begins with `fs_`; or an "
    "API key of POST /v1/me/api-keys, which begins with `fm_`. The description of each operation names those that it "
    "takes.",
}


def add_security_to(operation: dict[str, Any], who: Who | None, scopes: Collection[Scope] = ()) -> None:
    """Add to an OpenAPI operation who may call it: as `security`, and as a sentence of its description.

    One for anyone needs no security, unless it takes API keys or says itself that it knows who asks (WITH_OR_WITHOUT).
    """
    is_open = who == Who.ANYONE and not scopes and operation.get("security") != WITH_OR_WITHOUT
    if is_open:
        operation["security"] = []
    else:
        operation["security"] = WITH_OR_WITHOUT if who == Who.ANYONE else [{"bearer": []}]
    sentence = SENTENCES[who] if who else "It cannot be called."
    if is_open:
        sentence = FOR_ALL_ALIKE
    if scopes:
        is_for_keys = who == Who.KEY
        sentence = f"{sentence} Takes" if is_for_keys else f"{sentence[:-1]}, and"
        sentence += f" API keys with the scope {named(scopes)}."
    operation["description"] = f"{operation.get('description', '')}\n\n{sentence}".strip()


def named(scopes: Collection[Scope]) -> str:
    """Return the names of scopes as sentences have them."""
    return " or ".join(f"`{scope}`" for scope in sorted(scopes))
