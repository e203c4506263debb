"""The page of one's own second factor: set it up, replace it, take it away.

The secret and the recovery codes are on the answers to forms, not behind an address: no later request shows them.
"""

from typing import Any

from flask import Response, request

from app.accounts import auth, enrolment, second_factor
from app.accounts.models import Role
from app.accounts.second_factor import Code
from app.api import exact_places
from app.core.errors import Conflict, Invalid, Mistake, Problem, TooMany, WrongCode, WrongPassword
from app.core.qr_code import QrCode
from app.core.translations import N_
from app.http import problems
from app.http.headers import PRIVATE
from app.pages.account import form_mistakes, sign_in_step
from app.pages.account.form_mistakes import CODE, ENDING, ENDING_CODE, OWN_PASSWORD, PRESENT_CODE
from app.pages.account.sign_in_step import SET_UP
from app.pages.account.typed import require, typed
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page
from app.review import staff

NOTES = {
    "removed": N_("Your second factor is gone. Signing in asks for your password alone."),
    "again": N_("There was nothing to confirm any more. Begin again."),
}


def show() -> Response:
    """Show whether there is a second factor, and the forms to change that."""
    return _page(note=NOTES.get(request.args.get("note", "")))


def begin() -> Response:
    """Make a secret, and show it once, as a QR code and as text."""
    account, password, code = auth.account(), typed(OWN_PASSWORD), typed(PRESENT_CODE)
    try:
        require(**{OWN_PASSWORD: password}, **({PRESENT_CODE: code} if account.has_second_factor else {}))
        made = enrolment.begin(account, password, _read(code))
    except (WrongPassword, WrongCode) as problem:
        return _page(_beside(problem, OWN_PASSWORD, PRESENT_CODE))
    except (Invalid, TooMany) as problem:
        return _page(problem)
    groups = [made.secret[start : start + 4] for start in range(0, len(made.secret), 4)]
    return _page(made=made, groups=groups, qr_code=QrCode.of(made.otpauth_uri), is_pending=True)


def confirm() -> Response:
    """Let the new secret count, and show the recovery codes, once."""
    account, code = auth.account(), typed(CODE)
    rows = staff.own_factor_rows(account, "second_factor.made", by=exact_places.by())
    try:
        require(**{CODE: code})
        together = [row.put_in for row in rows]
        codes = enrolment.confirm(account, code, session_id=auth.session_id(), together=together)
    except WrongCode as problem:
        return _page(_beside(problem, "", CODE), is_pending=True)
    except (Invalid, TooMany) as problem:
        return _page(problem, is_pending=True)
    except Conflict:
        return go_to(f"{SET_UP}?note=again")
    return _page(codes=codes)


def remove() -> Response:
    """Take the second factor away."""
    account, password, code = auth.account(), typed(ENDING), typed(ENDING_CODE)
    rows = staff.own_factor_rows(account, "second_factor.reset", by=exact_places.by())
    try:
        require(**{ENDING: password, ENDING_CODE: code})
        enrolment.take_away(account, password, _read(code), together=[row.put_in for row in rows])
    except (WrongPassword, WrongCode) as problem:
        return _page(_beside(problem, ENDING, ENDING_CODE))
    except (Invalid, TooMany) as problem:
        return _page(problem)
    return go_to(f"{SET_UP}?note=removed")


def _read(code: str) -> Code:
    return sign_in_step.read(code) if code else second_factor.NO_CODE


def _beside(problem: WrongPassword | WrongCode, password_field: str, code_field: str) -> Problem:
    """Return the mistake of the field that was wrong."""
    field = password_field if isinstance(problem, WrongPassword) else code_field
    return Invalid([Mistake(f"/{field}", "wrong", problem.detail)])


def _page(problem: Problem | None = None, **shown: Any) -> Response:
    account = auth.account()
    values: dict[str, Any] = {"note": None, "made": None, "codes": None, "is_pending": False} | shown
    response = page(
        "second_factor.html",
        status=problem.status if problem else 200,
        cache=PRIVATE,
        account=account,
        is_staff=account.role != Role.RESIDENT,
        is_required=second_factor.is_required_of(account),
        codes_left=len(account.recovery_hashes or ()),
        mistakes=form_mistakes.shown(problem) if problem else [],
        **values,
    )
    return problems.with_headers(response, problem) if problem else response
