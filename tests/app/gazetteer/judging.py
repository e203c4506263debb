"""Queries with their right answers, and what the search makes of them: share right, wrong places, errors in metres."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from app.gazetteer.search import SearchResult, is_clear, search
from app.geo.coordinates import distance_km

SAMPLES = Path(__file__).parents[2] / "samples" / "places"
NOWHERE = "none"


class Query(NamedTuple):
    """A typed text and the right place with a tolerance in km; `none` if nothing may be found."""

    kind: str
    typed: str
    answer: str
    lat: float
    lon: float
    within_km: float


class Verdict(NamedTuple):
    """`error_km`: of the first place. Asked: several are offered, and the right one is among them."""

    query: Query
    word: str  # right, asked, missing or wrong
    error_km: float
    said: str


def read_queries(file: Path = SAMPLES / "queries.tsv") -> Iterator[Query]:
    with file.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE):
            place = (float(row[name] or 0) for name in ("lat", "lon", "within_km"))
            yield Query(row["kind"], row["typed"], row["answer"], *place)


def judge(query: Query) -> Verdict:
    found = search(query.typed)
    said = "; ".join(f"{one.name} ({one.kind}, {one.detail}; {one.match})" for one in found.places[:4])
    if query.answer == NOWHERE:
        return Verdict(query, "right" if not found.places else "wrong", 0.0, said)
    errors = [
        distance_km(lat=query.lat, lon=query.lon, to_lat=one.lat, to_lon=one.lon)
        if not (one.box and one.box.contains(lat=query.lat, lon=query.lon))
        else 0.0
        for one in found.places
    ]
    return Verdict(query, _word(found, errors, query.within_km), errors[0] if errors else 0.0, said)


def _word(found: SearchResult, errors: list[float], within_km: float) -> str:
    if not errors:
        return "missing"
    is_among = any(error <= within_km for error in errors)
    if errors[0] <= within_km and is_clear(found.places):
        return "right"
    if is_clear(found.places):
        return "wrong"
    return "asked" if is_among else "wrong" if found.match != "similar" else "missing"


def report(verdicts: Iterable[Verdict]) -> str:
    """A line for each kind, and one for all."""
    kinds: dict[str, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        kinds[one.query.kind].append(one)
        kinds["all"].append(one)
    kinds["all"] = kinds.pop("all")
    lines = [f"{'kind':<28}{'queries':>8}{'right':>8}{'asked':>8}{'missing':>8}{'wrong':>8}{'median m':>10}"]
    for kind, some in kinds.items():
        share = [sum(one.word == word for one in some) for word in ("right", "asked", "missing", "wrong")]
        errors = [one.error_km for one in some if one.word == "right" and one.query.answer != NOWHERE]
        error = f"{median(errors) * 1000:.0f}" if errors else "-"
        lines.append(f"{kind:<28}{len(some):>8}" + "".join(f"{one:>8}" for one in share) + f"{error:>10}")
    return "\n".join(lines)
