"""Show the queue of a responder beside the report that is looked at."""

from typing import Any, NamedTuple

from flask import Response, request

from app.accounts import auth
from app.api import review_routes, review_views
from app.core import clock
from app.core.errors import Forbidden, Invalid, NotFound
from app.http import cursors
from app.http.headers import PRIVATE
from app.pages.frame import entries, map_words, picture, trust_words, wording
from app.pages.frame.rendering import page
from app.pages.review import words
from app.reports.entry import Entry
from app.review import audit, queue_pages, verification
from app.review.queue_models import Content
from app.review.surroundings import circle_around
from app.review.verification import REJECTED, VERIFIED
from app.warnings.search import find_covering_if_readable
from app.warnings.zones import zone_at

LIMIT = 20
LISTED_TOGETHER = 50
METRES_ACROSS = 1600
HISTORY = 10
MOST_PAGES = 8


class Queue(NamedTuple):
    """A page of the queue as the template shows it. `filters`: what is kept in the addresses of this page."""

    items: list[dict[str, Any]]
    following: str
    filters: dict[str, str]
    is_area_known: bool


def show() -> Response:
    """Show the queue, and the report of the address, or else the most urgent one."""
    queue = _read_queue()
    wanted = request.args.get("report", "") or next((item["report"]["id"] for item in queue.items), "")
    looked_at = _looked_at(wanted)
    told = request.args.get("told", "")
    return page(
        "review.html",
        cache=PRIVATE,
        queue=queue,
        looked_at=looked_at,
        is_together="together" in request.args,
        next_id=_next_id(queue, wanted),
        told=words.NOTES.get(told, ""),
        is_stored=told in ("done", "undone", "ended"),
        undoable=_undoable(),
        has_areas=auth.caller().has_areas,
        words=words,
        verified=VERIFIED,
        rejected=REJECTED,
        trust_words=trust_words,
        background=map_words.background(),
        now_ms=clock.now_ms(),
    )


def _read_queue() -> Queue:
    """Read a page of the queue; what is unreadable in the address counts as absent, a bad cursor as the beginning."""
    asked = {name: request.args.get(name, "") for name in ("area", "state")}
    state = asked["state"] if asked["state"] in words.STATES else "all"
    limit = LISTED_TOGETHER if "together" in request.args else LIMIT
    query: dict[str, Any] = {"state": state, "limit": limit}
    if asked["area"]:
        query["area"] = asked["area"]
    filters = {"list": "queue page", "account": str(auth.caller().account_id), "state": state, "area": asked["area"]}
    cursor = request.args.get("cursor", "")
    position = cursors.read_or_begin(cursor, filters=filters, position=queue_pages.POSITION, start="")
    contents: dict[str, Content] = {}
    is_known = True
    try:
        found = review_routes.page_of(query, position or None, contents)
    except Invalid:
        query.pop("area", None)
        found, is_known = review_routes.page_of(query, None, contents), False
    for _ in range(MOST_PAGES - 1):  # a small area among very many that wait: pages may be empty
        if found.rows or not found.position:
            break
        found = review_routes.page_of(query, found.position, contents)
    rows = [(row, contents[row.sort]) for row in found.rows]
    items = review_views.list_items(rows, str(auth.caller().account_id))
    decided = request.args.get("done", "")  # the queue follows within seconds
    items = [item for item in items if item["report"]["id"] != decided]
    following = cursors.write(found.position, filters=filters) if found.position else ""
    kept = {name: value for name, value in (("state", state), ("area", asked["area"])) if value and value != "all"}
    return Queue([item | _shown(item) for item in items], following, kept, is_known)


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    """Add to a row of the queue the words that the page shows of it."""
    report = item["report"]
    reasons = [words.PRIORITIES[one["code"]] for one in item["priority"]["reasons"] if one["code"] in words.PRIORITIES]
    title = report["title"] or wording.report_severity(report["severity"])
    return {"title": title, "is_own_title": bool(report["title"]), "urgent": reasons}


def _next_id(queue: Queue, wanted: str) -> str:
    """Return the report that comes after this one in the queue, or before it at the end, to be shown next."""
    ids = [item["report"]["id"] for item in queue.items]
    if wanted not in ids:
        return ids[0] if ids else ""
    place = ids.index(wanted)
    others = ids[place + 1 :] + ids[:place][::-1]
    return others[0] if others else ""


def _undoable() -> dict[str, str] | None:
    """Return the report of the last decision, with its version, as the address tells it after one."""
    done, version = request.args.get("done", ""), request.args.get("version", "")
    return {"id": done, "version": version} if done and version.isdecimal() and len(version) < 10 else None


def _looked_at(report_id: str) -> dict[str, Any] | None:
    """Return all that the page shows of one report, or None if there is none that the caller may judge."""
    if not report_id:
        return None
    try:
        report = verification.find(report_id, auth.caller())
    except (NotFound, Forbidden):
        return None
    item = review_views.one_item(report, str(auth.caller().account_id))
    entry = report.entry()
    wording.in_zone(zone_at(lat=float(entry.lat), lon=float(entry.lon)))
    return item | {
        "entry": entry,
        "row": report,
        "shown": entries.report_entries([entry])[0],
        "picture": _picture(item["report"]["location"], entry),
        "history": audit.history_of(report.id, HISTORY),
        "cluster": _box_around(entry),
        "neighbours": item["neighbours"] | {"titles": _titles(item["neighbours"]["items"])},
    }


def _box_around(entry: Entry) -> str:
    """Return the box of the reports nearby, as an address has it: west,south,east,north."""
    return ",".join(f"{edge:.4f}" for edge in circle_around(entry).box())


def _titles(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return id and title of each neighbour."""
    return [(one["id"], one["title"] or wording.report_severity(one["severity"])) for one in items]


def _picture(place: dict[str, float], entry: Entry) -> picture.Picture:
    """Draw a report at the place that this caller is shown, which is the exact one only where that was noted."""
    (over,) = find_covering_if_readable([entry.spot])
    rows = [*over.certain, *over.possible] if over else []
    shapes = [(outline, entries.colour_of(row)) for row in rows if (outline := row.outline())]
    across = max(METRES_ACROSS, entry.reach_m * 6)
    return picture.around(
        lat=place["lat"], lon=place["lon"], metres_across=across, radius_m=entry.reach_m, shapes=shapes
    )
