"""Measure the cost of every public GET in a process without caches, in each way of asking that has been expensive."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.accounts.auth import Who, lock_of
from app.geo.box_circle import Circle
from app.geo.polygon_geojson import from_rings
from app.http.schemas import contract_of
from app.reactions import inside_due
from app.reports.models import Report
from app.reports.reference import reference_of
from app.warnings.ingest.run import store_answer
from app.warnings.models import SourceMemory
from app.warnings.search import find_near
from app.warnings.sources.message import Act, Answer, Message, Place, Text
from app.warnings.sources.registry import Source
from bench import environment, official
from bench.asking import Asker, begin_anew, event
from bench.loading import World, worlds

HEAP = (45.0, -30.0)  # 1,000 warnings over one spot, at sea
HEAPED = 1000
FOLLOWING = 3
WRITTEN = 12
PAGES_OF_A_PLACE = ("/", "/embed", "/warnings", "/outlines.geojson", "/poster", "/picture.svg", "/reports")
PAGES_OF_A_BOX = ("/reports", "/clusters")
SIMILAR = "/v1/reports/similar"
DESCRIPTION = "/openapi.json"
PLAIN = {"/docs/errors/<code>": "/docs/errors/invalid"}
Query = dict[str, Any]


class Case(NamedTuple):
    """One way to ask one route. `rule`: its pattern in the URL map."""

    rule: str
    said: str
    path: str
    query: Query


def measure(sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield one record for each case: the first page, and the most expensive of the following pages."""
    from handlers.api import application

    for world, asker in worlds(sizes):
        list(official.take_in(official.Warned(world), asker))
        store_answer(
            Source("nws", ""), Answer(tuple(_heaped(number) for number in range(HEAPED))), SourceMemory.of("nws")
        )
        for number in range(WRITTEN):
            _file(asker, world, number)
        inside_due(lambda: True)
        for case in cases(application.whole(), world):
            yield from _costs(case, world.country.size, asker)


def _heaped(number: int) -> Message:
    lat, lon = HEAP
    ring = [
        (lon - 0.2, lat - 0.2),
        (lon + 0.2, lat - 0.2),
        (lon + 0.2 + number / 1e5, lat + 0.2),
        (lon - 0.2, lat + 0.2),
    ]
    code, text = f"H{number:04d}", Text("en-US", "Flood Warning", f"Flood Warning {number}", f"Water rises, {number}.")
    place = Place(code, ((code, f"Sea {number}"),), from_rings([ring]))
    words = {"severity": "severe", "urgency": "expected", "certainty": "likely", "texts": (text,), "places": (place,)}
    return Message(
        source_id=code, event=code, replaces=(), act=Act.HOLD, sent_at_ms=environment.NOON_MS - number, **words
    )


def _file(asker: Asker, world: World, number: int) -> None:
    seen = world.in_flood[0]
    body = {"location": {"lat": seen.lat, "lon": seen.lon}, "severity": "severe", "title": f"Just written {number}"}
    key = {"idempotency-key": f"caps-key-{number:022d}"}
    asker.ask(event("POST", "/v1/reports", body=body, headers=key), status=201)


def cases(application: Any, world: World) -> Iterator[Case]:
    """Yield every public GET with all ways to ask it."""
    for rule in sorted(public_rules(application)):
        view = application.view_functions[endpoint_of(application, rule)]
        fields = {name for where, schema in contract_of(view).arguments if where == "query" for name in schema().fields}
        path = _filled(rule, world)
        if rule == "/v1/places":
            yield from (Case(rule, way, path, {"query": way}) for way in ("Ipswich", "SW1A 1AA", "Nowhereham"))
            continue
        ways = _ways_of_similar(world) if rule == SIMILAR else _ways(rule, fields, world)
        for way, query in ways:
            yield Case(rule, way, path, query)


