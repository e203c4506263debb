"""The page of one's own API keys: make one, see when each was used last, end it.

A new key is on the answer to the form, not behind an address: no later request shows it.
"""

from typing import Any, NamedTuple

from flask import Response, request

from app.accounts import api_keys, auth, key_text
from app.accounts.api_keys import MadeKey
from app.accounts.key_models import ApiKey
from app.accounts.models import STAFF
from app.accounts.scopes import Scope
from app.api.key_routes import rows_of
from app.api.key_schemas import LONGEST_NAME, NewKeySchema
from app.core import clock, moments
from app.core.errors import Conflict, Invalid, Mistake, NotFound, Problem, SecondFactorRequired
from app.core.translations import N_
from app.http import problems
from app.http.headers import PRIVATE
from app.http.schemas import load
from app.pages.account import form_mistakes
from app.pages.account.typed import typed
from app.pages.frame.language import chosen
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page

HOME = "/me/keys"
DAYS = (30, 90, 365)
USUAL_DAYS = 90
NOTES = {
    "ended": N_("The key has ended. It is refused from now on."),
    "gone": N_("There was no such key any more."),
}
SCOPES = {
    Scope.WRITE: (N_("Send reports"), N_("Send, change and take back your reports.")),
    Scope.IMPORT: (N_("Send many reports at once"), N_("Up to a hundred in one request, for organisations.")),
    Scope.REVIEW: (N_("Decide about reports"), N_("All that you may do on the review page. Lasts at most 90 days.")),
}


class KeyRow(NamedTuple):
    """One of a person's own keys, as the page shows it."""

    id: str
    beginning: str
    name: str
    scopes: list[str]
    made_on: str
    ends_on: str
    used_on: str
    is_over: bool


def show() -> Response:
    """Show one's own keys, and the form for a new one."""
    return _page(note=NOTES.get(request.args.get("note", "")))


def make() -> Response:
    """Make a key and show it, once; or show the form again."""
    account = auth.account()
    try:
        values = _loaded()
        scopes, ends_ms = frozenset(values["scopes"]), clock.now_ms() + int(typed("days")) * clock.DAY_MS
        made = api_keys.make(account, values["name"], scopes, ends_ms, rows=lambda row: rows_of("key.made", row))
    except Conflict:
        is_full = len(account.api_key_ids or ()) >= api_keys.MOST_KEYS
        return _page(Invalid([Mistake("", "keys-full" if is_full else "changed", "No key was made.")]))
    except SecondFactorRequired:
        return _page(Invalid([Mistake("/scopes", "factor", api_keys.NEEDS_FACTOR)]))
    except Invalid as problem:
        return _page(_of_fields(problem))
    return _page(made=made)


def end() -> Response:
    """End a key."""
    try:
        api_keys.end(auth.account(), typed("key"), rows=lambda row: rows_of("key.ended", row))
    except NotFound:
        return go_to(f"{HOME}?note=gone")
    return go_to(f"{HOME}?note=ended")


def _loaded() -> dict[str, Any]:
    """Validate the form, its key by the API's schema. Raises Invalid with every mistake."""
    mistakes, values = list[Mistake](), dict[str, Any]()
    try:
        values = load(NewKeySchema(), {"name": typed("name"), "scopes": request.form.getlist("scopes")})
    except Invalid as problem:
        mistakes = [*problem.mistakes]
    if typed("days") not in map(str, DAYS):
        mistakes.append(Mistake("/days", "choice", "Choose one of the numbers of days."))
    if mistakes:
        raise Invalid(mistakes)
    return values


def _of_fields(problem: Invalid) -> Invalid:
    """Return the mistakes by the fields of the form: one of a scope belongs to all of them, one of the end to days."""
    fields = {"expires_at": "days"}
    names = [(one.pointer.split("/")[1:] or [""])[0] for one in problem.mistakes]
    codes = {(fields.get(name, name), one.code) for name, one in zip(names, problem.mistakes, strict=True)}
    return Invalid([Mistake(f"/{field}", code, "") for field, code in sorted(codes)])


def _page(problem: Problem | None = None, *, made: MadeKey | None = None, note: str | None = None) -> Response:
    account = auth.account()
    is_staff = account.role in STAFF
    response = page(
        "api_keys.html",
        status=problem.status if problem else 200,
        cache=PRIVATE,
        made=made,
        note=note,
        keys=[_row(row) for row in api_keys.listed(account)],
        scopes={scope: words for scope, words in SCOPES.items() if is_staff or scope != Scope.REVIEW},
        lacks_factor=is_staff and not account.has_second_factor,
        days=DAYS,
        name=typed("name")[:LONGEST_NAME],
        chosen_scopes=request.form.getlist("scopes") if problem else [Scope.WRITE],
        chosen_days=typed("days") or str(USUAL_DAYS),
        longest_name=LONGEST_NAME,
        mistakes=form_mistakes.shown(problem) if problem else [],
    )
    return problems.with_headers(response, problem) if problem else response


def _row(row: ApiKey) -> KeyRow:
    return KeyRow(
        id=row.id,
        beginning=key_text.beginning_of(row.id),
        name=row.name,
        # A key of a later release may have a scope that has no words here.
        scopes=[SCOPES[scope][0] for scope in SCOPES if scope in row.scopes],
        made_on=_date(int(row.created_at_ms)),
        ends_on=_date(int(row.expires_at_ms)),
        used_on=_date(clock.midnight_of(row.last_used_on)) if row.last_used_on else "",
        is_over=row.is_over,
    )


def _date(at_ms: int) -> str:
    return moments.date(at_ms, zone=moments.UTC, language=chosen())
