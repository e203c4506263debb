"""Routes of the responders' queue: what waits, holds, and many decisions at once."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.accounts.auth import Who, caller, lock
from app.accounts.scopes import Scope
from app.api import bulk_decisions, review_areas, review_views
from app.api.review_areas import Extent
from app.api.review_schemas import (
    ALL,
    DecisionResultsSchema,
    DecisionsSchema,
    HoldUntilSchema,
    QueuedReportSchema,
    QueueQuerySchema,
    QueueSchema,
)
from app.core import clock
from app.http import cursors, paging
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery
from app.review import holds, queue_pages, verification
from app.review.queue_models import Content, QueueRow
from app.review.queue_pages import QueueQuery
from app.review.small_areas import FirstLooks, first_looks_in
from app.review.urgency import State, keys_of

blueprint = Blueprint("review", __name__, description="What waits for a responder, and decisions about it.")
HOLD = "/v1/review/holds/<report_id>"


@blueprint.get("/v1/review/queue")
@blueprint.arguments(QueueQuerySchema, location="query")
@blueprint.response(200, QueueSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def read_queue(query: dict[str, Any]) -> Response:
    """List the reports that wait in one's areas, the most urgent first, at most 15 seconds old.

    Those that another responder holds are left out. Very wide areas are read in parts, the tiles with most reports
    first. Exact places are shown; each such answer is noted in the audit.
    """
    filters = cursors.filters_of(query) | {"list": "queue", "account": caller().account_id}
    position = cursors.read_or_refuse(query, filters=filters, position=queue_pages.POSITION)
    contents: dict[str, Content] = {}
    page = page_of(query, position, contents)
    items = review_views.list_items([(row, contents[row.sort]) for row in page.rows], str(caller().account_id))
    following = cursors.write(page.position, filters=filters) if page.position else None
    return paging.page_answer(items, next_cursor=following, cache=PRIVATE)


def page_of(query: dict[str, Any], position: str | None, contents: dict[str, Content]) -> queue_pages.QueuePage:
    """Read a page; fill in what each of its rows shows."""
    extents = review_areas.asked_extents(caller(), query.get("area"))
    own = review_areas.extents_of(caller())
    state, account_id, now_ms = query["state"], caller().account_id, clock.now_ms()

    def is_wanted(row: QueueRow) -> bool:
        content = row.content()
        if content is None or content.entry.expires_at_ms <= now_ms or row.holder_at(now_ms) not in (None, account_id):
            return False
        lat, lon = float(content.entry.lat), float(content.entry.lon)
        if not all(review_areas.is_in(areas, lat=lat, lon=lon) for areas in (extents, own)):
            return False
        contents[row.sort] = content
        return content.is_unchecked if state == State.WAITING else state in (ALL, content.state)

    if position:
        tiles, after = queue_pages.read_position(position)
    else:
        few = review_areas.few_tiles(extents)
        tiles = queue_pages.busy_tiles(lambda tile: review_areas.touches(extents, tile)) if few is None else few
        after = ""
    return queue_pages.read_page(
        QueueQuery(tiles, None if state == ALL else State(state), query["limit"], is_wanted, after, _few_in(extents))
    )


def _few_in(extents: Sequence[Extent] | None) -> FirstLooks | None:
    """Return the reports that wait for a first look in small areas; None if the areas have too many cells for that."""
    cells = review_areas.few_cells(extents)
    if cells is None:
        return None
    return first_looks_in(cells, lambda lat, lon: review_areas.is_in(extents, lat=lat, lon=lon))


@blueprint.get("/v1/review/queue/<report_id>")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, QueuedReportSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def read_queued_report(report_id: str) -> Response:
    """Read one report with all that a decision needs: flags, all neighbours, the reporter's record."""
    report = verification.find(report_id, caller())
    return json_answer(review_views.one_item(report, str(caller().account_id)), cache=PRIVATE)


@blueprint.put(HOLD)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, HoldUntilSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def put_hold(report_id: str) -> Response:
    """Hold a report for five minutes, so that it is not offered to others; again renews. At most three at a time.

    409 with `until` while another responder holds it.
    """
    report = verification.find(report_id, caller())
    until_ms = holds.hold(report, str(caller().account_id))
    return json_answer({"until": clock.rfc3339(until_ms)}, cache=PRIVATE)


@blueprint.delete(HOLD)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.RESPONDER, Scope.REVIEW)
def delete_hold(report_id: str) -> Response:
    """Let a report go. Safe to repeat; the hold of another stays."""
    report = verification.find(report_id, caller())
    holds.let_go(report.id, str(caller().account_id), keys=keys_of(report))
    return Response(status=204, headers={"Cache-Control": PRIVATE})


@blueprint.post("/v1/review/decisions")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(DecisionsSchema)
@blueprint.response(200, DecisionResultsSchema)
@lock(Who.RESPONDER, Scope.REVIEW)
def decide_many(values: dict[str, Any]) -> Response:
    """Decide about up to 50 reports in one call. Each has its own result, in order; one that fails stops no other."""
    return json_answer({"results": bulk_decisions.decide_all(values["decisions"])}, cache=PRIVATE)
