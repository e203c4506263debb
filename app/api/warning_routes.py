"""Routes of official warnings: the list, and one warning."""

from functools import partial
from typing import Any, NamedTuple

from flask import Response

from app.accounts.auth import Who, lock
from app.api import csv_table, list_format, warning_views
from app.api.warning_list_schemas import (
    OneWarningSchema,
    OutlinePageSchema,
    OutlineSchema,
    WarningFeaturesQuery,
    WarningPageSchema,
    WarningsQuery,
    WarningTableQuery,
)
from app.core import clock, dynamodb, missing
from app.core.errors import NotFound
from app.geo import geojson
from app.http import cursors, headers
from app.http.answers import accepted_language, in_language
from app.http.schemas import Blueprint, NoQuery
from app.situation import inside_reading, source_facts
from app.warnings import last_good, search, source_status
from app.warnings.models import OfficialWarning
from app.warnings.search import NEWEST_OF_ALL, POSITION, WarningHit

blueprint = Blueprint("warnings", __name__, description="Official warnings.")
ID = "<warning_id>"
MOST_OUTLINES = 100  # warnings on one page with outlines


@blueprint.get("/v1/warnings")
@blueprint.arguments(WarningsQuery, location="query")
@blueprint.response(200, WarningPageSchema)
@blueprint.response(307, description=list_format.AS_ATOM, headers=["Location"])
@lock(Who.ANYONE)
def list_warnings(query: dict[str, Any]) -> Response:
    """List official warnings in force and those that ended within the last day, newest first.

    One item for each message and area. `sources` gives the age of each issuer's last answer: if one is unknown or
    stale, an empty list does not mean that there is no warning. With `updated_since`: the changes since, latest first;
    a removed warning is a tombstone. The format is JSON, GeoJSON, CSV or Atom.
    """
    return _list(query, suffix="")


@blueprint.get("/v1/warnings.geojson")
@blueprint.arguments(WarningFeaturesQuery, location="query")
@blueprint.response(200, OutlinePageSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE)
def list_warnings_geojson(query: dict[str, Any]) -> Response:
    """List official warnings as GeoJSON, with their outlines."""
    return _list(query, suffix="geojson")


@blueprint.get("/v1/warnings.csv")
@blueprint.arguments(WarningTableQuery, location="query")
@blueprint.response(200, csv_table.described(warning_views.COLUMNS), content_type=csv_table.MEDIA_TYPE)
@lock(Who.ANYONE)
def list_warnings_csv(query: dict[str, Any]) -> Response:
    """List official warnings as CSV; `Link` leads to the next page."""
    return _list(query, suffix="csv")


def _list(query: dict[str, Any], *, suffix: str) -> Response:
    form = list_format.media_type(suffix)
    if form == list_format.ATOM:
        return list_format.to_feed()
    return warning_views.page_answer(read_page(query, has_outlines=form == geojson.MEDIA_TYPE), form=form)


def read_page(query: dict[str, Any], *, has_outlines: bool = True, is_counted: bool = True) -> warning_views.Page:
    """Read a page of the list of warnings, with the numbers of reports inside if `is_counted`.

    Without outlines it costs far less. A page with them has at most 100 warnings and, beyond its first, as many as an
    answer can hold.
    """
    filters = cursors.filters_of(query)
    before, first_page = cursors.read_with_moment(query, filters=filters, position=POSITION)
    source_states = last_good.source_states()
    names = source_status.known_sources(source_states, asked_for=query.get("source"))
    warning_query = search.WarningQuery(
        sources=(query["source"],) if "source" in query else tuple(names),
        severities=query["severities"],
        search_area=query["search_area"],
        in_force={"true": True, "false": False}.get(query.get("in_force", "")),
        sent_since_ms=query.get("since"),
        sent_until_ms=query.get("until"),
        limit=min(query["limit"], MOST_OUTLINES) if has_outlines else query["limit"],
        before_key=before or NEWEST_OF_ALL,
        needs_outlines=has_outlines,
        area_id=query.get("area"),
    )
    language = accepted_language()
    found = _find_page(warning_query, source_states, query.get("updated_since"), language, is_counted=is_counted)
    as_of_ms = first_page
    if as_of_ms is None or missing.parts():
        settled_ms = _settled(warning_query, source_states, is_delta="updated_since" in query)
        as_of_ms = settled_ms if as_of_ms is None else min(as_of_ms, settled_ms)
    return warning_views.Page(
        items=found.items,
        next_cursor=cursors.write(found.next_key, filters=filters, settled_ms=as_of_ms) if found.next_key else None,
        following=found.next_key,
        as_of_ms=as_of_ms,
        sources=source_facts.describe(names, source_states, query["search_area"]),
        language=language,
    )


