"""Measure what a page of the responders' queue costs while very many reports wait."""

import random
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from app.accounts import areas, tokens
from app.accounts.areas import Area
from app.accounts.models import Account, Role
from app.core import clock, dynamodb
from app.geo.box_circle import Box, Circle
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, Entry, sort_key
from app.reports.index.models import ROOT, Document, TileDocument
from app.reports.models import Report
from app.review.queue import content_of
from app.review.queue_models import QueueRow, shown_values
from app.review.surroundings import Nearby
from app.review.urgency import State, key_of, state_of, state_shard_of
from bench import environment
from bench.asking import Asker, event
from bench.metering import Meter
from bench.stand_in import StandIn
from infra.tables import COMPLETE, table_properties

SEVERITIES = ("unknown", "minor", "moderate", "severe", "extreme")
DISPUTED = 0.01
ISLAND = (50.0, -6.0, 59.0, 2.0)  # south, west, north, east
TOWN = (51.3, -2.5, 51.5, -2.2)
# Boxes around two kilometres, and how many wait in them: in the tile of the town, outside of it.
VILLAGES = {
    "a village with 20": (Circle(51.2, -2.8, 2.0).box(), 20),
    "a village with 100": (Circle(51.2, -3.2, 2.0).box(), 100),
}
WANTED = 20
ASKED: dict[str, dict[str, str]] = {
    "all of nine tiles": {},
    "a box in four tiles": {"area": "-3,51,1,53"},
    "a town": {"area": "-2.5,51.3,-2.2,51.5"},
    "disputed": {"state": "disputed"},
    "a hundred": {"limit": "100"},
}


def measure(sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield one record for each way to ask: the units, calls and rounds of the first page and of the next one."""
    from handlers.api import handler

    asker = Asker(handler, Meter())
    client = dynamodb.connection().client
    asker.meter.attach(client)
    environment.stop_clock(environment.NOON_MS)
    south, west, north, east = ISLAND
    for size in sizes:
        stand_in = StandIn(table_properties(environment.PREFIX))
        stand_in.attach(client)
        stand_in.tables[Report.Meta.table_name].load(COMPLETE)
        _fill(stand_in, size)
        account = Account(username="responder", username_folded="responder", password_hash="-", role=Role.RESPONDER)
        account.packed_areas = areas.pack([Area("the island", Box(west, south, east, north))])
        account.save()
        headers = {"authorization": f"Bearer {tokens.issue_access(account)}"}
        for asked, query in ASKED.items():
            yield from _pages(asker, size, asked, query, headers)
        for asked, (box, _) in VILLAGES.items():
            yield _first_twenty(asker, size, asked, {"area": ",".join(map(str, box))}, headers)
        stand_in.detach(client)


def _first_twenty(asker: Asker, size: int, asked: str, query: dict[str, str], headers: dict[str, str]) -> Any:
    """Ask page by page until twenty reports are there; return how many pages and units that took."""
    found, units, pages, cursor = 0, 0.0, 0, dict[str, str]()
    while found < WANTED:
        answer = asker.ask(event("GET", "/v1/review/queue", urlencode(query | cursor), headers=headers))
        found, units, pages = found + len(answer.body["items"]), units + answer.bill.reads, pages + 1
        if not answer.body["next_cursor"]:
            break
        cursor = {"cursor": answer.body["next_cursor"]}
    return {"part": "queue", "waiting": size, "asked": asked, "pages": pages, "items": found, "read_units": units}


def _pages(asker: Asker, size: int, asked: str, query: dict[str, str], headers: dict[str, str]) -> Iterator[Any]:
    cursor: dict[str, str] = {}
    for page in ("first", "next"):
        answer = asker.ask(event("GET", "/v1/review/queue", urlencode(query | cursor), headers=headers))
        yield {
            "part": "queue",
            "waiting": size,
            "asked": asked,
            "page": page,
            "items": len(answer.body["items"]),
            "read_units": answer.bill.reads,
            "queries": answer.bill.calls["Query"],
            "rounds": answer.bill.rounds,
        }
        if not answer.body["next_cursor"]:
            return
        cursor = {"cursor": answer.body["next_cursor"]}


def _fill(stand_in: StandIn, size: int) -> None:
    """Store rows of the queue as its consumer would, and the documents that name the tiles with reports."""
    dice, children = random.Random(5), dict[str, dict[str, int]]()
    table = stand_in.tables[QueueRow.Meta.table_name]
    villages = [box for box, number in VILLAGES.values() for _ in range(number)]
    entries: dict[str, list[Entry]] = {}
    for number in range(size):
        box = villages[number] if number < len(villages) else None
        report = _report(dice, number, box)
        if box:
            cell = tile_at(lat=float(report.lat), lon=float(report.lon), z=CELL_ZOOM).key
            entries.setdefault(cell, []).append(report.entry())
            report.index(clock.now_ms(), is_change=False)
            stand_in.tables[Report.Meta.table_name].load(report.serialize())
        key, state = key_of(report, is_warned=False), state_of(report)
        row = QueueRow(*key, **shown_values(content_of(report, Nearby([], []), is_warned=False)))
        row.state_shard = state_shard_of(key, State(state))
        table.load(row.serialize())
        tile = tile_at(lat=float(report.lat), lon=float(report.lon), z=6)
        counts = children.setdefault(tile.parent(4).key, {})
        counts[tile.key] = counts.get(tile.key, 0) + 1
    table.sort()
    for cell, rows in entries.items():
        TileDocument.replace(cell, Document(rows=rows, counts={"severe": len(rows)}))
    for coarser, counts in children.items():
        TileDocument.replace(coarser, Document(counts={"severe": sum(counts.values())}, children=sorted(counts)))
    TileDocument.replace(ROOT, Document(counts={"severe": size}, children=sorted(children)))


def _report(dice: random.Random, number: int, box: Box | None) -> Report:
    """Make a report of the last two days: in a box, or in a third of the cases in one town."""
    south, west, north, east = TOWN if dice.random() < 1 / 3 else ISLAND
    if box:
        west, south, east, north = box
    report_id, now_ms = f"rep_{number:026d}", clock.now_ms()
    created_ms = now_ms - dice.randrange(40 * clock.HOUR_MS)
    report = Report(report_id, sort=sort_key(created_ms, report_id), body_hash="-", radius_m=50, version=1)
    report.severity, report.status, report.condition = dice.choice(SEVERITIES), "pending", "flooded"
    report.title = "Water in the road, up to the kerb and rising"
    report.observed_at_ms = report.updated_at_ms = created_ms
    report.expires_at_ms = created_ms + 48 * clock.HOUR_MS
    report.is_disputed = dice.random() < DISPUTED or None
    report.flooded_votes = dice.choice((None, None, 2, 5))
    report.touches = 1 if report.is_disputed or report.flooded_votes else None
    report.put_at(lat=dice.uniform(south, north), lon=dice.uniform(west, east), visibility="home")
    return report
