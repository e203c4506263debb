"""Who is asking, and the lock on every route. The only place that reads Authorization and the session's cookie.

A view without a lock is refused: no route is open by accident. A bad token is refused on open routes too. Cookies count
on pages alone, and only where the lock asks who somebody is or the view does (`recognise`): what is the same for
everybody can lie in shared caches.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, request

from app.accounts import origins, sessions, throttle, tokens
from app.accounts.models import Account, Role
from app.core.errors import Forbidden, Unauthenticated
from app.http.headers import PRIVATE, READING

View = TypeVar("View", bound=Callable[..., Any])


class Who(StrEnum):
    """Who may call a route."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    REPORTER = "reporter"
    RESPONDER = "responder"
    ADMIN = "admin"


_SENTENCES = {
    Who.ANYONE: "For anyone; with a token, for oneself.",
    Who.ACCOUNT: "For signed-in people.",
    Who.REPORTER: "For the reporter: signed in, or with the report's edit token.",
    Who.RESPONDER: "For responders and admins.",
    Who.ADMIN: "For admins.",
}
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "The access token of POST /v1/tokens. For a report without an account: its edit token.",
}
_ROLES_FOR = {Who.RESPONDER: (Role.RESPONDER, Role.ADMIN), Who.ADMIN: (Role.ADMIN,)}


EDIT_PARAMETER = "token"  # of the private link to a report; no log holds what stands behind a question mark
_REPORT = "report_id"  # in the address of a page that is one report's


class Caller(NamedTuple):
    """Who sent this request: nobody known, an account, or the holder of one report's edit token."""

    account_id: str | None = None
    role: str | None = None
    edits_report: str | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None and self.edits_report is None

    @property
    def is_responder(self) -> bool:
        """Responder or admin."""
        return self.role in _ROLES_FOR[Who.RESPONDER]


def caller() -> Caller:
    """Who sent this request."""
    known: Caller = g.get("caller") or Caller()
    return known


def account() -> Account:
    """The caller's account as the lock has read it; only for routes that let nobody else in."""
    read: Account = g.account
    return read


def session_id() -> str:
    """The id of the caller's sign-in; only for routes that let nobody but accounts in."""
    family_id: str = g.session_id
    return family_id


def lock(who: Who) -> Callable[[View], View]:
    """Say who may call a view. Stands nearest to the function, so that all other decorators carry it on."""

    def mark(view: View) -> View:
        view.lock = who  # type: ignore[attr-defined]  # a mark on the function, which all decorators copy
        return view

    return mark


def lock_blueprint(blueprint: Blueprint, who: Who, *, has_pages: bool = False) -> None:
    """Give all views of a blueprint a lock, which a view's own overrides. Pages know people by their cookie too."""
    blueprint.default_lock = who  # type: ignore[attr-defined]  # a mark of ours on Flask's object
    blueprint.has_pages = has_pages  # type: ignore[attr-defined]  # another


def describe(operation: dict[str, Any], who: Who | None) -> None:
    """Add to an OpenAPI operation who may call it: as `security`, and as a sentence of its description."""
    bearer: list[dict[str, list[str]]] = [{"bearer": []}]
    operation["security"] = [{}, *bearer] if who == Who.ANYONE else bearer
    sentence = _SENTENCES[who] if who else "Nobody may call it."
    operation["description"] = f"{operation.get('description', '')}\n\n{sentence}".strip()


def guard(app: Flask) -> None:
    """Check every request against the lock of its route, before anything else reads it."""
    app.before_request(_check)
    app.after_request(_finish)


def _check() -> None:
    rule = request.url_rule
    is_answered_by_flask = rule is None or (
        request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)
    )
    if is_answered_by_flask:
        return
    blueprint = current_app.blueprints.get(request.blueprint or "")
    who, is_page = lock_of(current_app, request.endpoint or ""), getattr(blueprint, "has_pages", False)
    g.caller = _identify()
    if is_page and "Authorization" not in request.headers:
        if request.method not in READING:
            origins.refuse_foreign()
        if who != Who.ANYONE:
            recognise()
    _admit(g.caller, who)


def recognise() -> Caller:
    """Know the caller of a page by the private link to its report or by the session; the answer is then theirs alone.

    A link that holds no longer, or is another report's, lets nobody in, but keeps nobody out who is signed in.
    """
    if "Authorization" in request.headers:
        return caller()
    g.is_personal = True
    edited = _report_of_link()
    if edited and edited == (request.view_args or {})[_REPORT]:
        g.caller = Caller(edits_report=edited)
    elif found := sessions.find():
        g.account, g.session_id = found[0], found[1].id
        g.caller = Caller(account_id=found[0].id, role=found[0].role)
    elif edited:
        g.caller = Caller(edits_report=edited)
    return caller()


def is_private_link() -> bool:
    """Is this the private link to a report, whether or not it holds? On pages of no report a token says nothing."""
    return _REPORT in (request.view_args or {}) and EDIT_PARAMETER in request.args


def link_token() -> str:
    """The private link's token, where it is what lets the caller in."""
    return request.args.get(EDIT_PARAMETER, "") if caller().edits_report else ""


def _report_of_link() -> str | None:
    if not is_private_link():
        return None
    try:
        return tokens.read(request.args[EDIT_PARAMETER], tokens.Use.EDIT).subject
    except Unauthenticated:
        return None


def lock_of(app: Flask, endpoint: str) -> Who | None:
    """Who may call an endpoint: its view's own lock, else its blueprint's, else nobody."""
    blueprint = app.blueprints.get(endpoint.rpartition(".")[0])
    own: Who | None = getattr(app.view_functions[endpoint], "lock", None)
    return own or getattr(blueprint, "default_lock", None)


def _admit(asking: Caller, who: Who | None) -> None:
    """Raises Unauthenticated where signing in would help, Forbidden where it would not."""
    if who == Who.ANYONE:
        return
    if who is None:
        raise Forbidden("Nobody may call this address.")
    if asking.is_anonymous:
        raise Unauthenticated("Sign in first: send Authorization: Bearer and an access token.")
    if asking.edits_report and who != Who.REPORTER:
        raise Forbidden("An edit token serves to edit its report, and nothing else.")
    if who in _ROLES_FOR and asking.role not in _ROLES_FOR[who]:
        raise Forbidden(_SENTENCES[who])


def _identify() -> Caller:
    said = request.headers.get("Authorization")
    if said is None:
        return Caller()
    scheme, _, token = said.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Only Authorization: Bearer is taken here.")
    claims = tokens.read(token.strip(), tokens.Use.ACCESS, tokens.Use.EDIT)
    if claims.use == tokens.Use.EDIT:
        return Caller(edits_report=claims.subject)
    found, family = tokens.find_session(claims)
    g.account, g.session_id = found, family.id
    return Caller(account_id=found.id, role=found.role)


def _finish(response: Response) -> Response:
    if "limits" in g:
        response.headers.update(throttle.headers())
    if g.get("is_personal"):
        sessions.renew(response)
        response.headers["Cache-Control"] = PRIVATE
        response.vary.add("Cookie")
    return response
