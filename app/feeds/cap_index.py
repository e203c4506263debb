"""The list of alerts for aggregators, as Atom: warnings first, then reports, those with the newest alert first.

The cursor of a page names the part and the position in it.
"""

from typing import Any, NamedTuple

from flask import Response, request

from app.core import clock, missing
from app.core.translations import SOURCE
from app.feeds import atom, ids
from app.feeds.cap_identifiers import EXERCISE, exercise
from app.feeds.cap_items import item_of_report, item_of_warning
from app.feeds.documents import name_of
from app.feeds.items import ATOM_TYPE, Feed, FeedItem, midnight
from app.geo.box_circle import SearchArea
from app.http import cursors, headers, paging
from app.reports.alert_chain import chain_of
from app.reports.calendar_models import AlertDay
from app.reports.index.ended_lately import may_hold
from app.reports.models import Report
from app.situation import source_facts
from app.warnings import last_good, search, source_status
from app.warnings.search import NEWEST_OF_ALL

Query = dict[str, Any]
States = dict[str, source_status.SourceState]
WARNINGS, REPORTS = "w", "r"
MOST_READS = 6  # for a page
MOST_READS_FOR_ONE = 50  # for a page on which there is nothing yet
FEWEST_ROWS, MOST_ROWS = 8, 100  # of one read
POSITION = r"[wr]:[~#/A-Za-z0-9_-]{0,100}"
_ETAG = "alerts"


class Part(NamedTuple):
    """Items of one part, and where it goes on; None at its end."""

    items: list[FeedItem]
    next_key: str | None


def answer(query: Query) -> Response:
    """Answer a page of the list."""
    filters = cursors.filters_of(query)
    position = cursors.read_or_refuse(query, filters=filters, position=POSITION) or f"{WARNINGS}:"
    states = last_good.source_states()
    items, following = _page(query, position, states)
    next_cursor = cursors.write(following, filters=filters) if following else ""
    title = "Alerts of FloodManager as CAP 1.2"
    if trial := exercise():
        title, items = f"{title} ({trial})", [_marked(one, trial) for one in items]
    feed = Feed(
        id=ids.tag("feeds", name_of("cap.atom")),
        title=title,
        subtitle="Official warnings that are repeated here, and citizens' reports that a responder has verified.",
        page="/",
        self_path=request.full_path.removesuffix("?"),
        next_path=paging.next_href(next_cursor) if next_cursor else "",
        items=items,
        updated_at=max((item.updated_at for item in items), default=midnight()),
        language=SOURCE,
    )
    response = Response(atom.write(feed), mimetype=ATOM_TYPE)
    response.headers["Cache-Control"] = headers.PUBLIC_FEED
    response.headers["ETag"] = paging.etag(_ETAG, items, following)
    response.headers.extend(paging.link_header(next_cursor or None))
    if lacking := missing.names(_silent_sources(query, states)):
        response.headers["X-Missing"] = ", ".join(lacking)
    return response


def _marked(item: FeedItem, trial: str) -> FeedItem:
    """Return an entry that is not taken for an actual alert, wherever it is shown alone."""
    return item._replace(title=f"{EXERCISE}: {item.title}", text=f"{trial}.\n{item.text}")


def _silent_sources(query: Query, states: States) -> list[str]:
    """Return the issuers that were not heard in time: that nothing is listed of them says nothing."""
    names = source_status.known_sources(states)
    return source_facts.silent(source_facts.describe(names, states, query["search_area"]))


def _page(query: Query, position: str, states: States) -> tuple[list[FeedItem], str]:
    """Return the items of a page and the position of the next; empty at the end."""
    name, _, key = position.partition(":")
    items = list[FeedItem]()
    if name == WARNINGS:
        warnings = _warnings(query, query["limit"], key, states)
        if warnings.next_key:
            return warnings.items, f"{WARNINGS}:{warnings.next_key}"
        items, key = warnings.items, ""
    room = query["limit"] - len(items)
    if not room:
        others = _reports(query, 1, "")
        return items, f"{REPORTS}:" if others.items or others.next_key else ""
    reports = _reports(query, room, key)
    return [*items, *reports.items], f"{REPORTS}:{reports.next_key}" if reports.next_key else ""


def _warnings(query: Query, limit: int, key: str, states: States) -> Part:
    warning_query = search.WarningQuery(
        sources=tuple(source_status.known_sources(states)),
        severities=query["severities"],
        search_area=query["search_area"],
        limit=limit,
        before_key=key or NEWEST_OF_ALL,
        needs_outlines=False,
    )
    for _ in range(MOST_READS):
        page = last_good.find_page(warning_query, states)
        if page.hits or not page.next_key:
            break
        warning_query = warning_query._replace(before_key=page.next_key)
    return Part([item_of_warning(hit.warning) for hit in page.hits], page.next_key)


def _reports(query: Query, limit: int, key: str) -> Part:
    """Return reports with an alert of the last days that stand, or have ended within a day.

    Reads on until one more than is shown was found, so that a page is empty only if no more follow.
    """
    now_ms, items, last = clock.now_ms(), list[FeedItem](), ""
    noted = [f"{day}/{name}" for day, name in AlertDay.newest(now_ms)]
    waiting = [one for one in noted if not key or one < key]
    at_once = min(limit + FEWEST_ROWS, MOST_ROWS)
    for reads in range(1, MOST_READS_FOR_ONE + 1):
        chosen, waiting = waiting[:at_once], waiting[at_once:]
        rows = {row.id: row for row in Report.find_all(one.partition("/")[2] for one in chosen)} if chosen else {}
        for one in chosen:
            row = rows.get(one.partition("/")[2])
            if row and (item := item_of_report(row, now_ms)) and _is_wanted(row, query, now_ms):
                if len(items) == limit:
                    return Part(items, last)
                items.append(item)
                last = one
        if not waiting or items and reads >= MOST_READS:
            break
        at_once = min(2 * at_once, MOST_ROWS)
    return Part(items, chosen[-1] if waiting else None)


def _is_wanted(row: Report, query: Query, now_ms: int) -> bool:
    """Return whether a report is asked for; of one whose alert has ended only its cell of a coarse grid decides."""
    area: SearchArea | None = query["search_area"]
    place = {"lat": float(row.lat), "lon": float(row.lon)}
    if chain_of(row, now_ms).is_over:
        return area is None or may_hold(area, **place)
    is_inside = area is None or area.contains(**place)
    return is_inside and row.severity in query["severities"]