class _Found(NamedTuple):
    items: list[warning_views.Item]
    next_key: str | None


def _find_page(
    warning_query: search.WarningQuery,
    source_states: dict[str, source_status.SourceState],
    updated_since: int | None,
    language: str,
    *,
    is_counted: bool,
) -> _Found:
    """Return warnings in force or ended recently, newest first; or the changes since a time, latest first."""
    if updated_since is None:
        page = _page_of(warning_query, source_states, is_counted=is_counted)
        return _Found(warning_views.items(page.hits, language, is_counted=is_counted), page.next_key)
    changes = search.find_changed(warning_query, updated_since, source_states)
    return _Found(
        warning_views.changed_items(changes.changes, language, is_counted=is_counted),
        changes.next_key,
    )


def _page_of(
    warning_query: search.WarningQuery, source_states: dict[str, source_status.SourceState], *, is_counted: bool
) -> search.WarningPage:
    """Read a page, and beside it the numbers of reports: of its sources, or of all that it is likely to have."""
    if is_counted and search.is_near_a_place(warning_query):
        return last_good.find_page(warning_query, source_states, meanwhile=inside_reading.read_ahead)
    if not is_counted:
        return last_good.find_page(warning_query, source_states)
    heard = {source for source in warning_query.sources if source_states.get(source, {}).get("in_force")}
    _, page = dynamodb.at_once(
        partial(inside_reading.read_ahead, heard), partial(last_good.find_page, warning_query, source_states)
    )
    return page


def _settled(
    warning_query: search.WarningQuery, source_states: dict[str, source_status.SourceState], *, is_delta: bool
) -> int:
    """Return the time from which the next delta misses nothing, but not earlier than the changes are known.

    The log of changes and its rows are read consistently, a list from copies; and what cannot be read now is older.
    """
    settled_ms = source_status.low_watermark_ms if is_delta else source_status.list_settled_ms
    safe = settled_ms(source_states, warning_query.sources, missing.oldest_ms(clock.now_ms()))
    return max(safe, source_status.changes_known_since_ms(source_states, warning_query.sources))


@blueprint.get(f"/v1/warnings/{ID}")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, OneWarningSchema)
@lock(Who.ANYONE)
def read_warning(warning_id: str) -> Response:
    """Read one official warning, in the issuer's words and in plain ones."""
    row = find_shown(warning_id)
    language = accepted_language()
    form = warning_views.warning_forms([WarningHit(row, None)], language)[0]
    answer = warning_views.answer_of(form | _source_status(row.source), cache=headers.PUBLIC_WARNINGS)
    return in_language(answer, language)


@blueprint.get(f"/v1/warnings/{ID}.geojson")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, OutlineSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE)
def read_warning_geojson(warning_id: str) -> Response:
    """Read one official warning as a GeoJSON feature with its outline."""
    row = find_shown(warning_id)
    language = accepted_language()
    form = warning_views.warning_forms([WarningHit(row, None)], language)[0]
    body = warning_views.feature(form, row) | _source_status(row.source)
    answer = warning_views.answer_of(body, cache=headers.PUBLIC_WARNINGS, media_type=geojson.MEDIA_TYPE)
    return in_language(answer, language)


def _source_status(source: str) -> dict[str, Any]:
    """Return the status of a warning's source, and how old the answer is if it was not read just now."""
    return {"sources": source_facts.describe([source], last_good.source_states())} | missing.members()


def find_shown(warning_id: str) -> OfficialWarning:
    """Return a warning that is in force or ended within a day; raises NotFound."""
    row = last_good.find(warning_id)
    if row is None or not row.mark().is_shown(clock.now_ms()):
        raise NotFound("There is no such warning, or it ended more than a day ago.")
    return row
