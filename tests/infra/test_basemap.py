"""`make basemap`: OpenStreetMap data become a map file with streets, waters and their names."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.basemap import streets
from infra.basemap.__main__ import main
from infra.basemap.read_osm import Reader
from infra.local.map_file import read_credit

PLACELESS = b"""<osm version="0.6">
  <way id="1"><nd ref="7"/><nd ref="8"/><tag k="highway" v="path"/></way>
  <way id="2"><nd ref="7"/><nd ref="8"/><tag k="highway" v="path"/></way>
  <node id="3" lat="1" lon="2"><tag k="place" v="town"/><tag k="name" v="T"/></node>
</osm>"""
SAMPLE = Path(__file__).parents[1] / "samples" / "basemap.osm"


@pytest.fixture(scope="module")
def read() -> Reader:
    return Reader(SAMPLE)


@pytest.fixture(scope="module")
def features(read: Reader) -> list[dict[str, Any]]:
    return list(read.features())


def found(features: list[dict[str, Any]], layer: str) -> list[dict[str, Any]]:
    return [feature for feature in features if feature["tippecanoe"]["layer"] == layer]


def test_pieces_of_a_street_are_one_line_with_its_name(features: list[dict[str, Any]]) -> None:
    (lane,) = [one for one in found(features, "roads") if one["properties"].get("name") == "Water Lane"]

    assert lane["geometry"]["coordinates"] == [(-2.9, 51.0), (-2.899, 51.0), (-2.898, 51.0)]
    assert lane["properties"] == {"kind": "minor_road", "kind_detail": "residential", "name": "Water Lane"}


def test_link_of_a_great_road_is_drawn_like_it(features: list[dict[str, Any]]) -> None:
    (link,) = [one for one in found(features, "roads") if "name" not in one["properties"]]

    assert link["properties"] == {"kind": "major_road", "kind_detail": "trunk_link", "ref": "A372"}


def test_water_is_an_area_of_several_ways_a_line_and_a_name(features: list[dict[str, Any]]) -> None:
    drawn = [(one["geometry"]["type"], one["properties"]) for one in found(features, "water")]

    assert drawn == [
        ("MultiPolygon", {"kind": "water"}),
        ("LineString", {"kind": "river", "name": "River Parrett"}),
    ]
    assert [one["properties"]["name"] for one in found(features, "places")] == ["Muchney", "The Moor"]
    assert found(features, "landuse")[0]["properties"] == {"kind": "meadow"}


def test_water_that_the_edge_cuts_is_counted(read: Reader, features: list[dict[str, Any]]) -> None:
    assert (read.cut_waters, read.lost_lines) == (1, 0)


def test_file_holds_the_streets_and_the_credit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "town" / "town.pmtiles"

    assert main([str(SAMPLE), "--to", str(made), "--box=-2.91 , 50.99,-2.895,51.01"]) == 0

    told = capsys.readouterr()
    assert "2 roads, 2 water, 1 landuse, 0 buildings, 2 places, 1 names of streets" in told.out
    assert "1 areas of water are cut by the edge of basemap.osm" in told.err
    assert read_credit(made) == "© OpenStreetMap contributors"
    assert [file.name for file in made.parent.iterdir()] == ["town.pmtiles"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "cannot be read as OpenStreetMap data"),
        (b"<html>", "cannot be read as OpenStreetMap data"),
        (b'<osm version="0.6"></osm>', "holds nothing that the map draws"),
        (
            PLACELESS,
            "The streets of {file} have no places",
        ),
    ],
)
def test_data_that_make_no_map_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, told: str
) -> None:
    file, made = tmp_path / "town.osm", tmp_path / "town.pmtiles"
    file.write_bytes(content)

    assert main([str(file), "--to", str(made)]) == 1

    assert told.replace("{file}", str(file)) in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["town.osm"]


def test_absent_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.osm.pbf")]) == 1
    assert "There is no file" in capsys.readouterr().err


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "3,2,1,4", "0,0,181,1", "nan,0,1,1"])
def test_box_that_is_none_is_a_mistake_of_use(box: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(SAMPLE), f"--box={box}"])

    assert ended.value.code == 2
    assert "argument --box" in capsys.readouterr().err


def test_street_is_joined_through_ends_of_two_pieces_only() -> None:
    fork = [[(0, 0), (1, 0)], [(2, 0), (1, 0)], [(2, 0), (3, 0)], [(2, 0), (2, 1)]]
    ring = [[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 0)]]

    def join(*lines: list[tuple[int, int]]) -> list[str]:
        pieces = [("Street", [(float(x), float(y)) for x, y in line]) for line in lines]
        return sorted(json.dumps(line) for _, line in streets.joined(pieces))

    assert len(join(*fork)) == 3
    assert json.dumps([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]) in join(*fork)
    (whole,) = join(*ring)
    assert len(json.loads(whole)) == 4
