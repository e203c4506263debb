"""The map that the server draws: light whatever is in force, the gravest on top, whole around the globe."""

import re
from math import cos, pi, sin

import pytest
from flask.testing import FlaskClient

from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import from_rings
from app.pages.frame.picture import HEIGHT, MOST_AREAS, MOST_POINTS, WIDTH
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.factories import make_report
from tests.warning_making import announce, announce_at, message, place, square


def show(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers={"Accept": HTML})
    assert answer.status_code == 200, answer.text
    return answer.text


def paths(text: str) -> list[tuple[str, str]]:
    """Class and path of each outline, in the order drawn."""
    found = [(one.attributes["class"], one.attributes["d"]) for one in markup.named(text, "path")]
    return [(name.removeprefix("area "), path) for name, path in found if name.startswith("area")]


def pixels(path: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", path)]


def blot(number: int, *, inner: float) -> MultiPolygon:
    """Teeth around the public place of the reports here, of a kilometre or two."""
    turns = [2 * pi * each / number for each in range(number)]
    reaches = [0.02 * (inner if each % 2 else 1) for each in range(number)]
    return from_rings([[(-0.12 + cos(turn) * r, 51.5 + sin(turn) * r) for turn, r in zip(turns, reaches, strict=True)]])


@pytest.mark.parametrize("inner", [0.3, 0.95])
def test_page_of_a_report_is_light_however_many_outlines_are_over_it(client: FlaskClient, inner: float) -> None:
    announce(*(message(f"event-{each}", places=(place("A", blot(3000, inner=inner)),)) for each in range(15)))
    report = make_report()

    areas = paths(show(client, f"/reports/{report.id}"))

    assert 0 < len(areas) <= MOST_AREAS
    places = [place for _, path in areas for place in pixels(path)]
    assert len(places) <= MOST_POINTS
    assert all(-WIDTH * 0.11 <= x <= WIDTH * 1.11 and -HEIGHT * 0.11 <= y <= HEIGHT * 1.11 for x, y in places)
    assert sum(len(path) for _, path in areas) < 20_000


def test_gravest_and_smallest_areas_are_drawn_last_and_the_others_go(client: FlaskClient) -> None:
    minor = [message(f"a{each}", severity="minor", places=(place("A", square()),)) for each in range(14)]
    grave = message("z-small", severity="extreme", places=(place("A", square(-0.125, 51.495, side=0.01)),))
    large = message("b-large", severity="extreme", places=(place("A", square(-0.13, 51.49, side=0.02)),))
    announce(*minor, grave, large)

    areas = paths(show(client, f"/reports/{make_report().id}"))

    assert [severity for severity, _ in areas] == ["minor"] * (MOST_AREAS - 2) + ["extreme"] * 2
    widths = [max(x for x, _ in pixels(path)) - min(x for x, _ in pixels(path)) for _, path in areas[-2:]]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("south", "north"), [(-85, 85), (-10, 10), (60, 90), (-90, 90)])
def test_outline_around_the_globe_has_a_picture(client: FlaskClient, south: float, north: float) -> None:
    """The world, a belt, a cap of a pole, all there is."""
    announced = announce_at(from_rings([[(-180, south), (180, south), (180, north), (-180, north)]]))

    [(_, path)] = paths(show(client, f"/warnings/{announced}"))

    xs, ys = zip(*pixels(path), strict=True)
    assert max(xs) - min(xs) > WIDTH / 2 or max(ys) - min(ys) > HEIGHT / 2
    assert min(xs) >= 0 and max(xs) <= WIDTH and min(ys) >= 0 and max(ys) <= HEIGHT
    assert min(xs) + max(xs) == pytest.approx(WIDTH, abs=2)


def test_outline_over_the_antimeridian_is_one_picture(client: FlaskClient) -> None:
    west = [(179.0, -18.0), (180.0, -18.0), (180.0, -17.0), (179.0, -17.0)]
    east = [(-180.0, -18.0), (-179.0, -18.0), (-179.0, -17.0), (-180.0, -17.0)]
    announced = announce_at(from_rings([west, east]))

    [(_, path)] = paths(show(client, f"/warnings/{announced}"))

    xs = [x for x, _ in pixels(path)]
    assert path.count("M") == 2
    assert WIDTH / 4 < max(xs) - min(xs) <= WIDTH
    assert min(xs) + max(xs) == pytest.approx(WIDTH, abs=2)
