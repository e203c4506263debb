"""Routes of the feeds. What writes them is loaded at the first request for one."""

from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api import csv_table
from app.api.report_list_schemas import FeaturePageSchema
from app.api.warning_list_schemas import OutlinePageSchema
from app.feeds import examples
from app.feeds.items import ATOM_TYPE, RSS_TYPE
from app.feeds.schemas import ReportFeedQuery, ReportTableQuery, WarningFeedQuery, WarningTableQuery
from app.geo import geojson
from app.http.schemas import Blueprint

blueprint = Blueprint("feeds", __name__, description="Feeds for readers, maps, tables and sirens.")


@blueprint.get("/feeds/reports.atom")
@blueprint.arguments(ReportFeedQuery, location="query")
@blueprint.response(200, examples.ATOM, content_type=ATOM_TYPE)
@lock(Who.ANYONE)
def follow_reports_atom(query: dict[str, Any]) -> Response:
    """Follow reports as Atom (RFC 4287), paged by RFC 5005, with places as GeoRSS-Simple.

    Those that are active, and on the last page those that ended within a day, with the category `ended`.
    """
    return _reports(query, ATOM_TYPE)


@blueprint.get("/v1/reports.atom")
@blueprint.doc(tags=["reports"])
@blueprint.arguments(ReportFeedQuery, location="query")
@blueprint.response(200, examples.ATOM, content_type=ATOM_TYPE)
@lock(Who.ANYONE)
def list_reports_atom(query: dict[str, Any]) -> Response:
    """List reports as Atom: the feed `/feeds/reports.atom`."""
    return _reports(query, ATOM_TYPE)


@blueprint.get("/feeds/reports.rss")
@blueprint.arguments(ReportFeedQuery, location="query")
@blueprint.response(200, examples.RSS, content_type=RSS_TYPE)
@lock(Who.ANYONE)
def follow_reports_rss(query: dict[str, Any]) -> Response:
    """Follow reports as RSS 2.0, with the same entries and names as the Atom feed."""
    return _reports(query, RSS_TYPE)


@blueprint.get("/feeds/reports.geojson")
@blueprint.arguments(ReportFeedQuery, location="query")
@blueprint.response(200, FeaturePageSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE)
def follow_reports_geojson(query: dict[str, Any]) -> Response:
    """Follow reports as GeoJSON: the active ones."""
    return _reports(query, geojson.MEDIA_TYPE)


@blueprint.get("/feeds/reports.csv")
@blueprint.arguments(ReportTableQuery, location="query")
@blueprint.response(200, examples.REPORT_TABLE, content_type=csv_table.MEDIA_TYPE)
@lock(Who.ANYONE)
def follow_reports_csv(query: dict[str, Any]) -> Response:
    """Follow reports as a table: the active ones."""
    return _reports(query, csv_table.MEDIA_TYPE)


@blueprint.get("/feeds/warnings.atom")
@blueprint.arguments(WarningFeedQuery, location="query")
@blueprint.response(200, examples.ATOM, content_type=ATOM_TYPE)
@lock(Who.ANYONE)
def follow_warnings_atom(query: dict[str, Any]) -> Response:
    """Follow official warnings as Atom (RFC 4287), paged by RFC 5005, with places as GeoRSS-Simple.

    Those in force, and for a day those that ended, with the category `ended`.
    """
    return _warnings(query, ATOM_TYPE)


@blueprint.get("/v1/warnings.atom")
@blueprint.doc(tags=["warnings"])
@blueprint.arguments(WarningFeedQuery, location="query")
@blueprint.response(200, examples.ATOM, content_type=ATOM_TYPE)
@lock(Who.ANYONE)
def list_warnings_atom(query: dict[str, Any]) -> Response:
    """List official warnings as Atom: the feed `/feeds/warnings.atom`."""
    return _warnings(query, ATOM_TYPE)


@blueprint.get("/feeds/warnings.rss")
@blueprint.arguments(WarningFeedQuery, location="query")
@blueprint.response(200, examples.RSS, content_type=RSS_TYPE)
@lock(Who.ANYONE)
def follow_warnings_rss(query: dict[str, Any]) -> Response:
    """Follow official warnings as RSS 2.0, with the same entries and names as the Atom feed."""
    return _warnings(query, RSS_TYPE)


@blueprint.get("/feeds/warnings.geojson")
@blueprint.arguments(WarningFeedQuery, location="query")
@blueprint.response(200, OutlinePageSchema, content_type=geojson.MEDIA_TYPE)
@lock(Who.ANYONE)
def follow_warnings_geojson(query: dict[str, Any]) -> Response:
    """Follow official warnings as GeoJSON, with outlines of few corners; `links.geojson` leads to the whole one."""
    return _warnings(query, geojson.MEDIA_TYPE)


@blueprint.get("/feeds/warnings.csv")
@blueprint.arguments(WarningTableQuery, location="query")
@blueprint.response(200, examples.WARNING_TABLE, content_type=csv_table.MEDIA_TYPE)
@lock(Who.ANYONE)
def follow_warnings_csv(query: dict[str, Any]) -> Response:
    """Follow official warnings as a table."""
    return _warnings(query, csv_table.MEDIA_TYPE)


def _reports(query: dict[str, Any], form: str) -> Response:
    from app.feeds import report_feed  # few requests are for feeds

    return report_feed.answer(query, form)


def _warnings(query: dict[str, Any], form: str) -> Response:
    from app.feeds import warning_feed  # as above

    return warning_feed.answer(query, form)
