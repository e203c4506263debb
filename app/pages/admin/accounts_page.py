"""Pages of accounts for admins: find one, and change its role, areas, suspension and second factor."""

from typing import Any, NamedTuple
from urllib.parse import quote

from flask import Response, request

from app.accounts import areas, auth, directory
from app.accounts.areas import Area
from app.accounts.directory import AccountPage, AccountQuery
from app.accounts.models import Account, Role
from app.accounts.usernames import LONGEST_NAME_TYPED
from app.api import exact_places
from app.api.admin_routes import POSITION
from app.api.admin_schemas import AccountChangeSchema
from app.core.errors import Conflict, Invalid, Mistake, NotFound, PreconditionFailed, Problem, Unavailable
from app.core.translations import N_
from app.http import cursors
from app.http.schemas import load
from app.pages.admin import area_form
from app.pages.admin.area_form import AreaForm
from app.pages.admin.frame import admin_page
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.review import staff
from app.review.staff import LAST_ADMIN, REASONS

ADDRESS = "/admin/accounts"
LIMIT = 50
MOST_PAGES = 8  # that are read for one that is not empty
ROLES = {Role.RESIDENT: N_("Resident"), Role.RESPONDER: N_("Responder"), Role.ADMIN: N_("Admin")}
SUSPENDED = {"true": N_("Suspended ones"), "false": N_("Those that are not suspended")}
REASON_WORDS = {
    "appointed": N_("Appointed"),
    "duty_ended": N_("Their duty has ended"),
    "area_moved": N_("Their area has changed"),
    "abuse": N_("Abuse"),
    "spam": N_("Advertising"),
    "compromised": N_("Another person may have the password"),
    "resolved": N_("It is over"),
    "mistake": N_("A mistake is put right"),
    "other": N_("Another reason"),
}
NOTES = {
    "saved": N_("The account is changed. It counts from the person's next step on."),
    "same": N_("Nothing was different, so nothing was changed."),
    "suspended": N_("The account is suspended. Its sign-ins have ended, and its invitations with them."),
    "restored": N_("The account is no longer suspended. The person can sign in again."),
    "marked": N_("The account counts as an organisation's from now on."),
    "unmarked": N_("The account is no longer an organisation's. What it sent counts as any other person's."),
    "reset": N_(
        "The second factor is taken away and all sign-ins have ended. The next sign-in asks the password alone."
    ),
}
SENTENCES = {
    "last": N_("This is the last admin, whose rights cannot end. Make another one first."),
    "changed": N_("Another admin has changed this account meanwhile. Look at it as it is now, then change it."),
    "reason": N_("Choose a reason."),
    "role": N_("Only a responder has areas. An admin acts everywhere, a resident nowhere: remove the areas."),
    "own": N_("Another admin takes your second factor away. You can replace it yourself, on the page of your account."),
    "away": N_("It could not be stored just now. Try again."),
    "other": N_("Something here cannot be taken. Look over what you entered."),
}


# What each button beside role and areas changes, and the word for what was done.
CHANGES = {
    "suspend": ({"is_suspended": True}, "suspended"),
    "restore": ({"is_suspended": False}, "restored"),
    "mark": ({"is_partner": True}, "marked"),
    "unmark": ({"is_partner": False}, "unmarked"),
}


class Filters(NamedTuple):
    """Filters as they were typed; those that mean nothing count as none."""

    query: str
    role: str
    is_suspended: str

    @property
    def typed(self) -> dict[str, str]:
        """Return those that are set, as the address has them."""
        return {name: text for name, text in self._asdict().items() if text}

    @property
    def bound(self) -> dict[str, str]:
        """Return what a cursor of this list is bound to."""
        return {"list": "accounts page"} | self.typed


def show_list() -> Response:
    """Show a page of accounts by user name. A bad cursor counts as the beginning."""
    filters = _filters()
    after = cursors.read_or_begin(request.args.get("cursor", ""), filters=filters.bound, position=POSITION, start="")
    found = _find(filters, after)
    return admin_page(
        "admin_accounts.html",
        filters=filters,
        accounts=found.accounts,
        is_first=not after,
        following=cursors.write(found.next_after, filters=filters.bound) if found.next_after else "",
        roles=ROLES,
        suspended=SUSPENDED,
        areas_of=_areas_of,
        longest=LONGEST_NAME_TYPED,
    )


def show(account_id: str) -> Response:
    """Show an account, and the forms that change it. Raises NotFound."""
    return _page(_account(account_id), note=NOTES.get(request.args.get("told", ""), ""))


