"""Land and sea: no position ashore counts as at sea, however coarse the drawn shore."""

import pytest

from app.gazetteer import small_list
from app.geo.box_circle import Box
from app.pages.frame import land, own_position

SEA = {
    "Bristol Channel": (51.3, -3.8),
    "Channel": (50.4, -1.0),
    "Strait of Dover": (51.0, 1.5),
    "The Wash": (52.95, 0.3),
    "Irish Sea": (53.8, -4.9),
    "Atlantic": (40.0, -40.0),
    "null island": (0.0, 0.0),
    "date line": (0.0, 180.0),
}
LAND = {
    "Burrowbridge": (51.07, -2.92),
    "a pier at Weston": (51.35, -2.99),
    "Loch Ness": (57.3, -4.45),
    "Isles of Scilly": (49.915, -6.31),
    "Lundy": (51.18, -4.67),
    "Lerwick": (60.155, -1.145),
    "Manhattan": (40.7, -74.0),
    "Honolulu": (21.3, -157.85),
    "Sydney": (-33.86, 151.2),
    "South Pole": (-90.0, 0.0),
}


@pytest.mark.parametrize(("lat", "lon"), SEA.values(), ids=SEA)
def test_sea_is_sea(lat: float, lon: float) -> None:
    assert land.is_at_sea(lat=lat, lon=lon)


@pytest.mark.parametrize(("lat", "lon"), LAND.values(), ids=LAND)
def test_land_is_land_and_so_is_the_shore(lat: float, lon: float) -> None:
    assert not land.is_at_sea(lat=lat, lon=lon)


def test_nobody_in_a_town_of_the_british_isles_is_asked_whether_they_are_at_sea() -> None:
    towns = small_list.towns_in(Box(-11.0, 49.0, 2.0, 61.0), limit=5000)

    wrong = [
        town.name
        for town in towns
        if own_position.doubt_about(lat=town.lat, lon=town.lon, accuracy_m=10, near=town, covers=())
    ]

    assert len(towns) > 1000
    assert wrong == []
