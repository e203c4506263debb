"""Show the queue of a responder beside the report that is looked at."""

from typing import Any, NamedTuple

from flask import Response, request

from app.accounts import auth
from app.api import review_routes, review_views
from app.core import clock
from app.core.config import settings
from app.core.errors import Forbidden, Invalid, NotFound
from app.http import cursors
from app.http.headers import PRIVATE
from app.pages.admin import blocks_page
from app.pages.frame import entries, picture, trust_words, wording
from app.pages.frame.language import gettext
from app.pages.frame.rendering import page
from app.pages.report import form_page
from app.pages.report.form import FieldMistake, FormValues
from app.pages.review import forms, keys, marks, photo_forms, results, words
from app.pages.review.forms import FormRead
from app.pages.review.photo_forms import PhotoForm
from app.reports.entry import Entry
from app.reports.models import Report
from app.review import audit, queue_pages, verification
from app.review.queue_models import Content
from app.review.rating import shown_rating
from app.review.surroundings import circle_around
from app.review.verification import REJECTED, VERIFIED
from app.warnings.covering import find_covering_if_readable
from app.warnings.zones import zone_at

LIMIT = 20
LISTED_TOGETHER = 50
METRES_ACROSS = 2000  # neighbours lie within 500 m, also above and below
MOST_MARKED = 20
HISTORY = 10
MOST_PAGES = 8


class Queue(NamedTuple):
    """A page of the queue as the template shows it. `filters`: what is kept in the addresses of this page."""

    items: list[dict[str, Any]]
    following: str
    filters: dict[str, str]
    is_area_known: bool


class Refused(NamedTuple):
    """A form of which nothing was stored: the word of the reason, its status, and the form as it was read."""

    report_id: str
    told: str
    status: int
    read: FormRead
    photo: PhotoForm | None = None


def show() -> Response:
    """Show the queue, and the report of the address, or else the most urgent one."""
    return _page(request.args.get("report", ""), request.args.get("told", ""))


def show_again(refused: Refused) -> Response:
    """Show the page with what was typed in a form, and why nothing was stored."""
    return _page(refused.report_id, refused.told, refused)


def _page(report_id: str, told: str, refused: Refused | None = None) -> Response:
    is_together = "together" in request.args
    outcome = results.read(request.args.get(results.PARAMETER, ""))
    queue = _read_queue({one.report_id for one in results.undoable(outcome)}, is_together=is_together)
    wanted = report_id or next((item["report"]["id"] for item in queue.items), "")
    looked_at = None if is_together else _looked_at(wanted)
    read = refused.read if refused else FormRead("", {}, {})
    return page(
        "review.html",
        status=refused.status if refused else 200,
        cache=PRIVATE,
        queue=queue,
        looked_at=looked_at,
        is_together=is_together,
        cluster=marks.draw_all([item["report"] for item in queue.items]) if is_together else None,
        next_id=_next_id(queue, wanted),
        told=results.summary(outcome) or (gettext(words.NOTES[told]) if told in words.NOTES else ""),
        is_stored=told in words.STORED or results.is_whole(outcome),
        results=results.shown(outcome, auth.caller()),
        undoable=results.undoable(outcome),
        has_areas=auth.caller().has_areas,
        has_keys=keys.are_on(),
        verified=VERIFIED,
        rejected=REJECTED,
        trust_words=trust_words,
        now_ms=clock.now_ms(),
        photo_form=refused.photo if refused else None,
        photo_rows=photo_forms.ROWS,
        shows_photos=not settings().photos.is_held,
        **_forms(looked_at, read),
    )


def _forms(looked_at: dict[str, Any] | None, read: FormRead) -> dict[str, Any]:
    """Return the values of the forms: empty, or again as they were typed, with their mistakes."""
    shown = form_page.shown(read.wrong, FormValues({}, None, list(read.matches), []))
    values: dict[str, str] = {}
    if looked_at:
        values = forms.current(looked_at["row"], looked_at["report"]["location"])
    return shown | {
        "review_words": words,
        "again": read.name,
        "typed": read.typed,
        "wrong": [FieldMistake(_anchor(read.name, one.field), one.text) for one in read.wrong],
        "before": values,
        "correction": forms.typed_over(values, read.typed) if read.name == forms.CORRECT else values,
    }


def _anchor(form_name: str, field: str) -> str:
    """Return the id of a field; names occur in several forms, those of the place in one."""
    return field if field in ("", "where", "pick") or form_name == "photo" else f"{form_name}-{field}"


def _read_queue(decided: set[str], *, is_together: bool) -> Queue:
    """Read a page of the queue; what is unreadable in the address counts as absent, a bad cursor as the beginning.

    `decided`: reports that were decided a moment ago, as the queue follows within seconds.
    """
    asked = {name: request.values.get(name, "") for name in ("area", "state")}
    state = asked["state"] if asked["state"] in words.STATES else "all"
    limit = LISTED_TOGETHER if is_together else LIMIT
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
    rows = [(row, content) for row in found.rows if (content := contents[row.sort]).entry.id not in decided]
    # Places of the list are shown on the picture only: of what is not shown nothing is noted.
    items = review_views.list_items(rows, str(auth.caller().account_id), has_places=is_together)
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


def _looked_at(report_id: str) -> dict[str, Any] | None:
    """Return all that the page shows of one report, or None if there is none that the caller may judge."""
    if not report_id:
        return None
    try:
        report = verification.find(report_id, auth.caller())
    except (NotFound, Forbidden):
        return None
    item = review_views.one_item(report, str(auth.caller().account_id))
    entry, neighbours = report.entry(), item["neighbours"]
    drawn = _picture(item["report"]["location"], entry)
    wording.in_zone(zone_at(lat=float(entry.lat), lon=float(entry.lon)))
    return item | {
        "entry": entry,
        "row": report,
        "shown": entries.report_entries([entry])[0],
        "picture": drawn,
        "marks": marks.around(drawn, neighbours["items"][:MOST_MARKED]),
        "reasons": _reasons(report),
        "can_be_undone": verification.can_be_undone(report),
        "history": [act for act in audit.history_of(report.id, HISTORY) if act.action in trust_words.TOLD_TO_STAFF],
        "cluster": _box_around(entry),
        "block_choices": blocks_page.choices_for(report) if auth.caller().is_everywhere else None,
        "neighbours": neighbours | {"titles": _titles(neighbours["items"])},
    }


def _reasons(report: Report) -> dict[bool, list[str]]:
    """Return what speaks for a report (True) and against it (False), in words, the weightiest first."""
    weighed = sorted(shown_rating(report)[2], key=lambda one: -abs(one[1]))
    return {is_for: trust_words.reasons(one for one in weighed if (one[1] > 0) == is_for) for is_for in (True, False)}


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
