"""Read the official warnings in force for the old routes: the worst 500, and the age of the data.

One call for the sources' states, one for each source's index (and for each further megabyte of it: some 4,000
warnings), and at most five for whole rows, 100 in each.
"""

from collections.abc import Sequence
from functools import partial

from app.core import clock, dynamodb
from app.geo.box_circle import Box
from app.geo.coordinates import distance_km
from app.legacy.official import MOST, Circle, OfficialWarnings, WarningInForce, level
from app.situation.plain_words import NOW, standing_of
from app.warnings import source_status
from app.warnings.marks import Mark, box_of
from app.warnings.models import OfficialWarning, SourceStates

_NAMES_TOLD = 3
_SMALLEST_KM = 0.05  # a circle of size zero would be invisible


def read_official() -> OfficialWarnings:
    """Read the warnings in force of this deployment's sources.

    An empty list counts as unknown until every source has answered, because the clients see only the list.
    """
    now_ms = clock.now_ms()
    source_states = SourceStates.read().by_name()
    sources = source_status.known_sources(source_states)
    listed = dynamodb.in_one_round([partial(_in_force, source, now_ms) for source in sources])
    marks = sorted(
        (mark for marks_of_source in listed for mark in marks_of_source),
        key=lambda mark: (level(mark.severity), -mark.sent_at_ms),
    )
    rows = OfficialWarning.find_all(mark.id for mark in marks[:MOST])
    fetched = [source_states.get(source, {}).get("fetched") for source in sources]
    fetched_times = [at for at in fetched if at is not None]
    return OfficialWarnings(
        # Their format cannot express later warnings or other hazards, which would look like present floods.
        [issuer_name(row) for row in rows.values() if standing_of(row) in NOW],
        as_of=min(fetched_times, default=None) if rows or len(fetched_times) == len(sources) else None,
        is_stale=any(state["stale"] for state in source_status.public_status(sources, source_states, now_ms)),
    )


def _in_force(source: str, now_ms: int) -> list[Mark]:
    return [mark for row in OfficialWarning.of_source(source) if (mark := row.mark()).is_in_force(now_ms)]


def issuer_name(row: OfficialWarning) -> WarningInForce:
    """Convert a stored warning for the old routes, in the issuer's first language."""
    text = row.words[0]
    areas: list[tuple[str | None, str]] = row.named_areas
    address, box = f"/v1/warnings/{row.id}", box_of(row.box)
    first = (areas[0][0] if areas else None) or ""
    return WarningInForce(
        address=address,
        area_address=f"/v1/areas/{first}" if first else address,
        area_id=first.removeprefix(row.source.replace(":", "-") + "-"),
        area_name=_named([name for _, name in areas]) or text.get("headline") or text.get("label", ""),
        issuer=row.source,
        label=text.get("label", ""),
        severity=row.severity,
        text="\n".join(filter(None, (text.get("description"), text.get("instruction")))) or text.get("headline", ""),
        raised=int(row.sent_at_ms),
        changed=int(row.sent_at_ms),
        circle=_around(box) if box else None,
    )


def _named(names: Sequence[str]) -> str:
    """Name a few areas and count the others."""
    more = len(names) - _NAMES_TOLD
    return ", ".join(names[:_NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def _around(box: Box) -> Circle:
    """Return the circle around a box, which may cross the antimeridian."""
    width = box.east - box.west + (360 if box.west > box.east else 0)
    lat, lon = (box.south + box.north) / 2, (box.west + width / 2 + 180) % 360 - 180
    corners = [distance_km(lat=lat, lon=lon, to_lat=edge, to_lon=box.west) for edge in (box.south, box.north)]
    return Circle(lat=round(lat, 5), lon=round(lon, 5), radius_km=max(_SMALLEST_KM, round(max(corners), 3)))
