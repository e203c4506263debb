"""The second step of signing in: a code of the app, or a recovery code. And what follows a sign-in.

The form of the step holds a proof, valid for some minutes, that the password was given, so that it is typed once.
"""

import re
from collections.abc import Callable

from flask import Response, request

from app.accounts import second_factor, sessions, signing_in
from app.accounts.models import Account
from app.accounts.second_factor import Code
from app.core.errors import Invalid, Mistake, Problem, SecondFactorWrong, Suspended, TooMany, Unauthenticated
from app.http import problems
from app.http.headers import PRIVATE
from app.pages.account import form_mistakes
from app.pages.account.form_mistakes import CODE
from app.pages.account.typed import require, typed
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page

SET_UP = "/me/second-factor"
Entrance = Callable[[str, Problem], Response]


def ask(passed: str, way_back: str, problem: Problem | None = None) -> Response:
    """Show the form of the step; `passed` is the proof of the password."""
    response = page(
        "sign_in_code.html",
        status=problem.status if problem else 200,
        cache=PRIVATE,
        mistakes=form_mistakes.shown(problem) if problem else [],
        passed=passed,
        next=way_back,
    )
    return problems.with_headers(response, problem) if problem else response


def finish(way_back: str, entrance: Entrance) -> Response:
    """Sign in with the code; or show the step again, or the first one if the proof is no longer valid."""
    passed, code = request.form["passed"], typed(CODE)
    try:
        require(**{CODE: code})
        account = signing_in.finish(passed, read(code), device=sessions.device())
    except (Invalid, SecondFactorWrong, TooMany) as problem:
        return ask(passed, way_back, problem)
    except Suspended as problem:
        return entrance("sign_in.html", problem)
    except Unauthenticated:
        return entrance("sign_in.html", Invalid([Mistake("", "late", "The proof of the password is not valid.")]))
    return enter(account, way_back)


def enter(account: Account, way_back: str) -> Response:
    """Begin the session of an account, and go where the person wanted to; staff without a factor set one up first."""
    is_lacking = second_factor.is_required_of(account) and not account.has_second_factor
    response = go_to(SET_UP if is_lacking else way_back)
    sessions.begin(response, account)
    return response


def read(text: str) -> Code:
    """Return which kind of code was typed: six digits are one of the app, all else is a recovery code."""
    digits = re.sub(r"[\s-]+", "", text)
    is_totp = digits.isascii() and digits.isdigit() and len(digits) <= 8
    return Code(totp=digits) if is_totp else Code(recovery=text)
