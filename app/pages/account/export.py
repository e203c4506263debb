"""File with a person's own data, for download from their page: what `GET /v1/me/export` answers, with longer pages."""

from flask import Response, request

from app.accounts import auth
from app.api import export_views
from app.core import clock
from app.http import cursors
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.http.urls import base_url

# The longest reports that are possible, with their place, are 3.4 MB then; an answer of Lambda ends at 6 MB.
FILE_HOLDS = 200


def send() -> Response:
    """Send one's own data as a file. One that cannot hold all of them ends with the link to the next."""
    account = auth.account()
    cursor, filters = request.args.get("cursor", ""), export_views.filters_of(account)
    position = cursors.read_or_begin(cursor, filters=filters, position=export_views.POSITION, start=export_views.START)
    page = export_views.read_page(account, position, limit=FILE_HOLDS, host=base_url())
    name = f"floodmanager-{clock.day_of(clock.now_ms())}.json"
    return json_answer(page.body, cache=PRIVATE, headers={"Content-Disposition": f'attachment; filename="{name}"'})
