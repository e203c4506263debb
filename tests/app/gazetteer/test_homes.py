"""Homes that stand alone, by the committed pack."""

import pytest

from app.gazetteer import homes


@pytest.mark.usefixtures("whole_pack")
@pytest.mark.parametrize(
    ("name", "lat", "lon", "is_alone"),
    [
        ("Stall Street, Bath", 51.3806, -2.3597, False),
        ("Bow Street, Langport", 51.0376, -2.8290, False),
        ("the middle of Muchelney, a village of some 200", 51.0205, -2.8155, True),
        ("West Sedge Moor", 51.0300, -2.9000, True),
        ("Fair Isle", 59.5350, -1.6300, True),
        ("Rannoch Moor", 56.6300, -4.7500, True),
        ("Donegall Square, Belfast", 54.5964, -5.9301, False),
        ("O'Connell Street, Dublin", 53.3498, -6.2603, False),
        ("the south pole", -90.0, 0.0, False),
        ("the antimeridian", 51.0, 180.0, False),
    ],
)
def test_homes_stand_alone_in_open_country_of_great_britain(name: str, lat: float, lon: float, is_alone: bool) -> None:
    assert homes.stands_alone(lat=lat, lon=lon) == is_alone, name
