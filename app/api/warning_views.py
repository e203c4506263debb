"""Render pages of warnings as JSON, GeoJSON or CSV."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response

from app.api import csv_table
from app.api.list_format import ListPage, render
from app.api.warning_schemas import warning_form
from app.core import clock, missing
from app.geo import geojson
from app.http import headers, paging
from app.http.answers import in_language, json_answer
from app.situation import inside_reading, source_facts
from app.situation.inside import NOT_KNOWN
from app.warnings.models import OfficialWarning
from app.warnings.search import WarningChange, WarningHit

if TYPE_CHECKING:  # outlines are loaded only if there are warnings, not at the start
    from app.geo.polygon import MultiPolygon

COLUMNS = (
    "id source source_id in_force hazard severity urgency certainty label headline description instruction language "
    "areas geometry_status geometry_reason sent_at onset_at ends_at expires_at ended_at ended_reason updated_at "
    "reports_active distance_m gone reports_active_as_of"
).split()
AS_OF = "reports_active_as_of"


def warning_forms(hits: Sequence[WarningHit], language: str, *, is_counted: bool = True) -> list[dict[str, Any]]:
    """Return warnings as shown, each with the number of active reports inside it; None if not `is_counted`."""
    numbers = inside_reading.of_groups([[hit.warning] for hit in hits]) if is_counted else [NOT_KNOWN] * len(hits)
    return [
        warning_form(hit.warning, inside=inside, away_km=hit.distance_km, language=language)
        for hit, inside in zip(hits, numbers, strict=True)
    ]


def feature(form: dict[str, Any], row: OfficialWarning) -> dict[str, Any]:
    """Return a warning as a GeoJSON feature; geometry null if it has no outline."""
    return _outlined(form, row.outline())


def _outlined(form: dict[str, Any], outline: "MultiPolygon | None") -> dict[str, Any]:
    from app.geo.polygon_geojson import to_geojson  # here: a start needs no shapes (1 ms)

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
    lasting = [_without(one, AS_OF) for one in forms]
    etag = paging.etag(form, lasting, page.following, [_without(source, "age_s") for source in page.sources])
    lacking = missing.names(source_facts.silent(page.sources))
    members = {"sources": page.sources, "missing": lacking}
    list_page = ListPage(forms, page.next_cursor, page.as_of_ms, etag, headers.PUBLIC_WARNINGS, members)

    def table() -> str:
        rows = [form | {"areas": "; ".join(area["name"] for area in form.get("areas", []))} for form in forms]
        return csv_table.write(COLUMNS, rows)

    answer = render(list_page, form, table=table, features=lambda: features or [_feature(item) for item in page.items])
    if form == csv_table.MEDIA_TYPE:
        answer.headers["X-Sources"] = _in_a_header(page.sources)
    return in_language(answer, page.language)


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
    lasting = _without(_without(body, "as_of"), AS_OF)
    if "properties" in lasting:
        lasting["properties"] = _without(lasting["properties"], AS_OF)
    etag = paging.etag(lasting | {"sources": sources})
    return json_answer(body, cache=cache, headers={"ETag": etag}, media_type=media_type)


def _without(body: dict[str, Any], left_out: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != left_out}
