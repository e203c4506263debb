"""Pages of lost passwords: ask for a link by mail, and set a new password with it.

The token of a link stands after `#`, where no server sees it; a script puts it into the form. Without scripts a person
copies the link into a field.
"""

from typing import Any

from flask import Response, request

from app.accounts import password_reset, passwords, sessions
from app.accounts.one_time_links import LONGEST_TYPED
from app.accounts.password_reset import ResetRequest
from app.api.mail_schemas import ResetAskedSchema, ResetUseSchema
from app.core.errors import Invalid, LinkNotValid, MailNotSetUp, Problem, TooMany
from app.http import problems
from app.http.headers import PRIVATE
from app.http.schemas import load
from app.pages.account import form_mistakes
from app.pages.account.form_mistakes import NEW_PASSWORD, TOKEN, WHO
from app.pages.account.typed import beside, require, typed
from app.pages.frame import language
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page

ASKED = "/forgotten-password?note=sent"
SIGN_IN = "/sign-in?note=reset"


def show() -> Response:
    """Show the form that asks whose password is lost, or that a message is on its way if there is such a person."""
    return _page("forgotten_password.html", is_sent=request.args.get("note") == "sent")


def send() -> Response:
    """Ask for a link. What follows is the same whether there is such a person or not."""
    who = typed(WHO).strip()
    try:
        require(**{WHO: who})
        values = load(ResetAskedSchema(), {"email" if "@" in who else "username": who})
        password_reset.ask(ResetRequest(**values, device=sessions.device()), language=language.chosen())
    except Invalid as problem:
        return _page("forgotten_password.html", beside(problem, username=WHO, email=WHO), who=who)
    except (TooMany, MailNotSetUp) as problem:
        return _page("forgotten_password.html", problem, who=who)
    return go_to(ASKED)


def show_form() -> Response:
    """Show the form for a new password; the link brings its token."""
    return _page("reset_password.html")


def use() -> Response:
    """Set the new password, and lead to the sign-in; or show the form again, with the token."""
    token = request.form.get(TOKEN, "")[: LONGEST_TYPED + 1].strip()
    try:
        require(**{TOKEN: token, NEW_PASSWORD: typed(NEW_PASSWORD)})
        values = load(ResetUseSchema(), {"token": token, "password": typed(NEW_PASSWORD)})
        password_reset.use(values["token"], values["password"])
    except (Invalid, LinkNotValid, TooMany) as problem:
        return _page("reset_password.html", problem, token=token)
    return go_to(SIGN_IN)


def _page(template: str, problem: Problem | None = None, **shown: Any) -> Response:
    values: dict[str, Any] = {"is_sent": False, "who": "", "token": ""} | shown
    response = page(
        template,
        status=problem.status if problem else 200,
        cache=PRIVATE,
        mistakes=form_mistakes.shown(problem) if problem else [],
        shortest=passwords.SHORTEST,
        **values,
    )
    return problems.with_headers(response, problem) if problem else response
