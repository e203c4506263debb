"""Render pages of warnings as JSON, GeoJSON or CSV."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response

from app.api import csv_table
from app.api.list_format import ListPage, render
from app.api.warning_schemas import warning_form
from app.core import clock, missing
from app.geo import geojson
from app.http import headers, languages, paging
from app.http.answers import json_answer
from app.situation import source_facts
from app.warnings.models import OfficialWarning
from app.warnings.search import WarningChange, WarningHit

if TYPE_CHECKING:  # outlines are loaded only if there are warnings, not at the start
    from app.geo.polygon import MultiPolygon

COLUMNS = (
    "id source source_id in_force hazard severity urgency certainty label headline description instruction language "
    "areas geometry_status geometry_reason sent_at onset_at ends_at expires_at ended_at ended_reason updated_at "
    "reports_active distance_m gone"
).split()


def warning_forms(hits: Sequence[WarningHit], language: str, *, is_counted: bool = True) -> list[dict[str, Any]]:
    """Return warnings as shown, each with the number of active reports inside it; None if not `is_counted`."""
    counts = count_reports([[hit] for hit in hits]) if is_counted else [None] * len(hits)
    return [
        warning_form(hit.warning, reports_active=count, away_km=hit.distance_km, language=language)
        for hit, count in zip(hits, counts, strict=True)
    ]


def count_reports(groups: Sequence[Sequence[WarningHit]]) -> Sequence[int | None]:
    """Count the active reports inside the warnings of each group; None while they cannot be counted."""
    from app.reports.index.count_inside import count_active_if_readable  # a start needs none of it (1 ms, with shapes)

    return count_active_if_readable([_together(group) for group in groups])


def _together(group: Sequence[WarningHit]) -> "MultiPolygon":
    """Return the union of the outlines of a group."""
    from app.geo.polygon import MultiPolygon  # see `count_reports`

    outlines = [outline for hit in group if (outline := hit.warning.outline())]
    return MultiPolygon(tuple(polygon for outline in outlines for polygon in outline.polygons))


def feature(form: dict[str, Any], row: OfficialWarning) -> dict[str, Any]:
    """Return a warning as a GeoJSON feature; geometry null if it has no outline."""
    return _outlined(form, row.outline())


def _outlined(form: dict[str, Any], outline: "MultiPolygon | None") -> dict[str, Any]:
    from app.geo.polygon_geojson import to_geojson  # see `count_reports`

    properties = {name: value for name, value in form.items() if name != "id"} | {"title": form["headline"]}
    geometry = to_geojson(outline) if outline else None
    return {"type": "Feature", "id": form["id"], "geometry": geometry, "properties": properties}


class Item(NamedTuple):
    """An item of a list: a warning with its fields, or a tombstone. `order`: its position, to go on after it."""

    form: dict[str, Any]
    row: OfficialWarning | None
    order: str


class Page(NamedTuple):
    """A page of warnings before rendering."""

    items: list[Item]
    next_cursor: str | None
    following: str | None
    as_of_ms: int
    sources: list[dict[str, Any]]
    language: str


def items(hits: Sequence[WarningHit], language: str, *, is_counted: bool = True) -> list[Item]:
    """Return warnings as items."""
    forms = warning_forms(hits, language, is_counted=is_counted)
    return [Item(form, hit.warning, hit.warning.mark().order) for form, hit in zip(forms, hits, strict=True)]


def changed_items(changed: Sequence[WarningChange], language: str, *, is_counted: bool = True) -> list[Item]:
    """Return changed warnings as items; a removed one as a tombstone."""
    shown_items = iter(items([change.hit for change in changed if change.hit], language, is_counted=is_counted))
    return [next(shown_items)._replace(order=change.order) if change.hit else _tombstone(change) for change in changed]


def _tombstone(change: WarningChange) -> Item:
    form = {"id": change.id, "gone": True, "updated_at": clock.rfc3339(change.changed_at_ms)}
    return Item(form, None, change.order)


def page_answer(page: Page, *, form: str, features: list[dict[str, Any]] | None = None) -> Response:
    """Render a page of warnings in the media type asked for. `features`: those of its items, if they are made."""
    forms = [item.form for item in page.items]
    etag = paging.etag(form, forms, page.following, [_without(source, "age_s") for source in page.sources])
    lacking = missing.names(source_facts.silent(page.sources))
    members = {"sources": page.sources, "missing": lacking}
    list_page = ListPage(forms, page.next_cursor, page.as_of_ms, etag, headers.PUBLIC_WARNINGS, members)

    def table() -> str:
        rows = [form | {"areas": "; ".join(area["name"] for area in form.get("areas", []))} for form in forms]
        return csv_table.write(COLUMNS, rows)

    answer = render(list_page, form, table=table, features=lambda: features or [_feature(item) for item in page.items])
    if form == csv_table.MEDIA_TYPE:
        answer.headers["X-Sources"] = _in_a_header(page.sources)
    return languages.say(answer, page.language)


def _feature(item: Item) -> dict[str, Any]:
    return outlined_feature(item, item.row.outline() if item.row else None)


def outlined_feature(item: Item, outline: "MultiPolygon | None") -> dict[str, Any]:
    """Return an item as a GeoJSON feature with another outline than its own."""
    if item.row is None:
        return geojson.placeless_feature(item.form["id"], properties=item.form)
    return _outlined(item.form, outline)


def _in_a_header(sources: list[dict[str, Any]]) -> str:
    """Format the sources for a CSV answer's header: `ea; state=ok; age_s=12; stale=false, nws; ...`"""
    source_words = [
        f"{source['name']}; state={source['state']}; age_s={source['age_s']}; stale={source['stale']}".replace(
            "=None", "=unknown"
        )
        for source in sources
    ]
    return ", ".join(source_words).lower()


def answer_of(body: dict[str, Any], *, cache: str, media_type: str = "application/json") -> Response:
    """Return JSON with an ETag that changes with the content, not with the passing of time."""
    sources = [_without(source, "age_s") for source in body["sources"]]
    etag = paging.etag(_without(body, "as_of") | {"sources": sources})
    return json_answer(body, cache=cache, headers={"ETag": etag}, media_type=media_type)


def _without(body: dict[str, Any], left_out: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != left_out}
