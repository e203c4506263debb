"""Authenticate callers, and check the lock of every route. Only this module reads Authorization and the cookie.

A view without a lock is refused, so that no route is open by accident. A bad token is refused on open routes too.
Cookies count on pages only, and only where the lock or the view (`recognise`) needs to know the caller: answers that
are the same for everyone can be in shared caches.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, request

from app.accounts import areas, origins, second_factor, sessions, throttle, tokens
from app.accounts.models import Account, Role
from app.accounts.session_models import RefreshFamily
from app.core.errors import Forbidden, SecondFactorRequired, Unauthenticated
from app.http.headers import PRIVATE, READING

View = TypeVar("View", bound=Callable[..., Any])


class Who(StrEnum):
    """The callers that a route accepts."""

    ANYONE = "anyone"
    PERSON = "person"
    SIGNED_IN = "signed-in"
    ACCOUNT = "account"
    REPORTER = "reporter"
    RESPONDER = "responder"
    ADMIN = "admin"


_SENTENCES = {
    Who.ANYONE: "For anyone; with a token, as that caller. Takes access, edit and visitor tokens.",
    Who.PERSON: "For anyone known by a token: an account, a visitor (POST /v1/visitors) or the holder of an edit "
    "token. Takes access, edit and visitor tokens.",
    Who.SIGNED_IN: "For signed-in people, also staff who have yet to set up a second factor. Takes access tokens.",
    Who.ACCOUNT: "For signed-in people. Takes access tokens.",
    Who.REPORTER: "For the reporter: signed in, or with the report's edit token. Takes access and edit tokens.",
    Who.RESPONDER: "For responders and admins. Takes access tokens.",
    Who.ADMIN: "For admins. Takes access tokens.",
}
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token of POST /v1/tokens; the edit token of a report filed without an account, which "
    "begins with `fe_`; or a visitor token of POST /v1/visitors, which begins with `fv_` and gives no access, only a "
    "limit of its own. The description of each operation names those that it takes.",
}
_ROLES_FOR = {Who.RESPONDER: (Role.RESPONDER, Role.ADMIN), Who.ADMIN: (Role.ADMIN,)}


NOBODY = "Sign in, or get a visitor token: POST /v1/visitors. Send it as Authorization: Bearer."
EDIT_PARAMETER = "token"  # in the private link to a report; logs contain no query string
_REPORT = "report_id"  # in the URL of a page about one report


class Caller(NamedTuple):
    """Sender of this request: anonymous, an account, or the holder of one report's edit token."""

    account_id: str | None = None
    role: str | None = None
    edits_report: str | None = None
    packed_areas: bytes | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None and self.edits_report is None

    @property
    def is_responder(self) -> bool:
        """Return whether the caller is a responder or an admin, wherever their areas lie."""
        return self.role in _ROLES_FOR[Who.RESPONDER]

    @property
    def is_everywhere(self) -> bool:
        """Return whether the caller may judge reports everywhere: an admin."""
        return self.role == Role.ADMIN

    @property
    def has_areas(self) -> bool:
        """Return whether the caller may judge reports anywhere."""
        return self.is_everywhere or (self.role == Role.RESPONDER and bool(areas.unpack(self.packed_areas)))

    def may_judge(self, *, lat: float, lon: float) -> bool:
        """Return whether the caller may see what is hidden at a public place, and decide about it.

        An admin everywhere, a responder within the areas of the account, which the lock has read with it.
        """
        return self.is_everywhere or (
            self.role == Role.RESPONDER and areas.covers(areas.unpack(self.packed_areas), lat=lat, lon=lon)
        )


def _caller_of(account: Account) -> Caller:
    return Caller(account_id=account.id, role=account.role, packed_areas=account.packed_areas)


def caller() -> Caller:
    """Return the sender of this request."""
    current_caller: Caller = g.get("caller") or Caller()
    return current_caller


def account() -> Account:
    """Return the caller's account as the lock has read it; only for routes that accept accounts only."""
    read: Account = g.account
    return read


def visitor_id() -> str:
    """Return the id of an anonymous caller who is a visitor, else "". It gives no access."""
    claims: tokens.Claims | None = g.get("visitor")
    return claims.subject if claims else ""


def session_id() -> str:
    """Return the id of the caller's session; only for routes that accept accounts only."""
    family_id: str = g.session_id
    return family_id


def own_session() -> RefreshFamily:
    """Return the caller's session; only for routes that accept the sessions of accounts only."""
    family: RefreshFamily = g.session
    return family


def lock(who: Who) -> Callable[[View], View]:
    """Set who may call a view. Place it nearest to the function, so that all other decorators copy it."""

    def mark(view: View) -> View:
        view.lock = who  # type: ignore[attr-defined]  # a mark on the function, which all decorators copy
        return view

    return mark


