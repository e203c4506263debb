"""The feed of reports: the page of the list, in the form that the reader takes."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from app.api import list_format
from app.api.report_list_routes import read_page
from app.api.report_list_schemas import PERIOD
from app.core import dynamodb, missing
from app.core.translations import N_
from app.feeds import areas, documents, report_items
from app.feeds.documents import Words
from app.feeds.items import ATOM_TYPE, RSS_TYPE
from app.feeds.notices import notices
from app.http import headers
from app.http.answers import accepted_language
from app.reports.entry import COARSE_M, Entry
from app.reports.index import history
from app.reports.index.ended_lately import find_ended_lately

WORDS = Words(
    N_("Reports of flooding"),
    N_("What people report. These are no official warnings. What has ended stays here for a day, and says so."),
    "/reports",
)
_LIVE = (*PERIOD, "cursor")


def answer(query: dict[str, Any], form: str) -> Response:
    """Answer a page of the feed in the media type asked for."""
    asked = areas.for_reports(query)
    has_ended = form in (ATOM_TYPE, RSS_TYPE) and not any(name in query for name in _LIVE)
    page, ended = _read(asked, form, has_ended=has_ended)
    if areas.AREA in asked:
        page = page._replace(items=[item for item in page.items if _is_known_inside(item)])
    if page.cache == headers.PUBLIC_LIST:
        page = page._replace(cache=headers.PUBLIC_FEED)
    if form not in (ATOM_TYPE, RSS_TYPE):
        return list_format.page_answer(page, form)
    language = accepted_language()
    forms = [*page.items, *_ended_forms(ended, page, asked)]
    lacking = missing.names()
    items = [report_items.item_of(one, language) for one in forms]
    told = notices(lacking, (), page=WORDS.page, language=language)
    response = documents.answer([*told, *items], WORDS, form=form, next_cursor=page.next_cursor, lacking=lacking)
    response.headers["Cache-Control"] = page.cache
    response.vary.add("Authorization")
    return response


def _is_known_inside(item: dict[str, Any]) -> bool:
    """Return whether a report is surely inside an area: one that is known to a kilometre only never is."""
    return item.get("location_precision") != "area" and item.get("radius_m", 0) < COARSE_M


def _read(query: dict[str, Any], form: str, *, has_ended: bool) -> tuple[list_format.ListPage, Sequence[Entry]]:
    """Return a page of the list, and what ended within the last day if there is room for it after all that is active.

    A list of a period, of a status or of changes has its own. Of an area, whose outline was read first, both are read
    side by side: in three rounds of calls as any other.
    """
    if has_ended and areas.AREA in query:
        ended, page = dynamodb.at_once(lambda: _read_ended(query), lambda: read_page(query, form))
        return page, [] if page.next_cursor else ended
    page = read_page(query, form)
    is_full = page.next_cursor or len(page.items) >= query["limit"]
    return page, _read_ended(query) if has_ended and not is_full else []


def _read_ended(query: dict[str, Any]) -> list[Entry]:
    nothing: list[Entry] = []
    return missing.read_or(
        missing.NEWEST_REPORTS,
        lambda: find_ended_lately(query["search_area"], query["severities"], query["limit"]),
        nothing,
    )


def _ended_forms(ended: Sequence[Entry], page: list_format.ListPage, query: dict[str, Any]) -> list[dict[str, Any]]:
    listed = {item["id"] for item in page.items}
    forms = [_form_of(entry, query) for entry in ended if entry.id not in listed]
    surely = [form for form in forms if areas.AREA not in query or _is_known_inside(form)]
    return surely[: query["limit"] - len(page.items)]


def _form_of(entry: Entry, query: dict[str, Any]) -> dict[str, Any]:
    if history.is_gone(entry):
        return list_format.tombstone(entry)
    return list_format.list_item(entry, query["search_area"])
