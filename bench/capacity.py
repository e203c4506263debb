"""Measure consumed capacity, rounds and calls of lists and writes, at several sizes of the stored data."""

import gc
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from app.core import dynamodb
from bench import environment, official
from bench.asking import Asked, Asker, begin_anew, event
from bench.loading import World
from bench.metering import Meter
from bench.questions import Asking, questions
from bench.stand_in import StandIn
from infra.tables import table_properties

PAGE = 50
MOST_PAGES = 6
Record = dict[str, Any]


def measure(sizes: Sequence[int], *, now_ms: int = environment.NOON_MS, spots: int | None = None) -> Iterator[Record]:
    """Measure all figures at each size, then the growth from the smallest to the largest.

    `spots`: the most places of each kind that are asked for reports and warnings; each is checked by brute force.
    """
    from handlers.api import handler

    asker = Asker(handler, Meter())
    client = dynamodb.connection().client
    asker.meter.attach(client)
    environment.stop_clock(now_ms)
    records: list[Record] = []
    for size in sizes:
        stand_in = StandIn(table_properties(environment.PREFIX))
        stand_in.attach(client)
        began = time.perf_counter()
        world = World(size, now_ms, stand_in)
        yield _described(world, time.perf_counter() - began)
        for record in chain(lists(world, asker), single(world, asker), warned_of(world, asker, spots)):
            records.append(record)
            yield record
        stand_in.detach(client)
        del world, stand_in
        gc.collect()
    asker.meter.detach(client)
    yield from growth(records)


def _described(world: World, seconds: float) -> Record:
    return {
        "measure": "data",
        "stored": world.total,
        "active": len(world.active),
        "in_largest_flood": len(world.in_flood),
        "floods": len(world.country.floods),
        "documents": world.documents,
        "made_in_s": round(seconds, 1),
    }


def lists(world: World, asker: Asker) -> Iterator[Record]:
    """Measure every query: its first page in a new process and in a warm one; the next pages."""
    bills: dict[tuple[str, str, str], list[Asked]] = defaultdict(list)
    for asking in questions(world):
        begin_anew()
        first, *following = asker.pages(asking.query, MOST_PAGES if "flood" in asking.where else 2)
        check(first, asking, world)
        key = (asking.kind, asking.where)
        bills[*key, "first, new process"].append(first)
        bills[*key, "first"].append(asker.pages(asking.query, 1)[0])
        if following:
            bills[*key, "following"].extend(following)
    for (kind, where, page), bill in bills.items():
        yield _record("list", f"{kind}, {where}", page, world.total, bill)
    for wanted in ("first, new process", "first"):
        near = _near(bills, wanted)
        yield _record("list", "near, all places and radii", wanted, world.total, near)
        if full := [one for one in near if len(one.body["items"]) == PAGE]:
            yield _record("list", "near, wherever 50 were found", wanted, world.total, full)


def _near(bills: dict[tuple[str, str, str], list[Asked]], wanted: str) -> list[Asked]:
    kinds = ((kind, page, bill) for (kind, _, page), bill in bills.items())
    return [one for kind, page, asked in kinds if kind.startswith("near") and page == wanted for one in asked]


def check(first: Asked, asking: Asking, world: World) -> None:
    """Check that the first page is exactly the newest, by reading every active report."""
    shape = asking.shape
    wanted = [one for one in world.active if shape is None or shape.contains(lat=one.lat, lon=one.lon)]
    wanted.sort(key=lambda one: (one.created_ms, one.id), reverse=True)
    ids = [item["id"] for item in first.body["items"]]
    is_short_page = bool(first.body["next_cursor"]) and len(ids) < PAGE
    assert ids == [one.id for one in wanted[: len(ids) if is_short_page else PAGE]], f"wrong answer to {asking}"


