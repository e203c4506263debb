"""Read the official warnings in force for the old routes: the worst 500, and the age of the data.

From the boards of lists, which have all that these show: the states of the sources, a directory and some 3 read units
for each 50 warnings that this process does not know yet.
"""

from collections.abc import Iterator, Mapping, Sequence

from app.core import clock
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.geo.coordinates import distance_km
from app.legacy.official import MOST, Circle, OfficialWarnings, WarningInForce, level
from app.situation.plain_words import NOW, standing_of
from app.warnings import source_status
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning, SourceStates
from app.warnings.search import WarningQuery, find_page

_NAMES_TOLD = 3
_SMALLEST_KM = 0.05  # a circle of size zero would be invisible


def read_official() -> OfficialWarnings:
    """Read the warnings in force of this deployment's sources.

    An empty list counts as unknown until every source has answered, because the clients see only the list.
    """
    now_ms = clock.now_ms()
    source_states = SourceStates.read().by_name()
    sources = source_status.known_sources(source_states)
    rows = list(_worst(tuple(sources), source_states))
    fetched = [source_states.get(source, {}).get("fetched") for source in sources]
    fetched_times = [at for at in fetched if at is not None]
    return OfficialWarnings(
        # Their format cannot express later warnings or other hazards, which would look like present floods.
        [issuer_name(row) for row in rows if standing_of(row) in NOW],
        as_of=min(fetched_times, default=None) if rows or len(fetched_times) == len(sources) else None,
        is_stale=any(state["stale"] for state in source_status.public_status(sources, source_states, now_ms)),
    )


def _worst(
    sources: tuple[str, ...], source_states: Mapping[str, source_status.SourceState]
) -> Iterator[OfficialWarning]:
    """Yield the warnings in force level by level, in each those first sent last, until there are enough."""
    levels: dict[int, set[str]] = {}
    for severity in Severity:
        levels.setdefault(level(severity), set()).add(severity)
    room = MOST
    for _, severities in sorted(levels.items()):
        if room:
            query = WarningQuery(sources, frozenset(severities), in_force=True, limit=room, needs_outlines=False)
            hits = find_page(query, source_states).hits
            yield from (hit.warning for hit in hits)
            room -= len(hits)


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