def public_rules(application: Any) -> set[str]:
    """Return the patterns of the routes that anyone may GET, without files, static ones and photos."""
    rules = [rule for rule in application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return {
        rule.rule
        for rule in rules
        if lock_of(application, rule.endpoint) == Who.ANYONE
        and "static" not in rule.rule
        and "photo_name" not in rule.rule
    }


def endpoint_of(application: Any, path: str) -> str:
    rules = (rule for rule in application.url_map.iter_rules() if rule.rule == path and "GET" in (rule.methods or ()))
    return str(next(rules).endpoint)


def _filled(rule: str, world: World) -> str:
    """Return a URL of the pattern, for an expensive item."""
    seen = world.in_flood[0]
    warning = find_near(Circle(seen.lat, seen.lon, 5))[0].warning.id
    known = {
        "report_id": seen.id,
        "warning_id": warning,
        "area_id": "ea-A0000",
        "typed": str(reference_of(Report.get(seen.id))),
        "int:z": "4",
        "int:x": "7",
        "int:y": "5",
    }
    return PLAIN.get(rule) or re.sub(r"<([^>]+)>", lambda name: known[name[1]], rule)


def _ways(rule: str, fields: set[str], world: World) -> Iterator[tuple[str, Query]]:
    is_page = rule in PAGES_OF_A_PLACE
    needs_place = rule in ("/v1/nearby", "/v1/pulse")
    if not needs_place:
        yield "plain", {}
    seen, (lat, lon) = world.in_flood[0], HEAP
    if is_page or "radius_km" in fields:
        most = 50 if rule == "/v1/nearby" or is_page else 100
        yield "in the flood, just written", _circle(round(seen.lat, 3), round(seen.lon, 3), 5)
        yield "in the flood, widest", _circle(round(seen.lat, 3), round(seen.lon, 3), most)
        yield "at sea", _circle(48, -20, 10)
        yield "at a pole, widest", _circle(90, 0, most)
        yield "at the antimeridian, widest", _circle(-17, 180, most)
        yield "under 1,000 warnings", _circle(lat, lon, 1 if rule == "/v1/pulse" else 0.5)
    if "bbox" in fields or rule in PAGES_OF_A_BOX:
        yield "empty box", {"bbox": "-30,10,-29,11"}
        yield "world's box", {"bbox": "-180,-90,180,90"}
    if rule.startswith("/v1/") and rule.endswith("s.geojson"):
        yield "a thousand", {"limit": 1000}
        yield "a thousand in the flood, widest", {"limit": 1000} | _circle(round(seen.lat, 3), round(seen.lon, 3), 100)
    if rule == "/reports":
        around = _circle(round(seen.lat, 3), round(seen.lon, 3), 5)
        yield from ((f"in the flood, {sort} first", around | {"sort": sort}) for sort in ("nearest", "gravest"))
        yield "in the flood, last hour", around | {"hours": "1"}
    if rule.startswith("/v1/reports") and "since" in fields:
        since = {"since": "0001-01-01T00:00:00Z"}
        for radius in (2, 5, 10):
            yield (
                f"{radius} km in the flood since year 1",
                since | _circle(round(seen.lat, 3), round(seen.lon, 3), radius),
            )
        yield "2 km at sea since year 1", since | _circle(48, -20, 2)
        yield "2 km at a pole since year 1", since | _circle(90, 0, 2)
    yield from _ways_of_filters(fields)


def _ways_of_filters(fields: set[str]) -> Iterator[tuple[str, Query]]:
    if "area" in fields:
        yield "in an area", {"area": "ea-A0000"}
    if "severity_min" in fields:
        yield "rarest severity", {"severity_min": "extreme"}
    if "since" in fields:
        yield "since year 1", {"since": "0001-01-01T00:00:00Z"}
        yield "until year 2", {"until": "0002-01-01T00:00:00Z"}
        yield "since year 1 in an empty box", {"since": "0001-01-01T00:00:00Z", "bbox": "-30,10,-29,11"}
    if "updated_since" in fields:
        yield "delta of a day", {"updated_since": "2026-11-20T12:00:00Z"}
        yield "delta of a day, empty box", {"updated_since": "2026-11-20T12:00:00Z", "bbox": "-30,10,-29,11"}


def _ways_of_similar(world: World) -> Iterator[tuple[str, Query]]:
    seen = world.in_flood[0]
    here = {"lat": round(seen.lat, 3), "lon": round(seen.lon, 3)}
    yield "in the flood, just written", here
    yield "in the flood, a day before", here | {"observed_at": "2026-11-20T12:00:00Z"}
    yield "at sea", {"lat": 48, "lon": -20}
    yield "at a pole", {"lat": 90, "lon": 0}
    yield "at the antimeridian", {"lat": -17, "lon": 180}


def _circle(lat: float, lon: float, radius_km: float) -> Query:
    return {"lat": lat, "lon": lon, "radius_km": radius_km}


def _costs(case: Case, stored: int, asker: Asker) -> Iterator[dict[str, Any]]:
    begin_anew()
    record = {"measure": "caps", "stored": stored, "rule": case.rule, "way": case.said}
    cost, following = _ask(case, case.query, asker)
    yield record | {"page": "first"} | cost
    later = []
    while following and len(later) < FOLLOWING:
        cost, following = _ask(case, case.query | {"cursor": following}, asker)
        later.append(cost)
    if later:
        yield record | {"page": "following"} | {name: max(one[name] for one in later) for name in later[0]}


def _ask(case: Case, query: Query, asker: Asker) -> tuple[dict[str, Any], str | None]:
    headers = {"accept": "text/html" if "html" in case.rule or not case.rule.startswith("/v1") else "application/json"}
    with asker.meter.counting() as bill:
        reply = asker.handler(event("GET", case.path, urlencode(query), headers=headers), None)
    status = reply["statusCode"]
    assert status < 500 and status != 422, (case, reply["body"][:300])
    match = re.search(r'"next_cursor":"([^"]+)"', reply["body"]) or re.search(r"cursor=([\w.~-]+)", reply["body"])
    cost = {"status": status, "read_units": bill.reads, "calls": bill.calls.total(), "rounds": bill.rounds}
    is_list = case.rule != DESCRIPTION  # whose examples are of lists
    return cost, match[1] if match and is_list else None
