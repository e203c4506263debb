"""The feed of official warnings: the page of the list, in the form that the reader takes, never larger than 900 kB."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response

from app.api import csv_table, warning_views
from app.api.warning_routes import read_page
from app.api.warning_views import Item
from app.core import missing
from app.core.translations import N_
from app.feeds import areas, documents, outlines, warning_items
from app.feeds.documents import Words
from app.feeds.items import ATOM_TYPE, RSS_TYPE, FeedItem
from app.feeds.notices import notices, uncovered
from app.geo import geojson
from app.http import cursors, headers
from app.situation import source_facts

MOST_BYTES = 850_000  # of entries; 50 kB more are for the frame and the notices
_FRAME_BYTES = 1500  # of an entry, besides its texts
# Not in feeds: each minute would make another document of the same warnings.
_COUNTED = ("reports_active", "reports_active_as_of")
WORDS = Words(
    N_("Official flood warnings"),
    N_("In the words of those who issue them. What has ended stays here for a day, and says so."),
    "/warnings",
)


def answer(query: dict[str, Any], form: str) -> Response:
    """Answer a page of the feed in the media type asked for."""
    asked = areas.for_warnings(query)
    page = read_page(asked, has_outlines=form == geojson.MEDIA_TYPE, is_counted=False)
    if form in (ATOM_TYPE, RSS_TYPE):
        return _document(page, asked, form)
    page = page._replace(items=[item._replace(form=_uncounted(item.form)) for item in page.items])
    if form == csv_table.MEDIA_TYPE:
        response = warning_views.page_answer(_fitting(page, asked, _size_of_row), form=form)
    else:
        response = _features(page, asked, form)
    response.headers["Cache-Control"] = headers.PUBLIC_FEED
    return response


def _uncounted(form: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if name not in _COUNTED}


def _document(page: warning_views.Page, query: dict[str, Any], form: str) -> Response:
    made = {item.order: warning_items.item_of(item, page.language) for item in page.items}
    page = _fitting(page, query, lambda item: _size_of_entry(made[item.order]))
    lacking = missing.names(source_facts.silent(page.sources))
    told = notices(lacking, page.sources, page=WORDS.page, language=page.language)
    if query["search_area"] is not None and areas.AREA not in query:
        told += uncovered(page.sources, query["search_area"], page=WORDS.page, language=page.language)
    items = [*told, *(made[item.order] for item in page.items)]
    return documents.answer(items, WORDS, form=form, next_cursor=page.next_cursor, lacking=lacking)


def _features(page: warning_views.Page, query: dict[str, Any], form: str) -> Response:
    """Answer features with outlines of few corners; `links.geojson` of each leads to the whole one."""
    thin = outlines.simplified([item.row for item in page.items])
    sized = {
        item.order: warning_views.outlined_feature(item, outline)
        for item, outline in zip(page.items, thin, strict=True)
    }
    page = _fitting(page, query, lambda item: len(json.dumps(sized[item.order], ensure_ascii=False).encode()))
    return warning_views.page_answer(page, form=form, features=[sized[item.order] for item in page.items])


def _fitting(page: warning_views.Page, query: dict[str, Any], size_of: Callable[[Item], int]) -> warning_views.Page:
    """Return the page with as many items as may be sent, at least one; the next page begins after them."""
    size = 0
    for number, item in enumerate(page.items):
        size += size_of(item)
        if number and size > MOST_BYTES:
            following = page.items[number - 1].order
            cursor = cursors.write(following, filters=cursors.filters_of(query), settled_ms=page.as_of_ms)
            return page._replace(items=page.items[:number], next_cursor=cursor, following=following)
    return page


def _size_of_row(item: Item) -> int:
    return len(json.dumps(item.form, ensure_ascii=False).encode())


def _size_of_entry(item: FeedItem) -> int:
    """Return at most how many bytes an entry takes: in XML five for `&`, and in RSS as many for the escape of that."""
    text = f"{item.title}{item.text}"
    marks = sum(text.count(mark) for mark in "&<>")
    breaks = item.text.count("\n")
    shape = len(item.shape.text) if item.shape else 0
    labels = sum(len(f"{word.label}{word.term}".encode()) for word in item.categories)
    return _FRAME_BYTES + len(text.encode()) + 8 * marks + 10 * breaks + shape + labels
