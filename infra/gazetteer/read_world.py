"""Read the rest of the world: GeoNames' settlements, countries and states made from them, and ZIP codes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.gazetteer.place import size_of
from app.geo.coordinates import distance_km
from infra.gazetteer.rows import Row, box_around, read_csv

COUNTRIES = Path(__file__).with_name("countries.csv")
HOME = ("GB", "IE", "IM", "JE", "GG")
NORTHERN_IRELAND = "Northern Ireland"
CITY, TOWN = 100_000, 5_000
# Smaller settlements are left out, except in the United States and in Spanish-speaking countries.
SMALLEST = 1_000
ALL_OF = frozenset("US PR ES MX GT SV HN NI CR PA CU DO CO VE EC PE BO CL AR UY PY GQ".split())
# Names that people type and that GeoNames' selection without other names lacks.
OTHERWISE = {
    "Mexico City": "Ciudad de México|CDMX", "New York City": "New York|NYC", "The Hague": "Den Haag",
    "Seville": "Sevilla", "Saragossa": "Zaragoza", "Havana": "La Habana", "Munich": "München", "Cologne": "Köln",
    "Vienna": "Wien", "Prague": "Praha", "Warsaw": "Warszawa", "Lisbon": "Lisboa", "Rome": "Roma", "Milan": "Milano",
    "Florence": "Firenze", "Venice": "Venezia", "Naples": "Napoli", "Turin": "Torino", "Genoa": "Genova",
    "Washington": "Washington DC", "St. Louis": "Saint Louis", "Panamá": "Panama City|Ciudad de Panamá",
    "Guatemala City": "Ciudad de Guatemala", "Donostia / San Sebastián": "San Sebastián|Donostia",
    "Gasteiz / Vitoria": "Vitoria|Vitoria-Gasteiz", "Pamplona": "Iruña", "A Coruña": "La Coruña", "Ourense": "Orense",
    "Lleida": "Lérida", "Girona": "Gerona", "Palma": "Palma de Mallorca", "Alacant": "Alicante",
    "Castelló de la Plana": "Castellón|Castellón de la Plana", "Brussels": "Bruxelles", "Geneva": "Genève",
}  # fmt: skip
# A wider area would be on both sides of the antimeridian: it gets no box.
_WIDEST = 180.0


def country_names() -> dict[str, tuple[str, str]]:
    """Return the English and Spanish name of each country by its code (Unicode CLDR)."""
    return {row["code"]: (row["english"], row["spanish"]) for row in read_csv(COUNTRIES)}


def read_home(rows: Iterable[dict[str, str]]) -> Iterator[Row]:
    """Read Ireland, Northern Ireland, the Isle of Man and the Channel Islands."""
    names = country_names()
    for row in rows:
        is_northern = row["admin1"] == NORTHERN_IRELAND
        if row["country"] == "GB" and not is_northern:
            continue
        country = NORTHERN_IRELAND if is_northern else names[row["country"]][0]
        county = row["admin2"] if row["country"] in ("GB", "IE") else ""
        others = {
            one for one in row["alternate_names"].split(",") if len(one) > 3 and one.isprintable() and _is_latin(one)
        }
        within = tuple(dict.fromkeys(filter(None, (county, country))))
        yield _settlement(row, within, frozenset(others - {row["name"]}), is_home=True)


def _is_latin(name: str) -> bool:
    return all(ord(letter) < 0x250 for letter in name) and not name.isupper()


def read_elsewhere(file: Path) -> Iterator[Row]:
    """Read the settlements of all other countries."""
    names = country_names()
    for row in read_csv(file):
        if row["country"] in HOME or row["country"] not in names or row["feature"] in ("PPLH", "PPLQ", "PPLW"):
            continue
        if row["country"] not in ALL_OF and int(row["population"] or 0) < SMALLEST and row["feature"] != "PPLC":
            continue
        state = row["admin1"] if row["admin1"] != row["name"] else ""
        within = tuple(filter(None, (state, names[row["country"]][0])))
        others = frozenset(filter(None, OTHERWISE.get(row["name"], "").split("|")))
        yield _settlement(row, within, others, is_home=False)


def _settlement(row: dict[str, str], within: tuple[str, ...], others: frozenset[str], *, is_home: bool) -> Row:
    people = int(row["population"] or 0)
    kind = "city" if people >= CITY or row["feature"] == "PPLC" else "town" if people >= TOWN else "village"
    if row["feature"] == "PPLX":
        kind = "suburb"
    size = size_of(people) or 27
    return Row(
        row["name"], kind, within, float(row["lat"]), float(row["lon"]), size, "geonames", others, is_home=is_home
    )


def areas_of(settlements: Iterable[Row]) -> Iterator[Row]:
    """Build countries, states and regions, each with the box around its settlements."""
    spanish = dict(country_names().values())
    points = defaultdict(list)
    for row in settlements:
        for depth in range(len(row.within)):
            points[row.within[depth:]].append((row.lat, row.lon))
    for within, inside in points.items():
        box = box_around(inside)
        if len(inside) < 3 or box.east - box.west > _WIDEST:
            continue
        name, *rest = within
        lat, lon = (box.south + box.north) / 2, (box.west + box.east) / 2
        radius_km = max(2.0, round(distance_km(lat=lat, lon=lon, to_lat=box.north, to_lon=box.east), 1))
        others = frozenset({spanish[name]} - {name}) if not rest and name in spanish else frozenset()
        kind, size = ("region", 47) if rest else ("country", 50)
        rounded = box._replace(west=round(box.west, 3), south=round(box.south, 3))
        rounded = rounded._replace(east=round(box.east, 3), north=round(box.north, 3))
        is_home = name in ("Ireland", NORTHERN_IRELAND)
        yield Row(name, kind, tuple(rest), lat, lon, size, "geonames", others, rounded, is_home, radius_km)


def read_zips(file: Path) -> Iterator[list[object]]:
    """Read ZIP codes: code, place, state, position in ten thousandths of a degree."""
    for row in read_csv(file):
        lat, lon = round(float(row["lat"]) * 10_000), round(float(row["lon"]) * 10_000)
        yield [row["zip"], row["place"], row["state"], lat, lon]


def read_counties(file: Path) -> Iterator[Row]:
    """Build the counties of the United States, each with the box around its ZIP codes."""
    points = defaultdict(list)
    for row in read_csv(file):
        if row["county"]:
            points[row["county"], row["state"]].append((float(row["lat"]), float(row["lon"])))
    for (county, state), inside in points.items():
        box = box_around(inside)
        lat, lon = (box.south + box.north) / 2, (box.west + box.east) / 2
        radius_km = max(10.0, round(distance_km(lat=lat, lon=lon, to_lat=box.north, to_lon=box.east), 1))
        kind = "Parish" if state == "Louisiana" else "Borough" if state == "Alaska" else "County"
        name = county if county.endswith((" County", " Parish", " City", " Borough")) else f"{county} {kind}"
        rounded = box._replace(west=round(box.west, 3), south=round(box.south, 3))
        rounded = rounded._replace(east=round(box.east, 3), north=round(box.north, 3))
        within = (state, "United States")
        yield Row(name, "county", within, lat, lon, 46, "geonames", frozenset(), rounded, False, radius_km)
