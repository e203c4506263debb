"""Make the small list that ships: `python -m infra.gazetteer.small_list --postcodes FILE --places FILE`.

FILE are the outward postcodes with their towns (CSV) and Natural Earth's populated places (GeoJSON, of any scale).
What is written has the same bytes each time. Sources and licences: NOTICE; why it is so: docs/decisions/0015.
"""

import argparse
import csv
import gzip
import io
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from app.geo.coordinates import distance_km
from infra.gazetteer import corrections

FOLDER = Path(__file__).parents[2] / "app" / "gazetteer" / "data"
TOWNS = Path(__file__).with_name("post_towns.txt")
# Codes with one town's name are one town if each has another of them this near.
SAME_TOWN_KM = 16.0
# Number of codes of a town, its rank, and its search radius.
UK_RANKS = ((19, 2, 15), (12, 3, 10), (6, 4, 8), (4, 5, 5), (2, 6, 5), (1, 7, 5))
PARISH_RANK = 8
BETWEEN = "between"
LONDON = frozenset({"Greater London", "Westminster", "City of London"})
LONDON_RANK = 6
# Inhabitants of a city of the world, and its search radius.
CITY_RADII = ((5_000_000, 30), (1_000_000, 20), (300_000, 12), (100_000, 8), (0, 5))
# Order of a British town among cities of its rank.
PEOPLE_A_CODE = 20_000


class Code(NamedTuple):
    """An outward postcode; `town` is the post town if known, `parish` the place named in the file."""

    code: str
    lat: float
    lon: float
    town: str
    parish: str
    district: str
    country: str


class Town(NamedTuple):
    """A row of the gazetteer."""

    name: str
    others: str
    detail: str
    lat: float
    lon: float
    rank: int
    radius_km: int
    people: int


@cache
def post_towns() -> dict[str, tuple[str, str]]:
    """Return the town of each code in the corrections, and the code where the town is, or `between`."""
    towns: dict[str, tuple[str, str]] = {}
    for line in TOWNS.read_text(encoding="utf-8").splitlines():
        town, _, codes = line.partition(": ")
        centre, *others = codes.split()
        for code in others if centre == BETWEEN else (centre, *others):
            if code in towns:
                raise ValueError(f"{code} belongs to {towns[code][0]} and to {town}.")
            towns[code] = (town, centre)
    return towns


def read_codes(text: str) -> list[Code]:
    """Read the outward postcodes of the CSV, corrected."""
    known = post_towns()
    codes = []
    rows = list(csv.DictReader(io.StringIO(text)))
    countries = _countries(rows)
    for row in rows:
        code, district = row["postcode"], row["region"]
        parish = _parish(district, row["town"].strip())
        lat, lon = corrections.MOVED.get(code, (float(row["latitude"]), float(row["longitude"])))
        town = known[code][0] if code in known else parish
        country = countries[district]
        district = corrections.DISTRICT_OF.get(code, corrections.DISTRICTS.get(district, district))
        codes.append(Code(code, lat, lon, town, parish, district, country))
    if missing := known.keys() - {code.code for code in codes}:
        raise ValueError(f"The corrections name codes that the file has not: {sorted(missing)}.")
    return codes


def _parish(district: str, given: str) -> str:
    """Return the name of a code's place, if it has one."""
    for wrong, right in corrections.SPELLINGS:
        given = given.replace(wrong, right)
    parish = corrections.RENAMED.get((district, given), given)
    return district if not parish and district in corrections.DISTRICT_IS_TOWN else parish


def _countries(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return the country of each district: near a border the file has single codes in the wrong one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["region"]][row["country_string"]] += 1
    return {district: countries.most_common(1)[0][0] for district, countries in counts.items()}


def towns_of(codes: Sequence[Code]) -> list[Town]:
    """Build the towns of outward postcodes: post towns, and the parishes within them, ranked last."""
    by_name: dict[str, list[Code]] = defaultdict(list)
    for code in codes:
        if code.town:
            by_name[code.town].append(code)
    towns = [_town(name, group) for name, named in by_name.items() for group in _groups(named)]
    known = _grouped(towns)
    swallowed: dict[str, list[Code]] = defaultdict(list)
    for code in codes:
        if code.parish and code.parish != code.town:
            swallowed[code.parish].append(code)
    for name, named in swallowed.items():
        for group in _groups(named):
            middle = _middle(group)
            if not any(_km(middle, town) <= SAME_TOWN_KM for town in known.get(name, [])):
                towns.append(_town(name, group)._replace(rank=PARISH_RANK, radius_km=5, people=0))
    return towns


def _grouped(towns: Iterable[Town]) -> dict[str, list[Town]]:
    groups: dict[str, list[Town]] = defaultdict(list)
    for town in towns:
        groups[town.name].append(town)
    return groups


def _km(one: Code | Town, other: Code | Town) -> float:
    return distance_km(lat=one.lat, lon=one.lon, to_lat=other.lat, to_lon=other.lon)


