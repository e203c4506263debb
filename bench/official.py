"""Official warnings beside the reports: polygons over the country's towns, taken in by the product's own ingest."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import cos, pi, radians, sin
from typing import Any
from urllib.parse import urlencode

from app.geo.distance import shape_distance_km
from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import from_rings
from app.reactions import inside_due
from app.situation import inside_writing
from app.warnings.ingest.run import store_answer
from app.warnings.models import SourceMemory
from app.warnings.sources.message import Act, Answer, Message, Place, Text
from app.warnings.sources.registry import Source
from bench.asking import Asked, Asker, begin_anew, event
from bench.loading import World
from bench.metering import Bill
from bench.questions import places

POLYGONS = 1000
TEXTS = 200  # number of different outlines: neighbouring areas share theirs
CORNERS = 100
IN_FLOOD = 0.1
SIZES_KM = (1, 3, 3, 8, 8, 15, 40)
RADII_KM = (0.5, 5, 50)
_SEVERITIES = ("moderate", "moderate", "moderate", "severe", "severe", "extreme")
_TEXT = "River levels remain high after the rain of the last days. Flooding of low-lying land and roads is possible. "
EA = Source("ea", "")


class Warned:
    """The issuer's messages, and their outlines."""

    def __init__(self, world: World, count: int = POLYGONS) -> None:
        self.draw = random.Random(5)
        self.world = world
        self.shapes = [self._shape() for _ in range(count)]
        self.answer = Answer(tuple(self._message(number, shape) for number, shape in enumerate(self.shapes)))

    @cache  # noqa: B019 - for as long as the run
    def distances(self, *, lat: float, lon: float) -> list[float]:
        """Return the distance of every outline from a place in km, infinite beyond the widest circle that is asked."""
        return [shape_distance_km(shape, lat=lat, lon=lon, at_most_km=max(RADII_KM)) for shape in self.shapes]

    def _shape(self) -> MultiPolygon:
        """Build a ragged ring near a town, one in ten near the town of the current flood."""
        towns = self.world.country.towns
        lat, lon = towns[0] if self.draw.random() < IN_FLOOD else self.draw.choice(towns)
        lat, lon = lat + self.draw.gauss(0, 0.2), lon + self.draw.gauss(0, 0.32)
        size = self.draw.choice(SIZES_KM) / 111
        ring = []
        for corner in range(CORNERS):
            turn, reach = 2 * pi * corner / CORNERS, size * self.draw.uniform(0.7, 1)
            ring.append((lon + cos(turn) * reach / cos(radians(lat)), lat + sin(turn) * reach))
        return from_rings([ring])

    def _message(self, number: int, shape: MultiPolygon) -> Message:
        severity = _SEVERITIES[number % TEXTS % len(_SEVERITIES)]
        text = Text("en-GB", severity, f"River at {number}", _TEXT * 4 + str(number % TEXTS))
        code = f"A{number:04d}"
        return Message(
            source_id=code,
            event=code,
            replaces=(),
            act=Act.HOLD,
            severity=severity,
            urgency="expected",
            certainty="likely",
            texts=(text,),
            places=(Place(code, ((code, f"River at {number}"),), shape),),
            sent_at_ms=self.world.now_ms - number * 1000,
        )


def take_in(warned: Warned, asker: Asker) -> Iterator[tuple[str, Bill]]:
    """Measure the ingest: half of the warnings, all, the same again, and one changed."""
    messages = warned.answer.messages
    half = len(messages) // 2
    changed = replace(messages[0], severity="extreme")
    for step, answer in (
        (f"take {half} warnings in", Answer(messages[:half])),
        (f"take {half} more in", warned.answer),
        ("take the same in again", warned.answer),
        ("take one change in", Answer((changed, *messages[1:]))),
        ("take its first word in again", warned.answer),
    ):
        with asker.meter.counting() as bill:
            store_answer(EA, answer, SourceMemory.of("ea"))
        yield step, bill


def count(asker: Asker) -> Iterator[tuple[str, Bill]]:
    """Measure the minute's counting of the reports inside all warnings: in a new process, and when nothing changed."""
    inside_writing.forget()
    for step in ("count the reports inside, new process", "count them again"):
        with asker.meter.counting() as bill:
            inside_due(lambda: True)
        yield step, bill


def ask(warned: Warned, asker: Asker, most: int | None) -> Iterator[tuple[str, str, list[Asked]]]:
    """Query nearby with both kinds, and the lists of warnings, in a new process and in a warm one."""
    for where, spots in places(warned.world).items():
        for radius in RADII_KM:
            first, again = [], []
            for lat, lon in spots[:most]:
                begin_anew()
                for asked in (first, again):
                    asked.append(_nearby(warned, asker, {"lat": lat, "lon": lon, "radius_km": radius}))
            way = f"both kinds within {radius} km, {where}"
            yield way, "first, new process", first
            yield way, "first", again
    town = warned.world.country.towns[0]
    box = ",".join(f"{edge:.2f}" for edge in (town[1] - 1, town[0] - 1, town[1] + 1, town[0] + 1))
    for way, query in {
        "warnings, newest 50": {},
        "warnings, newest 5": {"limit": 5},
        "warnings in a box of 2 degrees": {"bbox": box},
        "warnings over a place": {"lat": town[0], "lon": town[1], "radius_km": 0},
        "warnings in the world's box": {"bbox": "-180,-90,180,90"},
    }.items():
        begin_anew()
        for page in ("first, new process", "first"):
            yield way, page, [asker.ask(event("GET", "/v1/warnings", urlencode(query)))]


def _nearby(warned: Warned, asker: Asker, query: dict[str, Any]) -> Asked:
    """Query nearby, and check that every warning near the place is in the answer."""
    asked = asker.ask(event("GET", "/v1/nearby", urlencode(query)))
    here = {"lat": query["lat"], "lon": query["lon"]}
    wanted = sum(km <= query["radius_km"] for km in warned.distances(**here))
    count = sum(item["count"] for item in asked.body["items"] if item["kind"] == "warning")
    assert count == wanted, f"{count} warnings instead of {wanted} near {query}"
    return asked
