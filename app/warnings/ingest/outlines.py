"""Find the outlines of official areas: stored ones, those of a file, and those to be fetched from the issuer."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.core import clock, telemetry
from app.geo.polygon import MultiPolygon
from app.warnings.area_models import Area, area_id
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Place
from app.warnings.sources.outline import Outline
from app.warnings.sources.registry import OutlineReader, Source

NOT_FETCHED_YET = "the issuer's outline of this area has not been fetched yet"
NOT_NEEDED = "no message has needed the outline of this area yet"
NOT_GIVEN = "no outline of this area is stored, and none was given"
# Limits of one run: after this much time or this many failures the rest waits for the next run.
BUDGET_S = 25.0
MAX_FAILURES = 3


@dataclass
class AreaOutlines:
    """Areas by code, and for missing outlines the reason."""

    areas: dict[str, Area] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def store(source: str, outlines: Iterable[Outline], names: Mapping[str, str] | None = None) -> list[Area]:
    """Store outlines, each as one area, and return all areas. Unchanged areas are not written again."""
    by_code = {outline.id: outline for outline in outlines}
    return _store(source, by_code.values(), names or {}, before=Area.find_codes(source, by_code))


def _store(
    source: str, outlines: Iterable[Outline], names: Mapping[str, str], *, before: Mapping[str, Area]
) -> list[Area]:
    areas = [_area(source, outline, names.get(outline.id, "")) for outline in outlines]
    Area.store(area for area in areas if area.code not in before or _comparable(before[area.code]) != _comparable(area))
    return areas


def _area(source: str, outline: Outline, name: str) -> Area:
    area = Area(area_id(source, outline.id), source=source, code=outline.id)
    area.name = outline.name or name or outline.id
    area.put_outline(outline.shape, reason=outline.reason, centre=outline.centre)
    return area


def _comparable(area: Area) -> tuple[str | bytes | None, ...]:
    # A new reason for a missing outline counts from now: the issuer is asked again a day later.
    return area.name, area.shape, area.reason and f"{area.reason}{area.updated_at_ms}"


def resolve(source: Source, places: Iterable[Place], *, fetcher: Fetcher | None) -> AreaOutlines:
    """Find the areas that these places name. Outlines that are needed and not stored are fetched, within limits.

    Areas that need no outline, because the message has its own, are stored with their names only.
    """
    places = list(places)
    names = {code: name for place in places for code, name in place.areas if code}
    drawn_shapes = {place.areas[0][0]: place.shape for place in places if place.shape and len(place.areas) == 1}
    zones = [code for place in places if place.shape is None for code in place.zones]
    result = AreaOutlines(Area.find_codes(source.name, {*names, *zones}))
    codes_to_fetch = [code for code in dict.fromkeys(zones) if _is_needed(result.areas.get(code))]
    reader = source.outlines
    fetched = _fetch(reader, fetcher, codes_to_fetch) if fetcher and reader else []
    by_name = [
        _by_name(code, drawn_shapes.get(code)) for code in names if code not in result.areas and code not in zones
    ]
    stored_areas = _store(source.name, [*fetched, *by_name], names, before=result.areas)
    result.areas |= {area.code: area for area in stored_areas}
    why = NOT_FETCHED_YET if fetcher and reader else NOT_GIVEN
    result.missing = {code: why for code in codes_to_fetch if _is_needed(result.areas.get(code))}
    return result


def _by_name(code: str, shape: MultiPolygon | None) -> Outline:
    return Outline(code, shape=shape, reason="" if shape else NOT_NEEDED)


def _is_needed(area: Area | None) -> bool:
    """Return whether an outline should be fetched. If the issuer had none, it is asked again a day later."""
    if area is None or area.reason == NOT_NEEDED or (area.shape and area.outline() is None):
        return True
    return area.reason is not None and area.updated_at_ms < clock.now_ms() - clock.DAY_MS


def _fetch(reader: OutlineReader, fetcher: Fetcher, codes: list[str]) -> list[Outline]:
    """Fetch outlines in random order, so that one that always fails does not block the others."""
    fetched: list[Outline] = []
    in_vain, until = 0, clock.running_s() + BUDGET_S
    for code in random.sample(codes, min(len(codes), reader.OUTLINES_AT_ONCE)):
        if in_vain == MAX_FAILURES or clock.running_s() > until:
            break
        try:
            fetched.append(reader.fetch_outline(fetcher, code))
        except NotFetched as error:
            in_vain += 1
            telemetry.logger().warning("outline not fetched", extra={"area": code, "reason": str(error)})
    return fetched
