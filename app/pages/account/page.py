"""Pages of accounts: sign in, register, one's own reports, sign out, delete the account.

They are private, so no cache keeps them. A form with mistakes comes back with all of them, and with everything that was
typed except passwords.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import Response, request

from app.accounts import areas, auth, erase, passwords, registration, sessions, signing_in, tokens
from app.accounts.models import Role
from app.accounts.usernames import NAME_LENGTHS
from app.api.account_schemas import KEEP_TEXTS, MeChangeSchema, NewAccountSchema
from app.core import clock
from app.core.errors import (
    Conflict,
    Invalid,
    Mistake,
    Problem,
    RegistrationsOff,
    Suspended,
    TooMany,
    Unauthenticated,
    WrongPassword,
)
from app.core.translations import N_
from app.http import cursors, problems
from app.http.headers import PRIVATE, READING
from app.http.schemas import load
from app.mail import addresses
from app.pages.account import form_mistakes, sign_in_step
from app.pages.account.export import FILE_HOLDS
from app.pages.account.typed import require, typed
from app.pages.frame import trust_words, wording
from app.pages.frame.entries import title_of
from app.pages.frame.redirects import go_to, local_path
from app.pages.frame.rendering import page
from app.pages.review import keys
from app.reports.entry import NEWER_THAN_ALL, PUBLIC, Condition
from app.reports.models import POSITION, Report
from app.switches import current

HOME, SIGN_IN = "/me", "/sign-in"
REPORTS_SHOWN = 20
# Reasons for coming to the sign-in page; the URL holds one of these words, never a sentence.
NOTES = {
    "out": N_("You are signed out."),
    "everywhere": N_("You are signed out everywhere, in apps too."),
    "gone": N_("Your account is deleted. Within the hour nothing in your reports leads to you."),
    "password": N_("Your password is changed, and you are signed out everywhere. Sign in with the new one."),
    "reset": N_("Your password is changed, and all sign-ins have ended. Sign in with the new one."),
    "ended": N_("You were not signed in any more, so nothing was done. Sign in and try again."),
}


# The same of the forms for one's address.
ADDRESS_NOTES = {
    "address": N_("Your address is stored. Open the link in the message that is on its way to it."),
    "removed": N_("Your address is removed. You get no messages."),
    "again": N_("If not too many were sent already, a message is on its way to your address."),
    "nothing": N_("There is no address that waits to be confirmed."),
}


class OwnReportRow(NamedTuple):
    """One of a person's own reports."""

    id: str
    title: str
    severity: str
    status: str
    created_at_ms: int
    is_open: bool  # visible to everyone, and editable by its reporter
    is_current: bool  # listed among what is happening now
    tags: list[str]
    decision: str  # the reason of a responder's decision
    decided_at_ms: int
    merged_into: str


def ask_to_sign_in(problem: Problem) -> Response:
    """Answer a page that needs an identified caller: redirect to the sign-in page, and back after it."""
    if "Authorization" in request.headers:
        return problems.render(problem)
    if auth.is_private_link():
        report_id = (request.view_args or {})["report_id"]
        ended = page("private_link.html", status=problem.status, cache=PRIVATE, report_id=report_id)
        return problems.with_headers(ended, problem)
    if request.method in READING:
        return go_to(f"{SIGN_IN}?{urlencode({'next': wording.here()})}")
    return _to_sign_in("ended")


def lead_to_second_factor(problem: Problem) -> Response:
    """Answer a page that staff may open only with a second factor: redirect to where they set it up."""
    return problems.render(problem) if "Authorization" in request.headers else go_to(sign_in_step.SET_UP)


def _to_sign_in(note: str) -> Response:
    return go_to(f"{SIGN_IN}?{urlencode({'note': note, 'next': HOME})}")


def show_sign_in() -> Response:
    """Show the sign-in form, or the account that is signed in."""
    return _entrance("sign_in.html", note=NOTES.get(request.args.get("note", "")))


def show_registration() -> Response:
    """Show the form for a new account, or the account that is signed in."""
    return _entrance("register.html")


def _entrance(template: str, problem: Problem | None = None, note: str | None = None) -> Response:
    """Render one of the two forms: empty, or with the mistakes of the input."""
    account = auth.account() if problem is None and auth.recognise().account_id else None
    response = page(
        template,
        status=problem.status if problem else 200,
        cache=PRIVATE,
        account=account,
        note=note,
        mistakes=form_mistakes.shown(problem) if problem else [],
        username=typed("username")[: NAME_LENGTHS.stop - 1],
        next=_way_back(),
    )
    return problems.with_headers(response, problem) if problem else response


def _way_back() -> str:
    """Return the path to continue at, from the form or the URL."""
    return local_path(request.values.get("next", ""), HOME)


def sign_in() -> Response:
    """Sign in, replacing an earlier session; or ask for the code of the second factor, or show the form again."""
    if "passed" in request.form:
        return sign_in_step.finish(_way_back(), _entrance)
    try:
        name, password = typed("username").strip(), typed("password")
        require(username=name, password=password)
        account, _ = signing_in.check_password(name, password, device=sessions.device())
    except (Invalid, Unauthenticated, Suspended, TooMany) as problem:
        return _entrance("sign_in.html", problem)
    if account.has_second_factor:
        return sign_in_step.ask(tokens.password_token(account), _way_back())
    return sign_in_step.enter(account, _way_back())


