"""Error pages for people, instead of problem documents: what happened, and what to do now."""

from typing import NamedTuple

from flask import Response

from app.accounts import origins
from app.core.errors import Problem
from app.core.translations import N_
from app.http import problems
from app.pages.frame import trust_words
from app.pages.frame.rendering import page


class ProblemWords(NamedTuple):
    """A heading and what to do."""

    heading: str
    advice: str


TOLD = {
    400: ProblemWords(N_("We could not read that"), N_("Go back, look over what you entered, and send it again.")),
    403: ProblemWords(N_("This is not yours to do"), N_("Sign in with another account, or go back.")),
    404: ProblemWords(
        N_("There is nothing here"),
        N_("The address may be mistyped, or the report has been taken back. Start again from what is happening now."),
    ),
    405: ProblemWords(N_("There is nothing here"), N_("Start again from what is happening now.")),
    409: ProblemWords(N_("It cannot be done as it stands now"), N_("Open the page again to see how it stands.")),
    412: ProblemWords(
        N_("It has changed meanwhile"), N_("Open the page again to see how it stands now, then change it.")
    ),
    413: ProblemWords(N_("That is too long"), N_("Go back and shorten the text.")),
    429: ProblemWords(N_("Too many tries"), N_("Wait a little and try again. Nothing that you sent before is lost.")),
    503: ProblemWords(
        N_("We cannot answer at the moment"),
        N_("Nothing is lost. Try again in a few seconds; what you wrote stays in your browser."),
    ),
}
OTHERWISE = ProblemWords(
    N_("Something went wrong on our side"),
    N_("It has been logged. Try again in a moment; what you have sent once is not stored twice."),
)


# By the detail of the problem, before the words of its status.
TOLD_OF_DETAIL = {
    origins.REFUSED: ProblemWords(N_("Nothing was done"), origins.REFUSED),
    trust_words.REMOVED: ProblemWords(
        trust_words.REMOVED,
        N_("A responder has looked at it and taken it off the map and all lists. If you see flooding, report it."),
    ),
}


def render(problem: Problem) -> Response:
    """Render the page for a problem."""
    words = TOLD_OF_DETAIL.get(problem.detail) or TOLD.get(problem.status, OTHERWISE)
    response = page("problem_page.html", status=problem.status, cache="no-store", problem=problem, told=words)
    return problems.with_headers(response, problem)
