"""Frame of the pages of alerts: private answers, with the mistakes of a form, and where the mail of a trial goes."""

from typing import Any

from flask import Response, current_app, url_for

from app.core.config import settings
from app.core.errors import Problem
from app.http import problems
from app.http.headers import PRIVATE
from app.mail.letters import is_trial
from app.pages.alerts import form
from app.pages.frame.rendering import page

_MAILBOX = "local_mail.show_messages"  # there on one machine only


def alerts_page(template: str, problem: Problem | None = None, **values: Any) -> Response:
    """Render a page of alerts, with the mistakes of a problem beside their fields."""
    mail = settings().mail
    response = page(
        template,
        status=problem.status if problem else 200,
        cache=PRIVATE,
        mistakes=form.shown(problem) if problem else [],
        mailbox_path=url_for(_MAILBOX) if _MAILBOX in current_app.view_functions else "",
        is_trial=mail.is_set_up and is_trial(),
        **values,
    )
    return problems.with_headers(response, problem) if problem else response
