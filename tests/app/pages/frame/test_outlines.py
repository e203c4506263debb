"""Content of a map: few places however many are in force, only those near, and no read of what is not shown."""

from itertools import pairwise
from math import cos, pi, sin
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.geo.box_circle import Circle
from app.geo.polygon import MultiPolygon, Ring
from app.geo.polygon_geojson import from_rings
from app.pages.frame.outlines import MOST_POINTS, width
from tests.factories import make_report
from tests.security.test_page_rights import used
from tests.warning_making import announce, announce_at, message, place, square

LONDON = "?lat=51.5&lon=-0.12&radius_km=5"
WORLD = from_rings([[(-180, -85), (180, -85), (180, 85), (-180, 85)]])


def star(number: int, *, inner: float = 0.02, size: float = 0.15) -> MultiPolygon:
    """Teeth over London's middle."""
    turns = [2 * pi * each / number for each in range(number)]
    reaches = [size * (inner if each % 2 else 1) for each in range(number)]
    return from_rings([[(-0.12 + cos(turn) * r, 51.5 + sin(turn) * r) for turn, r in zip(turns, reaches, strict=True)]])


def drawn(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = client.get(f"/outlines.geojson{query}").get_json()["features"]
    return features


def rings(features: list[dict[str, Any]]) -> list[Ring]:
    """All of them, read as plainly as a map does."""
    found = []
    for geometry in (feature["geometry"] for feature in features):
        single = geometry["type"] == "Polygon"
        polygons = [geometry["coordinates"]] if single else geometry["coordinates"]
        found += [tuple((lon, lat) for lon, lat in ring) for polygon in polygons for ring in polygon]
    return found


@pytest.mark.parametrize("query", ["", LONDON])
@pytest.mark.parametrize("inner", [0.02, 0.97])
def test_answer_has_few_places_however_jagged_the_outlines(client: FlaskClient, query: str, inner: float) -> None:
    announce(*(message(f"event-{each}", places=(place("A", star(3000, inner=inner)),)) for each in range(12)))

    answer = client.get(f"/outlines.geojson{query}")

    features = answer.get_json()["features"]
    assert len(features) == 12
    assert sum(len(ring) for ring in rings(features)) <= MOST_POINTS
    assert len(answer.data) < 100_000


def test_outline_around_a_circle_ends_a_little_outside_of_it(client: FlaskClient) -> None:
    announce_at(square(-10, 45, side=12))
    box = Circle(51.5, -0.12, 5).box()

    [ring] = rings(drawn(client, LONDON))

    lons, lats = zip(*ring, strict=True)
    assert max(lons) - min(lons) == pytest.approx(4 * width(box), abs=0.001)
    assert max(lats) - min(lats) == pytest.approx(4 * (box.north - box.south), abs=0.001)
    assert min(lats) < box.south < box.north < max(lats)
    [whole] = rings(drawn(client, ""))
    assert min(lon for lon, _ in whole) == -10


def test_outline_over_the_antimeridian_is_drawn_on_both_sides(client: FlaskClient) -> None:
    west = [(170.0, -20.0), (180.0, -20.0), (180.0, -15.0), (170.0, -15.0)]
    east = [(-180.0, -20.0), (-170.0, -20.0), (-170.0, -15.0), (-180.0, -15.0)]
    announce_at(from_rings([west, east]))

    places = [place for ring in rings(drawn(client, "?lat=-17&lon=179.99&radius_km=5")) for place in ring]

    lons = [lon for lon, _ in places]
    assert (max(lons), min(lons)) == (180, -180)
    assert all(abs(lon) > 179.7 for lon in lons)


@pytest.mark.parametrize("side", [0.00002, 0.0005])
@pytest.mark.parametrize("query", ["", LONDON, "?warning="])
def test_smallest_outline_has_a_ring_that_a_map_can_draw(client: FlaskClient, query: str, side: float) -> None:
    announced = announce_at(square(-0.12, 51.5, side=side))

    [ring] = rings(drawn(client, query + announced if query.endswith("=") else query))

    assert ring[0] == ring[-1]
    assert len(set(ring)) >= 3
    assert all(one != other for one, other in pairwise(ring))


@pytest.mark.parametrize(
    ("query", "unread"),
    [
        ("?show=reports", ("Warnings",)),
        (f"{LONDON}&show=reports", ("Warnings",)),
        ("?show=warnings", ("Reports", "Tiles")),
        (LONDON, ("Reports", "Tiles")),
    ],
)
def test_what_is_not_shown_is_not_read(client: FlaskClient, query: str, unread: tuple[str, ...]) -> None:
    make_report()
    announce_at(square())

    with used() as asked:
        body = client.get(f"/outlines.geojson{query}").get_json()

    assert [noun for _, noun in asked if noun.startswith(unread)] == []
    assert body["places"]
    assert len(body["features"]) == ("show=reports" not in query)


def test_outline_around_the_globe_has_towns_of_everywhere(client: FlaskClient) -> None:
    announced = announce_at(WORLD)

    named = client.get(f"/outlines.geojson?warning={announced}").get_json()["places"]

    assert min(one["lon"] for one in named) < -60
    assert max(one["lon"] for one in named) > 100


def test_area_without_an_outline_draws_nothing(client: FlaskClient) -> None:
    assert drawn(client, "?area=ea-none") == []
    announce(message("here", places=(place("A1", square()),)))
    [feature] = drawn(client, "?area=ea-A1")
    assert (feature["id"], feature["properties"]["title"]) == ("ea-A1", "River at A1")


STREETS = f"{LONDON}&bbox=-0.13,51.49,-0.11,51.51"


def test_outlines_in_a_few_streets_have_the_corners_that_are_seen_there(client: FlaskClient) -> None:
    """A wave of some 20 m along a straight edge: too small for five kilometres, plain in a street."""
    wave = [(-0.2 + step * 0.0005, 51.5 + (step % 2) * 0.00018) for step in range(320)]
    announce_at(from_rings([[*wave, (0.0, 51.6), (-0.2, 51.6)]]))
    wide, near = (rings(drawn(client, query)) for query in (LONDON, STREETS))

    seen = [[(lon, lat) for lon, lat in ring if -0.13 <= lon <= -0.11] for ring in (wide[0], near[0])]

    assert len(seen[0]) < 10
    assert len(seen[1]) >= 38
    # It ends beyond the view, and on the map's grid of a metre.
    assert min(lon for lon, _ in near[0]) == pytest.approx(-0.14, abs=0.002)
    assert any(round(lon, 4) != lon or round(lat, 4) != lat for lon, lat in near[0])
    assert client.get(f"/outlines.geojson{STREETS}").get_json()["places"] == []


@pytest.mark.parametrize("box", ["-1,51,1,52", "x,1,2,3", "-0.13,51.49,-0.11", "1,91,2,92", ""])
def test_box_that_is_no_few_streets_is_ignored(client: FlaskClient, box: str) -> None:
    announce_at(square())

    assert drawn(client, f"{LONDON}&bbox={box}") == drawn(client, LONDON) != []


@pytest.mark.parametrize("box", ["179.99,-16.86,-179.99,-16.84", "-180,89.9,-179.9,90", "0,-90,0.4,-89.9", "5,5,5,5"])
def test_streets_at_the_ends_of_the_globe_have_an_answer(client: FlaskClient, box: str) -> None:
    announce_at(WORLD)

    assert client.get(f"/outlines.geojson{LONDON}&bbox={box}").status_code == 200


def test_streets_show_what_the_filters_of_the_view_leave(client: FlaskClient) -> None:
    announce_at(square(), "now", severity="minor")

    assert len(drawn(client, STREETS)) == 1
    assert drawn(client, f"{STREETS}&severity_min=severe") == []
    assert drawn(client, f"{STREETS}&show=reports") == []
