"""Credits for the gazetteer's data, in the words that the licences require (NOTICE has all of them)."""

from typing import NamedTuple


class Licence(NamedTuple):
    """A licence with the data that come under it."""

    name: str
    address: str
    lines: tuple[str, ...]


PLACES = (
    Licence(
        "Open Government Licence v3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        (
            "Contains OS data © Crown copyright and database right 2025",
            "Contains Royal Mail data © Royal Mail copyright and database right 2025",
            "Contains National Statistics data © Crown copyright and database right 2025",
            "Contains Environment Agency information © Environment Agency and/or database right",
        ),
    ),
    Licence(
        "Creative Commons Attribution 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        ("Contains data from GeoNames, www.geonames.org",),
    ),
)