def send(account_id: str) -> Response:
    """Change an account by one of its forms: `act` is save, reset, or a button. Raises NotFound."""
    account, act = _account(account_id), request.form.get("act", "")
    known = areas.unpack(account.packed_areas)
    typed_areas, form = area_form.read("areas", known) if act == "save" else ([], area_form.shown(known))
    try:
        if act == "reset":
            _refuse_own(account)
            staff.reset_second_factor(account.id, by=exact_places.by())
            told = "reset"
        else:
            if form.mistakes:
                raise Invalid([Mistake("/areas", "line", "")])
            told = _change(account, act, typed_areas)
    except Problem as problem:
        if isinstance(problem, NotFound):
            raise
        return _page(_account(account_id), form=form, problem=problem)
    if account.id == auth.account().id and told != "same":
        return go_to("/me")  # one's own rights may have ended
    return go_to(f"{ADDRESS}/{quote(account.id)}?told={told}")


def _change(account: Account, act: str, typed_areas: list[Area]) -> str:
    """Change the account, and return the word for what was done. Raises the problems of `staff.change`."""
    reason = request.form.get("reason", "")
    saved = {"role": request.form.get("role", ""), "areas": typed_areas}
    chosen, told = CHANGES.get(act, (saved, "saved"))
    body: dict[str, Any] = {"reason": reason} | chosen
    values = load(AccountChangeSchema(), body)
    is_as_before = areas.as_stored(typed_areas) == areas.unpack(account.packed_areas)
    if "areas" in values and values["role"] != Role.RESPONDER and is_as_before:
        del values["areas"]  # they end with the role, so they need not be removed first
    seen = request.form.get("version", "")
    changed = staff.change(account.id, values, by=exact_places.by(), is_seen=lambda now: f"{now.version:.0f}" == seen)
    return "same" if f"{changed.version:.0f}" == seen else told


def _refuse_own(account: Account) -> None:
    if account.id == auth.account().id:
        raise Invalid([Mistake("/own", "own", "")])


def _account(account_id: str) -> Account:
    account = Account.find(account_id)
    if account is None:
        raise NotFound("There is no such account.")
    return account


def _page(
    account: Account, *, note: str = "", form: AreaForm | None = None, problem: Problem | None = None
) -> Response:
    typed = request.form if problem else None
    return admin_page(
        "admin_account.html",
        status=problem.status if problem else 200,
        shown=account,
        is_own=account.id == auth.account().id,
        form=form or area_form.shown(areas.unpack(account.packed_areas)),
        typed=typed,
        told=note,
        mistakes=_sentences(problem, form) if problem else [],
        roles=ROLES,
        reasons=REASONS,
        reason_words=REASON_WORDS,
        **area_form.map_values(),
    )


def _sentences(problem: Problem, form: AreaForm | None) -> list[str]:
    """Return a sentence for each mistake."""
    if isinstance(problem, PreconditionFailed | Conflict):
        return [_sentence("last" if problem.detail == LAST_ADMIN else "changed")]
    if isinstance(problem, Unavailable):
        return [_sentence("away")]
    told = list[str]()
    for mistake in problem.mistakes:
        if mistake.code == "line" and form:
            told += form.mistakes
            continue
        key = mistake.code if mistake.code in ("role", "own") else mistake.pointer.removeprefix("/")
        told.append(_sentence(key))
    return list(dict.fromkeys(told)) or [_sentence("other")]


def _sentence(key: str) -> str:
    text = SENTENCES.get(key, SENTENCES["other"])
    return gettext(text)


def _filters() -> Filters:
    query = request.args.get("query", "").strip()[:LONGEST_NAME_TYPED]
    role, is_suspended = request.args.get("role", ""), request.args.get("is_suspended", "")
    return Filters(query, role if role in list(Role) else "", is_suspended if is_suspended in SUSPENDED else "")


def _find(filters: Filters, after: str) -> AccountPage:
    """Return a page; those that have found nothing yet are passed over, for a reader would have to press for each."""
    query = AccountQuery(
        begins=filters.query,
        roles=[filters.role] if filters.role else tuple(Role),
        is_suspended=filters.is_suspended == "true" if filters.is_suspended else None,
        limit=LIMIT,
        after=after,
    )
    found = directory.find(query)
    for _times in range(MOST_PAGES - 1):
        if found.accounts or not found.next_after:
            break
        found = directory.find(query._replace(after=found.next_after))
    return found


def _areas_of(account: Account) -> list[str]:
    return [area.name for area in areas.unpack(account.packed_areas)]
