"""Named streets and waters in fixed views of a map file."""

import pytest

from app.geo.tiles import tile_at
from infra.basemap import named
from infra.basemap.named import PLACES, names_in_view
from infra.local.map_file import DEMO_MAP
from tests.rig.map_tiles import Thing, file_of, tile_of

PLACE = (51.3828, -2.3593)


def test_every_place_of_the_demos_file_has_a_named_street_or_water_in_view(capsys: pytest.CaptureFixture[str]) -> None:
    assert named.main([str(DEMO_MAP), "bath"]) == 0

    assert "20 of 20 places have a named street or water in view." in capsys.readouterr().out
    assert {len(places) for places in PLACES.values()} == {20}


def test_name_counts_where_its_line_is_in_view_though_its_corners_are_not() -> None:
    tile = tile_at(lat=PLACE[0], lon=PLACE[1], z=14)
    west, south, east, north = tile.bounds()
    y = round((north - PLACE[0]) / (north - south) * 4096)
    x = round((PLACE[1] - west) / (east - west) * 4096)
    through = Thing("roads", "minor_road", 2, [(0, y), (4096, y)], "Through Lane")
    beside = Thing("roads", "minor_road", 2, [(0, y - 1500), (4096, y - 1500)], "Far Lane")
    things = [
        through,
        beside,
        Thing("places", "locality", 1, [(x, y)], "Town"),
        Thing("roads", "path", 2, [(x, y), (0, y)]),
    ]

    assert names_in_view(file_of({tile: tile_of(things)}), PLACE) == ["Through Lane"]
    assert names_in_view(file_of({tile: tile_of(things)}), (51.3, -2.3593)) == []


@pytest.mark.parametrize("arguments", [[], ["file.pmtiles"], ["file.pmtiles", "atlantis"]])
def test_unknown_town_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert named.main(arguments) == 2
    assert "bath, krems, liechtenstein" in capsys.readouterr().err
