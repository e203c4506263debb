"""Country of a position, and its emergency number."""

import pytest

from app.gazetteer.countries import country_at, emergency_numbers


@pytest.mark.parametrize(
    ("lat", "lon", "country", "numbers"),
    [
        (51.07, -2.92, "GB", ("999",)),
        (54.6, -5.93, "GB", ("999",)),
        (53.35, -6.26, "IE", ("112",)),
        (54.15, -4.48, "IM", ("999",)),
        (49.19, -2.1, "JE", ("999",)),
        (40.27, -76.88, "US", ("911",)),
        (18.4, -66.1, "PR", ("911",)),
        (39.47, -0.37, "ES", ("112",)),
        (-33.86, 151.2, "AU", ("000",)),
        (-41.3, 174.8, "NZ", ("111",)),
        (35.68, 139.7, "JP", ("110", "119")),
    ],
)
def test_country_and_its_number_are_those_of_the_position(
    lat: float, lon: float, country: str, numbers: tuple[str, ...]
) -> None:
    assert country_at(lat=lat, lon=lon) == country
    assert emergency_numbers(country) == numbers


def test_open_sea_has_no_country_and_no_number() -> None:
    assert country_at(lat=45, lon=-40) == country_at(lat=0, lon=0) == ""
    assert country_at(lat=95, lon=0) == ""
    assert emergency_numbers("") == emergency_numbers("ZZ") == ()
