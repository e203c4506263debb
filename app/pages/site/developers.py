"""Pages for developers who use the API. They are in English, as the API is."""

import json
from typing import NamedTuple

from flask import Response, current_app

from app.core.errors import Invalid, Mistake, NotFound, Problem, every_problem
from app.http import problems
from app.http.description import description
from app.http.headers import PUBLIC_PAGE
from app.pages.frame.rendering import page
from app.pages.site.problem_advice import BY_CODE

SWAGGER = "vendor/swagger-ui-5.35.0"
_EXAMPLE_MISTAKES = (
    Mistake("/location/lat", "range", "It must be from -90 to 90."),
    Mistake("/titel", "unknown", "There is no such field here."),
)
_METHODS = ("get", "post", "put", "patch", "delete")


class Operation(NamedTuple):
    """One line of the list of operations for browsers without JavaScript."""

    method: str
    path: str
    summary: str


def show_docs() -> Response:
    """Show Swagger UI, and without JavaScript a list of all operations."""
    return page("docs.html", cache=PUBLIC_PAGE, swagger=SWAGGER, operations=_operations())


def list_problems() -> Response:
    """List all kinds of problem, by status."""
    return page("problems.html", cache=PUBLIC_PAGE, kinds=every_problem())


def show_problem(code: str) -> Response:
    """Show one kind of problem, with an example. Raises NotFound."""
    kind = next((kind for kind in every_problem() if kind.code == code), None)
    if kind is None:
        raise NotFound("There is no such kind of problem. /docs/errors/ lists them all.")
    return page("problem.html", cache=PUBLIC_PAGE, kind=kind, advice=BY_CODE[code], example=_example(kind))


def _operations() -> list[Operation]:
    """List every operation of the OpenAPI document, in its order."""
    paths = description(current_app).to_dict()["paths"]
    return [
        Operation(method.upper(), path, item[method].get("summary", ""))
        for path, item in paths.items()
        for method in _METHODS
        if method in item
    ]


def _example(kind: type[Problem]) -> str:
    """Build an example of a problem document with the function that builds the real ones."""
    problem = kind(_EXAMPLE_MISTAKES) if issubclass(kind, Invalid) else kind()
    document = problems.document(problem, instance="/v1/reports", request_id="req_01kahm3v5r6m0p8q2s4t6w8y0z")
    return json.dumps(document, indent=2)
