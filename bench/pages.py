"""Measure a page, first and repeated: read units, rounds, calls, the time of its template, and bytes as sent."""

import base64
import re
import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any
from urllib.parse import urlencode

from jinja2 import Template

from bench import environment, official
from bench.asking import Asker, Handler, begin_anew, event
from bench.loading import World, worlds

TIMES = 15
AS_BROWSER = {"accept": "text/html", "accept-encoding": "gzip"}
Record = dict[str, Any]


def measure(sizes: Sequence[int], *, now_ms: int = environment.NOON_MS) -> Iterator[Record]:
    """Measure every kind of page over a country in flood, under 1,000 official warnings."""
    from handlers.api import handler

    for world, asker in worlds(sizes, now_ms):
        list(official.take_in(official.Warned(world), asker))
        for name, path, query in _pages(world, handler):
            yield _record(name, world.country.size, asker, event("GET", path, urlencode(query), headers=AS_BROWSER))


def _pages(world: World, handler: Handler) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return name, path and query of each page."""
    seen = world.in_flood[0]
    flood = {"lat": f"{seen.lat:.3f}", "lon": f"{seen.lon:.3f}", "radius_km": 5}
    town = world.country.towns[5]
    quiet = {"lat": f"{town[0]:.3f}", "lon": f"{town[1]:.3f}", "radius_km": 5}
    yield "now, everywhere", "/", {}
    yield "now, 5 km in the flood", "/", flood
    yield "now, 5 km in a quiet town", "/", quiet
    yield "its outlines, in the flood", "/outlines.geojson", flood
    yield "one report", f"/reports/{seen.id}", {}
    yield "warnings", "/warnings", {}
    listed = handler(event("GET", "/warnings", urlencode(flood), headers={"accept": "text/html"}), None)["body"]
    warning = re.findall(r"/warnings/(wrn_\w+)", listed)[0]
    yield "one warning", f"/warnings/{warning}", {}
    yield "one area", "/areas/ea-A0000", {}
    yield "report form", "/report", {}
    yield "status", "/status", {}
    yield "privacy", "/privacy", {}


def _record(name: str, stored: int, asker: Asker, request: Any) -> Record:
    begin_anew()
    with asker.meter.counting() as bill:
        reply = asker.handler(request, None)
        record = {"read_units": bill.reads, "rounds": bill.rounds, "calls": bill.calls.total()}
    assert reply["statusCode"] == 200, (name, reply["statusCode"])
    with asker.meter.counting() as bill:
        asker.handler(request, None)
        again = {"again_read_units": bill.reads, "again_rounds": bill.rounds, "again_calls": bill.calls.total()}
    body = reply["body"]
    sent = len(base64.b64decode(body)) if reply["isBase64Encoded"] else len(body.encode())
    return {
        "measure": "page",
        "page": name,
        "stored": stored,
        **record,
        **again,
        "render_ms": _render_ms(asker, request),
        "bytes": sent,
    }


def _render_ms(asker: Asker, request: Any) -> float:
    """Measure the template alone: the stand-in for the database runs in this process too."""
    spent: list[float] = []
    render = Template.render

    def timed(template: Template, *given: Any, **named: Any) -> str:
        began = time.process_time()
        text = render(template, *given, **named)
        spent.append((time.process_time() - began) * 1000)
        return text

    Template.render = timed  # type: ignore[method-assign]  # in this process, until the end of this function
    for _ in range(TIMES):
        asker.handler(request, None)
    Template.render = render  # type: ignore[method-assign]
    return round(median(spent), 1) if spent else 0.0