def _record(measure_: str, question: str, page: str, stored: int, asked: list[Asked]) -> Record:
    reads = [one.bill.reads for one in asked]
    rounds = [one.bill.rounds for one in asked]
    return {
        "measure": measure_,
        "question": question,
        "page": page,
        "stored": stored,
        "asked": len(asked),
        "read_units": round(sum(reads) / len(reads), 2),
        "read_units_max": max(reads),
        "rounds": round(sum(rounds) / len(rounds), 2),
        "rounds_max": max(rounds),
        "calls": round(sum(one.bill.calls.total() for one in asked) / len(asked), 1),
        "items": round(sum(len(one.body.get("items", [0])) for one in asked) / len(asked), 1),
        "short_pages": sum(bool(one.body.get("next_cursor")) and len(one.body["items"]) < PAGE for one in asked),
    }


def single(world: World, asker: Asker) -> Iterator[Record]:
    """Measure one report read, filed without and with an account, and the consumer's work for one."""
    known = world.in_flood[0].id
    begin_anew()
    yield _acts("read one report", world.total, asker.ask(event("GET", f"/v1/reports/{known}")))
    yield _acts("read none", world.total, asker.ask(event("GET", "/v1/reports/rep_none"), status=404))
    for number, name in enumerate(("file a report, first of a new process", "file a report")):
        yield _acts(name, world.total, asker.ask(_filing(f"bench-key-of-a-report-{number}"), status=201))
    account = _account()
    yield _acts(
        "file a report with an account", world.total, asker.ask(_filing("bench-key-of-our-own", account), status=201)
    )
    yield _acts("file it again", world.total, asker.ask(_filing("bench-key-of-our-own", account)))


def warned_of(world: World, asker: Asker, spots: int | None) -> Iterator[Record]:
    """Measure the same country under 1,000 official warnings."""
    warned = official.Warned(world)
    for step, bill in (*official.take_in(warned, asker), *official.count(asker)):
        yield _acts(step, world.total, Asked(None, bill))
    for step, page, asked in official.ask(warned, asker, spots):
        yield _record("list", step, page, world.total, asked)
    known = world.in_flood[0].id
    begin_anew()
    yield _acts("read one report under warnings", world.total, asker.ask(event("GET", f"/v1/reports/{known}")))
    asked = asker.ask(event("GET", f"/v1/reports/{known}"))
    yield _acts("read one report under warnings, again", world.total, asked)
    yield _acts("file a report under warnings", world.total, asker.ask(_filing("bench-key-of-the-warned"), status=201))


def _filing(key: str, headers: dict[str, str] | None = None) -> Any:
    body = {
        "location": {"lat": 51.5, "lon": -0.12},
        "severity": "severe",
        "depth_cm": 40,
        "title": "Underpass closed, cars stuck",
        "description": "Seen from the bridge; the water stands at the kerb and comes nearer.",
    }
    return event("POST", "/v1/reports", body=body, headers={"idempotency-key": key, **(headers or {})})


def _account() -> dict[str, str]:
    """Return the headers of a signed-in person, stored as the product stores one."""
    from app.accounts import tokens
    from app.accounts.models import Account

    account = Account("acc_bench", username="bench", username_folded="bench", password_hash="-")
    account.save()
    return {"authorization": f"Bearer {tokens.issue_access(account)}"}


def _acts(question: str, stored: int, asked: Asked) -> Record:
    return {
        "measure": "act",
        "question": question,
        "stored": stored,
        "read_units": asked.bill.reads,
        "write_units": asked.bill.writes,
        "calls": asked.bill.calls.total(),
        "by_call": dict(asked.bill.calls),
    }


def growth(records: list[Record]) -> Iterator[Record]:
    """Return mean read units at the largest size relative to the smallest, for each query of both."""
    units = {(one["question"], one.get("page"), one["stored"]): one["read_units"] for one in records}
    sizes = sorted({one["stored"] for one in records})
    if len(sizes) < 2:
        return
    for question, page, stored in list(units):
        key = (question, page, sizes[-1])
        if stored == sizes[0] and key in units and units[question, page, stored]:
            factor = units[key] / units[question, page, stored]
            told_of = {"question": question, "page": page, "from": sizes[0], "to": sizes[-1]}
            yield {"measure": "growth", "factor": round(factor, 2), **told_of}
