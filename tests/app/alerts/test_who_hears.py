"""Random people, warnings and what becomes of these, against an oracle by brute force that knows no squares.

The oracle measures with shapely in a plane of kilometres around each place; where a place is within a hair of the edge
of a warning, either is right.
"""

from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.affinity import scale, translate
from shapely.geometry.base import BaseGeometry

from app.core.severity import Severity
from app.geo.polygon_geojson import from_rings
from app.geo.repair import make_valid
from tests.alerting import Alerts, ledger, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture
from tests.conftest import _wipe
from tests.forgetting import forget_what_is_known
from tests.moments import NOON
from tests.warning_making import announce, message, place

KM_IN_A_DEGREE, HAIR_KM = 111.195, 0.05
LON, LAT = 0.0, 51.5  # a corner of four squares of zoom 7 is near
SEVERITIES = ["minor", "moderate", "severe", "extreme"]
TURN_S = 20 * 60

offsets = st.floats(-0.9, 0.9).map(lambda value: round(value, 3))
sizes = st.floats(0.02, 0.8).map(lambda value: round(value, 3))
edges = st.builds(lambda x, y, w, h: (LON + x, LAT + y, LON + x + w, LAT + y + h), offsets, offsets, sizes, sizes)
places = st.one_of(
    st.builds(lambda x, y, km: {"lat": LAT + y, "lon": LON + x, "radius_km": km}, offsets, offsets, st.floats(0.1, 40)),
    edges.map(lambda four: {"bbox": list(four)}),
)
people = st.lists(st.tuples(places, st.sampled_from([None, *SEVERITIES])), min_size=1, max_size=7)
triangles = st.lists(st.tuples(offsets, offsets), min_size=3, max_size=3).map(
    lambda corners: Polygon([(LON + x, LAT + y) for x, y in corners])
)
outlines = st.one_of(triangles, edges.map(lambda four: box(*four))).filter(lambda shape: shape.area > 0.001)
acts = st.lists(
    st.tuples(st.integers(0, 1), st.one_of(st.none(), st.tuples(st.sampled_from(SEVERITIES), outlines))),
    min_size=1,
    max_size=6,
)


@dataclass
class Said:
    """A warning, as the oracle knows it."""

    severity: str = ""
    shape: BaseGeometry | None = None
    first: int = 0  # the turn in which it appeared
    said_at: int = 0
    heard: dict[int, set[str]] = field(default_factory=dict)  # people, by the event that they heard of

    @property
    def everybody(self) -> set[str]:
        return set().union(*self.heard.values())


class Oracle:
    """The table of events alone: it says who hears of what."""

    def __init__(self, asked: list[tuple[dict[str, Any], str | None]]) -> None:
        self.people = {f"p{number}": who for number, who in enumerate(asked)}
        self.said = {number: Said() for number in (0, 1)}
        self.turn = 0

    def distance_km(self, name: str, shape: BaseGeometry) -> float:
        """Return the distance of a person's place from a shape; 0 or less if it touches."""
        where = self.people[name][0]
        if "bbox" in where:
            return 0 if box(*where["bbox"]).intersects(shape) else box(*where["bbox"]).distance(shape) * 60
        flat = scale(
            translate(shape, -where["lon"], -where["lat"]),
            KM_IN_A_DEGREE * cos(radians(where["lat"])),
            KM_IN_A_DEGREE,
            origin=(0, 0),
        )
        return flat.distance(Point(0, 0)) - where["radius_km"]

    def is_near_an_edge(self, name: str, shape: BaseGeometry) -> bool:
        where = self.people[name][0]
        if "bbox" in where:
            return box(*where["bbox"]).boundary.distance(shape.boundary) < 1e-5
        # A plane is good enough near the place; farther away its error is some thousandths of the way.
        return abs(self.distance_km(name, shape)) < HAIR_KM + where["radius_km"] * 0.02

    def inside(self, shape: BaseGeometry) -> set[str]:
        return {name for name in self.people if self.distance_km(name, shape) <= 0}

    def grave_enough(self, severity: str) -> set[str]:
        least = {name: Severity(asked).gravity if asked else 0 for name, (_, asked) in self.people.items()}
        return {name for name, gravity in least.items() if Severity(severity).gravity >= gravity}

    def are_alike(self) -> bool:
        """Whether both warnings are of nearly the same area."""
        one, other = (said.shape for said in self.said.values())
        return bool(one and other and one.intersection(other).area > 0.9 * max(one.area, other.area))

    def say(self, number: int, severity: str, shape: BaseGeometry) -> set[str]:
        """Say a warning; return who hears."""
        one, self.turn = self.said[number], self.turn + 1
        concerned = self.inside(shape) & self.grave_enough(severity)
        is_new = one.shape is None
        if is_new:
            one.heard, one.first = {}, self.turn
        if is_new or Severity(severity).gravity > Severity(one.severity).gravity:
            one.heard[self.turn] = new = concerned
        else:
            assert one.shape is not None
            last = max(one.heard)
            new = concerned - self.inside(one.shape) - one.heard[last]
            one.heard[last] = one.heard[last] | new
        one.severity, one.shape, one.said_at = severity, shape, self.turn
        return new

    def end(self, number: int) -> set[str]:
        """End a warning; return who hears."""
        one, other = self.said[number], self.said[1 - number]
        ends_for, one.shape = one.everybody if one.shape is not None else set(), None
        if other.shape is not None and other.first >= one.first:
            ends_for = ends_for - (self.inside(other.shape) & self.grave_enough(other.severity))
        return ends_for


def let_say(said: dict[int, Said]) -> None:
    """Let the source list what is in force, and nothing else; an empty answer is looked at twice."""
    messages = []
    for number, one in said.items():
        if one.shape is not None:
            outline = make_valid(from_rings([list(one.shape.exterior.coords)]))
            words = {"severity": one.severity, "sent_at_ms": NOON * 1000 + one.said_at}
            messages.append(message(f"flood-{number}", places=(place(f"A{number}", outline),), **words))
    for _ in range(1 if messages else 2):
        announce(*messages, is_whole=True)


@pytest.mark.parametrize("examples", [12, pytest.param(150, marks=pytest.mark.long)])
def test_people_hear_of_what_concerns_them_and_of_nothing_else(
    alerts: Alerts, noon: time_machine.Traveller, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(people, acts)
    def check(asked: Any, happens: Any) -> None:
        _wipe()
        forget_what_is_known()
        noon.move_to(NOON)
        alerts.__init__()
        follow(alerts, noon, Oracle(asked), happens)

    check()


def follow(alerts: Alerts, noon: time_machine.Traveller, oracle: Oracle, happens: Any) -> None:
    for number, (where, least) in enumerate(oracle.people.values()):
        subscribe(f"p{number}", place=where, severity_min=least)
    shapes: list[BaseGeometry] = []
    for number, act in happens:
        noon.shift(TURN_S)
        if act is None:
            expected = {(name, "e") for name in oracle.end(number)}
        else:
            expected = {(name, "w") for name in oracle.say(number, *act)}
            shapes.append(act[1])
        if oracle.are_alike():
            return  # the ingest takes them for one that was issued again
        let_say(oracle.said)
        alerts.catch_up()
        doubtful = {name for name in oracle.people for shape in shapes if oracle.is_near_an_edge(name, shape)}
        if doubtful:
            return  # whatever follows may follow from either
        assert set(alerts.news()) == expected
    assert {(row.recipient, row.event) for row in ledger()} == {(to, event) for _, to, event in alerts.handed}
