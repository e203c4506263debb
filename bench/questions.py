"""Queries of people, and their places: near-me, a phone's view, a country, the world; in the flood and far from it."""

import random
from dataclasses import dataclass
from typing import Any

from app.geo.box_circle import Box, Circle, SearchArea
from bench.floods import COUNTRY
from bench.loading import World

RADII_KM = (0.5, 2, 5, 10)
PLACES = 24  # in the flood
OTHERS = 12  # at each other kind of place
PHONE = (0.03, 0.02)  # degrees of a phone's view: about 2 by 2.2 km at latitude 52
SEA = (48.0, -20.0)


@dataclass(frozen=True)
class Asking:
    """One kind of query at one place, as parameters of the list and as a search area."""

    kind: str
    where: str
    query: dict[str, Any]
    shape: SearchArea | None


def places(world: World) -> dict[str, list[tuple[float, float]]]:
    """Return the places of people: in the flood, at other active reports, in towns, at sea."""
    draw = random.Random(11)
    flood = set(world.in_flood)
    elsewhere = [seen for seen in world.active if seen not in flood] or world.in_flood
    return {
        "in the flood": [(seen.lat, seen.lon) for seen in draw.sample(world.in_flood, PLACES)],
        "at another flood": [(seen.lat, seen.lon) for seen in draw.choices(elsewhere, k=OTHERS)],
        "in a town": draw.sample(world.country.towns[1:], OTHERS),
        "at sea": [SEA],
    }


def questions(world: World) -> list[Asking]:
    """Return all queries of a run, in order."""
    asked = []
    for where, spots in places(world).items():
        for lat, lon in spots:
            for radius in RADII_KM:
                query = {"lat": lat, "lon": lon, "radius_km": radius}
                asked.append(Asking(f"near {radius} km", where, query, Circle(lat, lon, radius)))
            asked.append(_box("phone", where, _around(lat, lon)))
    asked.append(_box("country", "anywhere", COUNTRY))
    asked.append(_box("world", "anywhere", (-180.0, -90.0, 180.0, 90.0)))
    asked.append(Asking("no shape", "anywhere", {}, None))
    return asked


def _around(lat: float, lon: float) -> tuple[float, float, float, float]:
    edges = (lon - PHONE[0] / 2, lat - PHONE[1] / 2, lon + PHONE[0] / 2, lat + PHONE[1] / 2)
    return tuple(round(edge, 5) for edge in edges)  # type: ignore[return-value]  # four edges in, four out


def _box(kind: str, where: str, edges: tuple[float, float, float, float]) -> Asking:
    return Asking(kind, where, {"bbox": ",".join(map(str, edges))}, Box(*edges))
