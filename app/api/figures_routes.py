"""Route of the figures of the service, for admins."""

from flask import Response

from app.accounts.auth import Who, lock
from app.api import figures_views
from app.api.figures_schemas import FiguresSchema
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery

blueprint = Blueprint("figures", __name__, description="Figures of the service, for admins.")


@blueprint.get("/v1/admin/figures")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, FiguresSchema)
@lock(Who.ADMIN)
def read_figures() -> Response:
    """Read the figures of now and of the last 24 hours: reports, decisions, areas warned, sources, queue.

    Parts that cannot be read are null; the rest stands.
    """
    return json_answer(figures_views.form(figures_views.read()), cache=PRIVATE)