def register() -> Response:
    """Create an account with its first session; or show the form again."""
    try:
        values = load(NewAccountSchema(), {"username": typed("username").strip(), "password": typed("password")})
        current.require_registrations()
        account = registration.register_resident(**values)
    except (Invalid, Conflict, TooMany, RegistrationsOff) as problem:
        return _entrance("register.html", problem)
    response = go_to(_way_back())
    sessions.begin(response, account, is_first=True)
    return response


def show_me() -> Response:
    """Show one's own account and reports."""
    return _me()


def show_again(problem: Problem, *, address: str) -> Response:
    """Show one's own page with the mistakes of the form for the address."""
    return _me(problem, address=address)


def _me(problem: Problem | None = None, *, address: str | None = None) -> Response:
    account = auth.account()
    cursor, filters = request.args.get("cursor", ""), _filters(account.id)
    before = cursors.read_or_begin(cursor, filters=filters, position=POSITION, start=NEWER_THAN_ALL)
    reports, position = Report.page_of_account(account.id, before=before, limit=REPORTS_SHOWN + 1)
    rows, more = reports[:REPORTS_SHOWN], reports[REPORTS_SHOWN:]
    following = rows[-1].sort if more else position
    is_staff, now_ms = account.role != Role.RESIDENT, clock.now_ms()
    shortest = passwords.SHORTEST_OF_STAFF if is_staff else passwords.SHORTEST
    response = page(
        "me.html",
        status=problem.status if problem else 200,
        cache=PRIVATE,
        account=account,
        is_staff=is_staff,
        has_keys=keys.are_on(),
        is_everywhere=auth.caller().is_everywhere,
        areas=areas.unpack(account.packed_areas),
        reports=[_row(report, now_ms) for report in rows],
        cursor=cursors.write(following, filters=filters) if following else None,
        is_first="cursor" not in request.args,
        mistakes=form_mistakes.shown(problem, shortest=shortest) if problem else [],
        shortest=shortest,
        keeps_texts=_is_keeping_texts(),
        file_holds=FILE_HOLDS,
        is_confirmed=addresses.are_same(account.email, account.confirmed_email),
        address=(account.email or "") if address is None else address,
        note=ADDRESS_NOTES.get(request.args.get("note", "")),
    )
    return problems.with_headers(response, problem) if problem else response


def _filters(account_id: str) -> dict[str, str]:
    """Filters of GET /v1/me/reports, which is the same list."""
    return {"list": "own", "account": account_id}


def _row(report: Report, now_ms: int) -> OwnReportRow:
    entry, verdict = report.entry(), report.verdict
    said = entry if report.status in PUBLIC else entry._replace(is_disputed=False, condition=Condition.FLOODED)
    return OwnReportRow(
        id=report.id,
        title=title_of(entry._replace(title=report.title)),
        severity=report.severity,
        status=report.status,
        created_at_ms=report.created_at_ms,
        is_open=report.status in PUBLIC,
        is_current=report.is_active(now_ms),
        tags=trust_words.tags(
            status=said.status, level=said.confidence, condition_word=said.condition, is_disputed=said.is_disputed
        ),
        decision=trust_words.decision(verdict),
        decided_at_ms=verdict.decided_at_ms if verdict else 0,
        merged_into=report.merged_into or "",
    )


def change_password() -> Response:
    """Change the password; all sessions end, as with the API."""
    try:
        texts = {name: typed(name) for name in (form_mistakes.OWN_PASSWORD, form_mistakes.NEW_PASSWORD)}
        registration.change_account(auth.account(), load(MeChangeSchema(), texts))
    except (Invalid, TooMany) as problem:
        return _me(problem)
    return _leave_everywhere("password")


def sign_out() -> Response:
    """End this browser's session."""
    tokens.end_session(auth.session_id())
    return _leave_page("out")


def sign_out_everywhere() -> Response:
    """End all sessions of the account."""
    registration.sign_out_everywhere(auth.account())
    return _leave_everywhere("everywhere")


def delete_account() -> Response:
    """Delete one's account after the password was entered again."""
    field, password = form_mistakes.LEAVING, typed(form_mistakes.LEAVING)
    try:
        require(**{field: password})
        erase.erase(auth.account(), password, keeps_texts=_is_keeping_texts())
    except WrongPassword as problem:
        return _me(Invalid([Mistake(f"/{field}", "wrong", problem.detail)]))
    except (Invalid, TooMany) as problem:
        return _me(problem)
    return _leave_page("gone")


def _is_keeping_texts() -> bool:
    """Return whether the person who leaves wants the texts of their reports to stay."""
    return request.form.get("texts") == KEEP_TEXTS


def _leave_page(note: str) -> Response:
    """Redirect after a session has ended."""
    response = _to_sign_in(note)
    sessions.forget(response)
    return response


def _leave_everywhere(note: str) -> Response:
    """Redirect after all sessions have ended; that answers for the new sign-ins that this browser was to tell of."""
    response = _leave_page(note)
    sessions.remember_all_told(response, auth.account(), auth.own_session())
    return response