def lock_blueprint(blueprint: Blueprint, who: Who, *, has_pages: bool = False) -> None:
    """Set a lock for all views of a blueprint; a view's own lock overrides it. Pages accept the cookie too."""
    blueprint.default_lock = who  # type: ignore[attr-defined]  # our mark on Flask's object
    blueprint.has_pages = has_pages  # type: ignore[attr-defined]  # our mark on Flask's object


def add_security_to(operation: dict[str, Any], who: Who | None) -> None:
    """Add to an OpenAPI operation who may call it: as `security`, and as a sentence of its description."""
    bearer: list[dict[str, list[str]]] = [{"bearer": []}]
    operation["security"] = [{}, *bearer] if who == Who.ANYONE else bearer
    sentence = _SENTENCES[who] if who else "It cannot be called."
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
    g.caller = _identify(who)
    if is_page and "Authorization" not in request.headers:
        if request.method not in READING:
            origins.refuse_foreign()
        if who != Who.ANYONE:
            recognise()
    _admit(g.caller, who)


def recognise() -> Caller:
    """Identify the caller of a page by a private link or by the session; the answer is then private.

    A link that has expired, or is for another report, gives no access, but does not lock out a signed-in caller.
    """
    if "Authorization" in request.headers:
        return caller()
    g.is_personal = True
    edited = _report_of_link()
    if edited and edited == (request.view_args or {})[_REPORT]:
        g.caller = Caller(edits_report=edited)
    elif session := sessions.find():
        g.caller = _caller_on_page(*session)
    elif edited:
        g.caller = Caller(edits_report=edited)
    return caller()


def _caller_on_page(account: Account, family: RefreshFamily) -> Caller:
    """Return the caller of a session on a page. One that lacks a second factor is a stranger on pages for anyone."""
    who = lock_of(current_app, request.endpoint or "")
    if who == Who.ANYONE and second_factor.is_lacking(account, family):
        return Caller()
    return _enter(account, family, who)


def _enter(account: Account, family: RefreshFamily, who: Who | None) -> Caller:
    """Return the caller of a session. Raises SecondFactorRequired if it lacks one, but where it can be set up."""
    is_lacking = second_factor.is_lacking(account, family)
    if is_lacking and who != Who.SIGNED_IN:
        raise SecondFactorRequired(second_factor.REQUIRED)
    g.account, g.session_id = account, family.id
    if is_lacking:
        return Caller(account_id=account.id)
    g.session = family
    return _caller_of(account)


def is_private_link() -> bool:
    """Return whether this is the private link to a report, valid or not. On other pages a token is ignored."""
    return _REPORT in (request.view_args or {}) and EDIT_PARAMETER in request.args


def link_token() -> str:
    """Return the token of the private link if it gives the caller access, else ""."""
    return request.args.get(EDIT_PARAMETER, "") if caller().edits_report else ""


def _report_of_link() -> str | None:
    if not is_private_link():
        return None
    try:
        return tokens.read(request.args[EDIT_PARAMETER], tokens.Use.EDIT).subject
    except Unauthenticated:
        return None


def lock_of(app: Flask, endpoint: str) -> Who | None:
    """Return the lock of an endpoint: its view's own, else its blueprint's, else None (refused)."""
    blueprint = app.blueprints.get(endpoint.rpartition(".")[0])
    own: Who | None = getattr(app.view_functions[endpoint], "lock", None)
    return own or getattr(blueprint, "default_lock", None)


def _admit(asking: Caller, who: Who | None) -> None:
    """Check a caller. Raises Unauthenticated if signing in would help, Forbidden if it would not."""
    if who == Who.ANYONE:
        return
    if who is None:
        raise Forbidden("This address cannot be called.")
    if who == Who.PERSON:
        if asking.is_anonymous and "visitor" not in g:
            raise Unauthenticated(NOBODY)
        return
    if asking.is_anonymous:
        raise Unauthenticated("Sign in first: send Authorization: Bearer and an access token.")
    if asking.edits_report and who != Who.REPORTER:
        raise Forbidden("An edit token is valid for editing its report only.")
    if who in _ROLES_FOR and asking.role not in _ROLES_FOR[who]:
        raise Forbidden(_SENTENCES[who])


def _identify(who: Who | None) -> Caller:
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return Caller()
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Only Authorization: Bearer is accepted here.")
    claims = tokens.read(token.strip(), tokens.Use.ACCESS, tokens.Use.EDIT, tokens.Use.VISITOR)
    if claims.use == tokens.Use.EDIT:
        return Caller(edits_report=claims.subject)
    if claims.use == tokens.Use.VISITOR:
        g.visitor = claims
        return Caller()
    return _enter(*tokens.find_session(claims), who)


def _finish(response: Response) -> Response:
    if "limits" in g:
        response.headers.update(throttle.headers())
    if g.get("is_personal"):
        sessions.renew(response)
        response.headers["Cache-Control"] = PRIVATE
        response.vary.add("Cookie")
    return response
