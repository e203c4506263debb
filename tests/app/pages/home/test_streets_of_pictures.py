"""Streets, waters and their names in the picture for people without scripts, from the map file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from app.core.config import settings
from app.geo.tiles import Tile, tile_at
from app.http.headers import PUBLIC_LIST, PUBLIC_WARNINGS
from app.pages.frame import map_archive
from app.pages.home import place_picture
from tests.rig.map_tiles import Thing, file_of, tile_of

pytestmark = pytest.mark.usefixtures("tables", "noon")
DEMO = Path(__file__).parents[4] / "infra" / "data" / "bath-ne-somerset-2017.pmtiles"
BATH = "?lat=51.3813&lon=-2.359&radius_km={radius}"
TILE = tile_at(lat=51.3813, lon=-2.359, z=13)
WEST, SOUTH, EAST, NORTH = TILE.bounds()
MIDDLE = f"?lat={(SOUTH + NORTH) / 2}&lon={(WEST + EAST) / 2}&radius_km=1"
SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 150_000
CREDIT = "Contains <OS> data © Crown copyright"


@pytest.fixture
def drawn(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ET.Element]]:
    """Draw a picture with a map file, whose text is kept in `drawn.text`."""
    usual = settings()

    def draw(file: Path | str, query: str) -> ET.Element:
        chosen = usual._replace(map_file=str(file), pmtiles_url="", tile_attribution=CREDIT)
        for module in (map_archive, place_picture):
            monkeypatch.setattr(module, "settings", lambda: chosen)
        answer = client.get(f"/picture.svg{query}")
        assert answer.status_code == 200
        assert len(answer.data) <= MOST_BYTES
        draw.cache = answer.headers["Cache-Control"]  # type: ignore[attr-defined]
        return ET.fromstring(answer.data)

    map_archive.forget()
    yield draw
    map_archive.forget()


def texts(svg: ET.Element, kind: str) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text") if one.attrib.get("class") == kind]


def roads(svg: ET.Element) -> list[float]:
    return [float(one.attrib["stroke-width"]) for one in svg.iter(f"{SVG}use") if one.attrib.get("class") == "road"]


def near_file(tmp_path: Path, *things: Thing) -> Path:
    """A file with these things in the tile in the middle of the picture of MIDDLE."""
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "town.pmtiles"
    file.write_bytes(file_of({TILE: tile_of(things)}))
    return file


@pytest.mark.parametrize("radius", [1, 2, 5, 10, 20, 50])
def test_demo_has_its_roads_waters_and_settlements_at_every_radius(
    drawn: Callable[..., ET.Element], radius: int
) -> None:
    svg = drawn(DEMO, BATH.format(radius=radius))

    assert [one for one in svg.iter(f"{SVG}path") if one.attrib.get("class") == "water"]
    # From the widest: minor roads are drawn near by only.
    assert len(roads(svg)) == (3 if radius <= 2 else 2 if radius <= 5 else 1)
    assert texts(svg, "settlement")
    assert texts(svg, "credit") == [CREDIT]
    assert texts(svg, "note") == []


def test_names_of_streets_and_waters_stand_along_them(drawn: Callable[..., ET.Element]) -> None:
    svg = drawn(DEMO, BATH.format(radius=1))

    assert {"Walcot Street", "Bathwick Hill"} <= set(texts(svg, "street"))
    assert "Kennet and Avon Canal" in texts(svg, "water")
    turned = [one.attrib["transform"] for one in svg.iter(f"{SVG}text") if "transform" in one.attrib]
    assert len(turned) >= 2


def test_names_are_text_and_nothing_else(drawn: Callable[..., ET.Element], tmp_path: Path) -> None:
    names = ['<script>"&', "Bell\x07 \x00Lane", "x" * 200, "\u202eenaL", "\ufffeOdd"]
    things = [
        Thing("roads", "major_road", 2, [(0, 1100 + 300 * number), (4096, 1100 + 300 * number)], name)
        for number, name in enumerate(names, 1)
    ]

    svg = drawn(near_file(tmp_path, *things), MIDDLE)

    assert sorted(texts(svg, "street")) == ['<script>"&', "Bell Lane", "Odd", "enaL"]


def test_too_many_minor_roads_are_left_out_and_greater_ones_stay(
    drawn: Callable[..., ET.Element], tmp_path: Path
) -> None:
    zigzag = [(at * 7 % 4096, 1000 + (at * 61) % 2000) for at in range(300)]
    highway = Thing("roads", "highway", 2, [(0, 0), (4096, 4096)])

    few, many = (
        drawn(near_file(tmp_path / str(number), *[Thing("roads", "minor_road", 2, zigzag)] * number, highway), MIDDLE)
        for number in (10, 100)
    )

    assert (len(roads(few)), len(roads(many))) == (2, 1)


def test_water_that_fills_the_picture_is_cut_to_it(drawn: Callable[..., ET.Element], tmp_path: Path) -> None:
    sea = Thing("water", "water", 3, [(-90_000, -90_000), (90_000, -90_000), (90_000, 90_000), (-90_000, 90_000)])

    svg = drawn(near_file(tmp_path, sea), MIDDLE)

    [water] = [one.attrib["d"] for one in svg.iter(f"{SVG}path") if one.attrib.get("class") == "water"]
    assert water == "M-12 372l0 -384 664 0 0 384z"


def test_file_that_cannot_be_read_is_missed_in_words(drawn: Callable[..., ET.Element], tmp_path: Path) -> None:
    broken = tmp_path / "broken.pmtiles"
    broken.write_bytes(DEMO.read_bytes()[:5000])

    svg = drawn(tmp_path / "none.pmtiles", BATH.format(radius=5))
    assert texts(svg, "note") == ["The streets could not be loaded."]
    assert drawn.cache == PUBLIC_LIST  # type: ignore[attr-defined]
    assert texts(drawn(broken, BATH.format(radius=5)), "note") == ["The streets could not be loaded."]
    drawn(DEMO, BATH.format(radius=5))
    assert drawn.cache == PUBLIC_WARNINGS  # type: ignore[attr-defined]


def test_damaged_tile_leaves_the_others(drawn: Callable[..., ET.Element], tmp_path: Path) -> None:
    road = tile_of([Thing("roads", "highway", 2, [(0, 0), (4096, 4096)])])
    file = tmp_path / "town.pmtiles"
    file.write_bytes(file_of({TILE: road, Tile(13, TILE.x + 1, TILE.y): road[:-4]}))

    svg = drawn(file, MIDDLE)

    assert (len(roads(svg)), texts(svg, "note")) == (1, ["Some streets could not be loaded."])


@pytest.mark.parametrize("place", ["?lat=90&lon=0&radius_km=50", "?lat=-17&lon=180&radius_km=50", "?lat=0&lon=-180"])
def test_ends_of_the_globe_have_a_picture_too(drawn: Callable[..., ET.Element], place: str) -> None:
    assert texts(drawn(DEMO, place), "note") == ["Streets are not known here."]
