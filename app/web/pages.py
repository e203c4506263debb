"""The pages for people who build on the product, and the files these pages need."""

import json
from typing import NamedTuple

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.auth import Who, lock_blueprint
from app.config import VERSION, settings
from app.errors import Invalid, Mistake, NotFound, Problem, every_problem
from app.http import problems
from app.http.description import description
from app.http.headers import PUBLIC_DOCUMENT
from app.web import assets
from app.web.problem_advice import BY_CODE

SWAGGER = "vendor/swagger-ui-5.35.0"
FOR_EVER = "public, max-age=31536000, immutable"
# The page shows addresses made from the Host header where none is configured: a cache must ask before reuse.
ASK_FIRST = "no-cache"
_EXAMPLE_MISTAKES = (
    Mistake("/location/lat", "range", "It must be from -90 to 90."),
    Mistake("/titel", "unknown", "There is no such field here."),
)
_NAMES_OF_A_PAGE = frozenset(("text/html", "text/*"))
_METHODS = ("get", "post", "put", "patch", "delete")

blueprint = Blueprint("web", __name__)
lock_blueprint(blueprint, Who.ANYONE)


class Operation(NamedTuple):
    """One line of the list of operations for browsers without JavaScript."""

    method: str
    path: str
    summary: str


@blueprint.app_template_global()
def asset_url(name: str) -> str:
    """The present address of one of our files."""
    asset = assets.find(name)
    if asset is None:
        raise LookupError(f"app/web/static has no file {name}")
    return url_for("web.send_asset", digest=asset.digest, name=name)


@blueprint.get("/")
def show_home() -> ResponseReturnValue:
    """Say what this is: a page for browsers, one line of JSON for programs."""
    response = _home_page() if _prefers_page() else jsonify(message="Flood Reporting API is running")
    response.vary.add("Accept")
    response.headers["Cache-Control"] = ASK_FIRST
    return response


@blueprint.get("/docs")
def show_docs() -> ResponseReturnValue:
    """The API description, to read and to try."""
    return _page("docs.html", swagger=SWAGGER, operations=_operations())


@blueprint.get("/docs/errors/")
def list_problems() -> ResponseReturnValue:
    """All kinds of problem that an answer may name in `type`."""
    return _page("problems.html", kinds=every_problem())


@blueprint.get("/docs/errors/<code>")
def show_problem(code: str) -> ResponseReturnValue:
    """One kind of problem: what it means and what to do."""
    kind = next((kind for kind in every_problem() if kind.code == code), None)
    if kind is None:
        raise NotFound("There is no such kind of problem. /docs/errors/ lists them all.")
    return _page("problem.html", kind=kind, advice=BY_CODE[code], example=_example(kind))


@blueprint.get("/static/<digest>/<path:name>")
def send_asset(digest: str, name: str) -> ResponseReturnValue:
    """One file of the pages. Its address changes with its content, so it may be kept for ever."""
    asset = assets.find(name)
    if asset is None:
        raise NotFound("There is no such file.")
    if digest != asset.digest:  # a page from before a deployment still finds its style
        return redirect(asset_url(name))
    packed = asset.packed if request.accept_encodings["gzip"] > 0 else None
    response = Response(packed or asset.content, content_type=asset.media_type)
    response.headers["Cache-Control"] = FOR_EVER
    if asset.packed:
        response.vary.add("Accept-Encoding")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _prefers_page() -> bool:
    """Whether HTML is wanted more than JSON; on a tie, whether it is named. `*/*` and no Accept mean a program."""
    accept = request.accept_mimetypes
    html, plain = accept["text/html"], accept["application/json"]
    if html == plain:
        return html > 0 and not _NAMES_OF_A_PAGE.isdisjoint(name.lower() for name in accept.values())
    return html > plain


def _home_page() -> Response:
    base = settings().public_base_url or request.host_url.rstrip("/") + request.script_root
    return _page("home.html", base=base)


def _page(template: str, **values: object) -> Response:
    text = render_template(template, version=VERSION, **values)
    return Response(text, mimetype="text/html", headers={"Cache-Control": PUBLIC_DOCUMENT})


def _operations() -> list[Operation]:
    """Every operation of the OpenAPI document, in its order."""
    paths = description(current_app).to_dict()["paths"]
    return [
        Operation(method.upper(), path, item[method].get("summary", ""))
        for path, item in paths.items()
        for method in _METHODS
        if method in item
    ]


def _example(kind: type[Problem]) -> str:
    """A problem document of this kind as it is sent, made by the very function that sends it."""
    problem = kind(_EXAMPLE_MISTAKES) if issubclass(kind, Invalid) else kind()
    document = problems.document(problem, instance="/v1/reports", request_id="req_01kahm3v5r6m0p8q2s4t6w8y0z")
    return json.dumps(document, indent=2)
