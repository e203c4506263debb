"""Pages of warnings as JSON, GeoJSON or CSV, and the entries of one answer for both."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask import Response

from app.formats import csv_table, geojson
from app.geo import Circle
from app.http import headers, paging
from app.http.answers import json_answer
from app.nearby.grouping import grouped
from app.reports.entry import Entry
from app.tiles.representations import list_item
from app.warnings.finding import Met
from app.warnings.models import OfficialWarning
from app.warnings.schemas import areas_of, warning_form

if TYPE_CHECKING:  # outlines and what is inside them are looked at where there are warnings, not at the start
    from app.shapes import Shape

COLUMNS = (
    "id source source_id in_force severity urgency certainty label headline description instruction language areas "
    "geometry_status geometry_reason sent_at onset_at ends_at expires_at ended_at updated_at reports_active distance_m"
).split()
_AGES = ("as_of", "age_s")


def warning_forms(met: Sequence[Met]) -> list[dict[str, Any]]:
    """Warnings as they are shown, each with the number of active reports inside it."""
    counts = _counts([[found] for found in met])
    return [
        warning_form(found.warning, reports_active=count, away_km=found.away_km)
        for found, count in zip(met, counts, strict=True)
    ]


def nearby_items(circle: Circle, entries: Sequence[Entry], met: Sequence[Met]) -> list[dict[str, Any]]:
    """Reports and warnings together, nearest first; warnings of one text are one entry."""
    groups = grouped(met)
    counts = _counts(groups)
    items = [_warning_entry(group, count) for group, count in zip(groups, counts, strict=True)]
    for entry in entries:
        form = list_item(entry, circle)
        items.append({"kind": "report", "distance_m": form["distance_m"], "report": form})
    return sorted(items, key=lambda item: item["distance_m"])


def _counts(groups: Sequence[Sequence[Met]]) -> list[int]:
    """The active reports inside the warnings of each group."""
    from app.tiles.counting import count_active  # here, because a start needs none: 1 ms, with the shapes

    return count_active([_together(group) for group in groups])


def _together(group: Sequence[Met]) -> "Shape":
    """All that the warnings of a group cover."""
    from app.shapes import Shape  # see `_counts`

    outlines = [outline for found in group if (outline := found.warning.outline())]
    return Shape(tuple(polygon for outline in outlines for polygon in outline.polygons))


def _warning_entry(group: list[Met], reports_active: int) -> dict[str, Any]:
    """The nearest of the group speaks for all, with the areas of all and the reports in any of them."""
    form = warning_form(group[0].warning, reports_active=reports_active, away_km=group[0].away_km)
    areas = list({tuple(area.values()): area for found in group for area in areas_of(found.warning)}.values())
    shown = form | {"areas": areas}
    ids = [found.warning.id for found in group]
    away = {"distance_m": form["distance_m"]}
    return {"kind": "warning", **away, "warning": shown, "areas": areas, "count": len(group), "ids": ids}


def feature(form: dict[str, Any], row: OfficialWarning) -> dict[str, Any]:
    """A warning as a GeoJSON feature; without a geometry where it has none."""
    from app.shape_geojson import to_geojson  # see `_counts`

    properties = {name: value for name, value in form.items() if name != "id"} | {"title": form["headline"]}
    outline = row.outline()
    geometry = to_geojson(outline) if outline else None
    return {"type": "Feature", "id": row.id, "geometry": geometry, "properties": properties}


def page(met: Sequence[Met], *, form: str, next_cursor: str | None, sources: list[dict[str, Any]]) -> Response:
    """A page of warnings in the form asked for."""
    items = warning_forms(met)
    more: dict[str, Any] = {"next_cursor": next_cursor, "sources": sources, "links": paging.links(next_cursor)}
    link = paging.link_header(next_cursor)
    if form == csv_table.MEDIA_TYPE:
        rows = [item | {"areas": "; ".join(area["name"] for area in item["areas"])} for item in items]
        text = csv_table.write(COLUMNS, rows)
        told = {"Cache-Control": headers.PUBLIC_WARNINGS, "X-Sources": _in_a_header(sources), **link}
        answer = Response(text, mimetype=form, headers=told)
    elif form == geojson.MEDIA_TYPE:
        features = [feature(item, found.warning) for item, found in zip(items, met, strict=True)]
        body = geojson.collection(features, **more)
        answer = answer_of(body, cache=headers.PUBLIC_WARNINGS, media_type=form, link=link)
    else:
        answer = answer_of({"items": items, **more}, cache=headers.PUBLIC_WARNINGS, link=link)
    answer.vary.add("Accept")
    return answer


def _in_a_header(sources: list[dict[str, Any]]) -> str:
    """What other forms say in their body: `ea; state=ok; age_s=12; stale=false, nws; ...`"""
    told = [
        f"{one['name']}; state={one['state']}; age_s={one['age_s']}; stale={one['stale']}".replace("=None", "=unknown")
        for one in sources
    ]
    return ", ".join(told).lower()


def answer_of(
    body: dict[str, Any], *, cache: str, media_type: str = "application/json", link: dict[str, str] | None = None
) -> Response:
    """JSON whose ETag changes when something happens, and not because time passes."""
    etag = f'W/"{sha256(json.dumps(_without_ages(body), sort_keys=True).encode()).hexdigest()[:24]}"'
    return json_answer(body, cache=cache, headers={"ETag": etag, **(link or {})}, media_type=media_type)


def _without_ages(body: dict[str, Any]) -> dict[str, Any]:
    sources = [{name: value for name, value in one.items() if name not in _AGES} for one in body["sources"]]
    return {name: value for name, value in body.items() if name not in _AGES} | {"sources": sources}
