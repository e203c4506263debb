"""Route of the description of all rooms, which only an app that has them all can give."""

from flask import Response, current_app

from app.accounts.auth import Who, lock
from app.api import description
from app.http import headers
from app.http.answers import json_answer
from app.http.schemas import Blueprint, NoQuery

blueprint = Blueprint("description", __name__, tag="service")


@blueprint.get("/openapi.json")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, {"type": "object"})
@lock(Who.ANYONE)
def read_openapi() -> Response:
    """Read this description of the API (OpenAPI 3.1)."""
    return json_answer(description.document(current_app), cache=headers.PUBLIC_DOCUMENT)
