"""Authenticate callers, and check the lock of every route. Only this module reads Authorization and the cookie.

A view without a lock is refused, so that no route is open by accident. A bad token is refused on open routes too.
Cookies count on pages only, and only where the lock or the view (`recognise`) needs to know the caller: answers that
are the same for everyone can be in shared caches.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, request

from app.accounts import api_keys, areas, key_text, origins, second_factor, sessions, throttle, tokens
from app.accounts.locks import MANAGE_PREFIX, SECURITY_SCHEME, SENTENCES, WITH_OR_WITHOUT, Who, add_security_to, named
from app.accounts.models import STAFF, Account, Role
from app.accounts.scopes import Scope
from app.accounts.session_models import RefreshFamily
from app.core.errors import Forbidden, ScopeMissing, SecondFactorRequired, Unauthenticated
from app.http.headers import PRIVATE, READING

__all__ = ["SECURITY_SCHEME", "WITH_OR_WITHOUT", "Caller", "Who", "add_security_to", "lock"]  # also for the next room
View = TypeVar("View", bound=Callable[..., Any])
_ROLES_FOR = {Who.RESPONDER: STAFF, Who.ADMIN: (Role.ADMIN,)}
NOBODY = "Sign in, or get a visitor token: POST /v1/visitors. Send it as Authorization: Bearer."
NO_KEY_HERE = "No API key is taken here. What anyone may read is read without it."
EDIT_PARAMETER = "token"  # in the private link to a report; logs contain no query string
_REPORT = "report_id"  # in the URL of a page about one report


class Caller(NamedTuple):
    """Sender of this request: anonymous, an account, or the holder of one report's edit token."""

    account_id: str | None = None
    role: str | None = None
    edits_report: str | None = None
    packed_areas: bytes | None = None
    is_key: bool = False  # then role and areas are those that the key's scopes leave

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


def manage_token() -> str:
    """Return the token of a subscription that the caller has sent, not checked yet; "" without one."""
    return str(g.get("manage_token", ""))


def session_id() -> str:
    """Return the id of the caller's session; only for routes that accept accounts only."""
    family_id: str = g.session_id
    return family_id


def own_session() -> RefreshFamily:
    """Return the caller's session; only for routes that accept the sessions of accounts only."""
    family: RefreshFamily = g.session
    return family


def lock(who: Who, *scopes: Scope) -> Callable[[View], View]:
    """Set who may call a view, and the scopes of which an API key needs one; without any it takes no key.

    Place it nearest to the function, so that all other decorators copy it.
    """

    def mark(view: View) -> View:
        vars(view).update(lock=who, scopes=frozenset(scopes))  # marks on the function, which all decorators copy
        return view

    return mark


def lock_blueprint(blueprint: Blueprint, who: Who, *, has_pages: bool = False) -> None:
    """Set a lock for all views of a blueprint; a view's own lock overrides it. Pages accept the cookie too."""
    vars(blueprint).update(default_lock=who, has_pages=has_pages)  # our marks on Flask's object


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
    g.caller = _identify(who, scopes_of(current_app, request.endpoint or ""))
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


def scopes_of(app: Flask, endpoint: str) -> frozenset[Scope]:
    """Return the scopes of which an API key needs one at an endpoint; none: it takes no key."""
    scopes: frozenset[Scope] = getattr(app.view_functions[endpoint], "scopes", frozenset())
    return scopes


def _admit(asking: Caller, who: Who | None) -> None:
    """Check a caller. Raises Unauthenticated if signing in would help, Forbidden if it would not."""
    if who == Who.ANYONE:
        return
    if who is None:
        raise Forbidden("This address cannot be called.")
    if who in (Who.PERSON, Who.KEY):
        _admit_person(asking) if who == Who.PERSON else _admit_key(asking)
        return
    if who == Who.SUBSCRIBER and manage_token():
        return
    if asking.is_anonymous:
        raise Unauthenticated("Sign in first: send Authorization: Bearer and an access token.")
    if asking.edits_report and who != Who.REPORTER:
        raise Forbidden("An edit token is valid for editing its report only.")
    if who in _ROLES_FOR and asking.role not in _ROLES_FOR[who]:
        raise Forbidden(SENTENCES[who])


def _admit_person(asking: Caller) -> None:
    if asking.is_anonymous and "visitor" not in g:
        raise Unauthenticated(NOBODY)


def _admit_key(asking: Caller) -> None:
    if asking.is_anonymous:
        raise Unauthenticated("Send Authorization: Bearer and an API key: POST /v1/me/api-keys makes one.")
    if not asking.is_key:
        raise _scope_missing(scopes_of(current_app, request.endpoint or ""), Who.KEY)


def _scope_missing(needed: Collection[Scope], who: Who | None) -> ScopeMissing:
    otherwise = " It is open to anyone without a key." if who == Who.ANYONE else ""
    return ScopeMissing(f"An API key needs the scope {named(needed)} here: POST /v1/me/api-keys.{otherwise}", needed)


def _enter_by_key(text: str, who: Who | None, needed: frozenset[Scope]) -> Caller:
    """Return the caller of an API key: its owner, with at most the rights of the owner now and of its scopes."""
    owner, key = api_keys.authenticate(text)
    if not needed:
        raise Forbidden(NO_KEY_HERE)
    if needed.isdisjoint(key.scopes):
        raise _scope_missing(needed, who)
    g.account = owner
    if Scope.REVIEW not in needed & key.scopes:
        return Caller(owner.id, Role.RESIDENT, is_key=True)
    if not owner.has_second_factor:
        raise SecondFactorRequired(api_keys.NEEDS_FACTOR)
    return _caller_of(owner)._replace(is_key=True)


def _identify(who: Who | None, scopes: frozenset[Scope]) -> Caller:
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return Caller()
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Only Authorization: Bearer is accepted here.")
    if token.strip().startswith(key_text.PREFIX):
        return _enter_by_key(token.strip(), who, scopes)
    if token.strip().startswith(MANAGE_PREFIX):
        if who != Who.SUBSCRIBER:
            raise Forbidden("A token for managing alerts is valid for its subscription only.")
        g.manage_token = token.strip()
        return Caller()
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
