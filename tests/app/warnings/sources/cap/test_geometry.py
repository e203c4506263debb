"""Polygons and circles of CAP areas: latitude first, kilometres."""

from pathlib import Path

import pytest

from app.geo.distance import shape_distance_km
from app.geo.polygon import contains
from app.warnings.sources.cap import reader
from app.warnings.sources.cap.geometry import outline_of
from app.warnings.sources.cap.reader import CapArea


def drawn(shared_data: Path, name: str) -> CapArea:
    return reader.read((shared_data / "cap" / "geometry" / f"{name}.cap.xml").read_bytes()).infos[0].areas[0]


def test_latitude_comes_first() -> None:
    shape, remarks = outline_of(CapArea(polygons=("51,0 51,1 52,1 52,0 51,0",)))

    assert shape is not None and not remarks
    assert contains(shape, lat=51.5, lon=0.5)
    assert not contains(shape, lat=0.5, lon=51.5)


@pytest.mark.parametrize("name", ["polygon-comma-blanks", "polygon-counterclockwise"])
def test_polygons_are_read_with_blanks_and_either_way_round(shared_data: Path, name: str) -> None:
    shape, remarks = outline_of(drawn(shared_data, name))

    assert shape is not None and not remarks
    assert contains(shape, lat=51.5, lon=0.5)


def test_polygon_across_the_antimeridian_stays_narrow(shared_data: Path) -> None:
    shape, _ = outline_of(drawn(shared_data, "polygon-antimeridian"))

    assert shape is not None
    assert contains(shape, lat=-17.5, lon=179.5) and contains(shape, lat=-17.5, lon=-179.5)
    assert not contains(shape, lat=-17.5, lon=0.0)


def test_circle_has_its_radius_in_kilometres(shared_data: Path) -> None:
    shape, _ = outline_of(drawn(shared_data, "circle-spaces"))

    assert shape is not None
    assert contains(shape, lat=51.522, lon=-0.1)  # 2.45 km north
    assert not contains(shape, lat=51.523, lon=-0.1)


def test_circle_without_extent_is_its_point(shared_data: Path) -> None:
    shape, _ = outline_of(drawn(shared_data, "circle-zero-radius"))

    assert shape is not None
    assert contains(shape, lat=51.5, lon=-0.1)
    assert shape_distance_km(shape, lat=51.509, lon=-0.1) == pytest.approx(1.0, abs=0.02)


def test_circle_over_a_pole_is_read(shared_data: Path) -> None:
    shape, _ = outline_of(drawn(shared_data, "circle-at-pole"))

    assert shape is not None
    assert contains(shape, lat=89.99, lon=-170)


@pytest.mark.parametrize(
    ("area", "reason"),
    [
        (CapArea(polygons=("51,0 51,1 51,0",)), "three different points"),
        (CapArea(polygons=("51,0 51,1 52",)), "not made of pairs"),
        (CapArea(polygons=("north,south",)), "not made of numbers"),
        (CapArea(polygons=("nan,0 1,1 2,2 nan,0",)), "not made of numbers"),
        (CapArea(polygons=("120,38 121,38 121,39 120,38",)), "not on the globe"),
        (CapArea(circles=("-120.5,38.2 5",)), "not on the globe"),
        (CapArea(circles=("51,0 -1",)), "no outline"),
        (CapArea(circles=("51,0 40000",)), "no outline"),
        (CapArea(circles=("51,0",)), "a radius"),
        (CapArea(polygons=(" ".join(f"{n / 2000},{n % 7}" for n in range(150_000)),)), "more than"),
    ],
)
def test_outline_that_cannot_be_drawn_is_none_and_says_why(area: CapArea, reason: str) -> None:
    shape, remarks = outline_of(area)

    assert shape is None
    assert len(remarks) == 1 and reason in remarks[0]


@pytest.mark.parametrize(
    "text", ["51,0;51,1;52,1;51,0", "51,0|51,1|52,1|51,0", "51,0 51,1 52,1 51,\u22120", "[[51,0 51,1 52,1]]"]
)
def test_signs_between_numbers_are_let_pass(text: str) -> None:
    shape, reasons = outline_of(CapArea(polygons=(text,)))

    assert shape is not None and contains(shape, lat=51.3, lon=0.8) and reasons == ()


def test_half_of_a_pair_that_a_bracket_has_cut_off_is_let_go() -> None:
    shape, _ = outline_of(CapArea(polygons=("51,0 51,1 52,1 51,0),(9 61,0 61,1 62,1 61,0",)))

    assert shape is not None and contains(shape, lat=51.3, lon=0.8) and contains(shape, lat=61.3, lon=0.8)


def test_bad_outline_leaves_the_good_ones() -> None:
    shape, remarks = outline_of(CapArea("Here", ("1,1", "51,0 51,1 52,1 51,0"), ("10,10 5", "")))

    assert shape is not None and len(shape.polygons) == 2
    assert remarks == ("one of its outlines cannot be used: no ring has three different points",)


def test_area_that_draws_nothing_has_no_outline_and_no_fault(shared_data: Path) -> None:
    assert outline_of(drawn(shared_data, "polygon-empty")) == (None, ())
    assert outline_of(drawn(shared_data, "geocode-only")) == (None, ())


def test_every_outline_of_the_recordings_is_read_or_has_a_reason(shared_data: Path) -> None:
    files = [*(shared_data / "cap" / "alerts").iterdir(), *(shared_data / "cap" / "reduced").iterdir()]
    areas = [area for file in files for info in reader.read(file.read_bytes()).infos for area in info.areas]
    drawn_areas = [area for area in areas if any(area.polygons) or any(area.circles)]

    unread = [area.description for area in drawn_areas if outline_of(area)[0] is None]

    assert len(drawn_areas) > 25
    assert unread == ["polygonal event area"]  # its ring has two points


@pytest.mark.parametrize(
    "text", ["51,0,10 51,1,10 52,1,10 52,0,10", "51,5,0,5 51,5,1,5 52,5,1,5", "51,0,10;51,1,10;52,1,10;52,0,10"]
)
def test_heights_and_commas_for_points_are_no_pairs(text: str) -> None:
    shape, remarks = outline_of(CapArea(polygons=(text,)))

    assert shape is None
    assert remarks == ("its outline cannot be used: it is not made of pairs",)


@pytest.mark.parametrize("text", ["51,0,51,1,52,1", "51, 0, 51, 1, 52, 1", "51,0;51,1;52,1", "51 0 51 1 52 1"])
def test_pairs_may_be_parted_in_several_ways(text: str) -> None:
    shape, remarks = outline_of(CapArea(polygons=(text,)))

    assert shape is not None and not remarks
    assert contains(shape, lat=51.3, lon=0.6)