def _groups(codes: Iterable[Code]) -> list[list[Code]]:
    """Group codes of one name, split where they are far apart: Newport is in Wales, on Wight and in Shropshire."""
    groups: list[list[Code]] = []
    for one in codes:
        near = [group for group in groups if any(_is_one_town(one, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([code for group in near for code in group] + [one])
    return groups


def _is_one_town(one: Code, other: Code) -> bool:
    known = post_towns()
    is_same_line = one.code in known and known[one.code] == known.get(other.code)
    return is_same_line or _km(one, other) <= SAME_TOWN_KM


def _middle(codes: Sequence[Code]) -> Code:
    """Return the code nearest to all others: a mean may be in an estuary."""
    return min(codes, key=lambda one: (sum(_km(one, other) for other in codes), one.code))


def _centre(name: str, codes: Sequence[Code]) -> Code:
    """Return the code where a town is, or its most central one moved to the mean."""
    named = {centre for town, centre in (post_towns().get(code.code, ("", "")) for code in codes) if town == name}
    if BETWEEN in named:
        lat, lon = (sum(values) / len(codes) for values in ([code.lat for code in codes], [code.lon for code in codes]))
        return _middle(codes)._replace(lat=lat, lon=lon)
    return next((code for code in codes if code.code in named), None) or _middle(codes)


def _town(name: str, codes: Sequence[Code]) -> Town:
    centre = _centre(name, codes)
    rank, radius_km = next((rank, km) for least, rank, km in UK_RANKS if len(codes) >= least)
    if centre.district in LONDON:
        rank, radius_km = max(rank, LONDON_RANK), 5
    people = len(codes) * PEOPLE_A_CODE
    return Town(name, "", detail_of(name, centre), centre.lat, centre.lon, rank, radius_km, people)


def detail_of(name: str, code: Code) -> str:
    """Return district and country without repetition: `Somerset, England`, and for York only `England`."""
    return ", ".join(dict.fromkeys(part for part in (code.district, code.country) if part != name)) or code.country


def read_places(text: str) -> list[Town]:
    """Read the cities of Natural Earth; of the United Kingdom only London, as the postcodes name its parts."""
    towns = []
    for feature in json.loads(text)["features"]:
        given = {key.lower(): value for key, value in feature["properties"].items()}
        if given["adm0name"] == "United Kingdom" and given["name"] != "London":
            continue
        towns.append(_city(given, feature["geometry"]["coordinates"]))
    return towns


def _city(given: dict[str, Any], coordinates: Sequence[float]) -> Town:
    name = corrections.CITIES.get(given["name"], given["name"])
    country = corrections.COUNTRIES.get(given["adm0name"], given["adm0name"])
    states = given["adm0name"] in corrections.COUNTRIES_OF_STATES and given["adm1name"]
    if given["name"] == "London" and country == "United Kingdom":
        country = "England"
    detail = f"{given['adm1name']}, {country}" if states and given["adm1name"] != name else country
    people = int(given["pop_max"])
    radius_km = next(km for least, km in CITY_RADII if people >= least)
    lon, lat = coordinates[:2]
    return Town(name, _others(name, given), detail, lat, lon, int(given["scalerank"]), radius_km, people)


def _others(name: str, given: dict[str, Any]) -> str:
    """Return the city's other names. For some, the file has lost the letters after the first accent."""
    texts = [given["name"], given.get("namealt"), given.get("namepar")]
    names = [one.strip() for text in texts for one in (text or "").split("|")]
    kept = {one for one in names if len(one) > 3 and _plain(one) != _plain(name) and not one.endswith((" M", "Panam"))}
    return "|".join(sorted(kept))


def _plain(text: str) -> str:
    """Return the letters only, so that `Bogota` is not another name of Bogotá."""
    return "".join(one for one in unicodedata.normalize("NFKD", text).casefold() if one.isalnum())


def write(folder: Path, codes: Sequence[Code], cities: Sequence[Town]) -> None:
    """Write both tables, largest town first."""
    towns = sorted([*towns_of(codes), *cities], key=lambda one: (one.rank, -one.people, one.name, one.detail))
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder / "small_towns.csv.gz", ([*town[:3], f"{town.lat:.4f}", f"{town.lon:.4f}", *town[5:7]] for town in towns)
    )
    labels = ((code, detail_of("", code)) for code in sorted(codes))
    outward = ([one.code, _joined(one.town, detail), f"{one.lat:.4f}", f"{one.lon:.4f}"] for one, detail in labels)
    _write(folder / "small_districts.csv.gz", outward)


def _joined(town: str, detail: str) -> str:
    return detail if not town or detail.startswith(f"{town}, ") else f"{town}, {detail}"


def _write(file: Path, rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    file.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.gazetteer.small_list", description="Make the small list that ships."
    )
    parser.add_argument("--postcodes", type=Path, required=True, help="outward postcodes with their towns, CSV")
    parser.add_argument("--places", type=Path, required=True, help="Natural Earth's populated places, GeoJSON")
    parser.add_argument("--to", type=Path, default=FOLDER, help="the folder that is written")
    given = parser.parse_args(arguments)
    codes = read_codes(given.postcodes.read_text(encoding="utf-8"))
    write(given.to, codes, read_places(given.places.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
