"""Our near-me beside a plain Flask over PostgreSQL with PostGIS: the same reports, the same answers, in turns.

CPU time all told: of the process that answers and of its database's process, dynoxide or the connection's backend. Both
answer in a process of their own without a server of HTTP before it; ours takes API Gateway's events.
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from app.reports.entry import PUBLIC
from bench import private_postgres, real_database
from bench.floods import entry_of, stored_form
from bench.loading import World
from bench.questions import places
from infra.local.dynoxide import DYNOXIDE, dynoxide_process

ROOT = Path(__file__).parents[1]
REFERENCES = Path(__file__).parent / "references"
MOST_STORED = 100_000
RADII_KM = (2, 10)
ORDERS = ("newest", "distance")
WHERE = ("in the flood", "in a town")
OURS, THEIRS = "FloodManager", "Flask + PostGIS"
Record = dict[str, Any]
Sample = dict[str, Any]


class Disagree(Exception):
    """The two gave different answers, so that their costs cannot be compared."""


def lacking() -> str | None:
    """Return why the comparison cannot run here; None if it can."""
    if not DYNOXIDE.exists():
        return "dynoxide is not installed for this system"
    if find_spec("psycopg") is None:
        return "psycopg is not installed (bench/requirements.txt)"
    reason = private_postgres.lacking()
    return reason and f"{reason} (`make postgis-apt`)"


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Record]:
    """Compare both with each number of stored reports; one line that says why not where something is missing."""
    if reason := lacking():
        yield {"measure": "postgis", "variant": THEIRS, "not run": reason}
        return
    for size in sizes:
        if size <= MOST_STORED:
            with _both(size) as (world, programs):
                yield from _compared(world, programs, rounds)


class Program:
    """A process that answers near-me requests, and the process of its database."""

    def __init__(self, name: str, arguments: Sequence[str], surroundings: dict[str, str], database: int = 0) -> None:
        self.name = name
        command = [sys.executable, "-m", "bench.near_child", *arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.database = int(self._line()) or database

    def ask(self, queries: Sequence[str], *, keeps_answers: bool = False) -> Sample:
        """Ask some queries; return what they took, all in all."""
        assert self.process.stdin is not None
        before_s = cpu_of(self.database)
        told = json.dumps([None, *queries] if keeps_answers else queries)
        self.process.stdin.write(f"{told}\n")
        self.process.stdin.flush()
        sample: Sample = json.loads(self._line())
        return sample | {"database_cpu_s": cpu_of(self.database) - before_s}

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"{self.name} has ended"
        return line

    def end(self) -> None:
        """Let it end: its input is closed."""
        self.process.communicate(timeout=30)


def cpu_of(process: int) -> float:
    """Return the seconds of CPU time that a process of this machine has used, of all its threads."""
    return time.clock_gettime(~process << 3 | 2)  # as clock_getcpuclockid(3) builds it


@contextmanager
def _both(size: int) -> Iterator[tuple[World, list[Program]]]:
    """Start both, each over its database with the same reports."""
    with dynoxide_process() as (address, number), private_postgres.running_postgres() as folder:
        world = real_database.load(size, address)
        load_theirs(folder, world)
        surroundings = {**os.environ, "AWS_ENDPOINT_URL_DYNAMODB": address}
        programs = [Program(OURS, ["ours"], surroundings, number), Program(THEIRS, ["theirs", folder], surroundings)]
        try:
            yield world, programs
        finally:
            for program in programs:
                program.end()


def load_theirs(socket_folder: str, world: World) -> None:
    """Fill the table of the other with the reports of a world."""
    sys.path.insert(0, str(REFERENCES))
    from flask_postgis import storage  # needs psycopg

    with storage.connect(socket_folder) as connection:
        storage.load(connection, (_row(stored_form(seen, world.now_ms)) for seen in world.reports()))


def _row(item: dict[str, Any]) -> list[Any]:
    """Return the columns of a stored report, in the order of `flask_postgis.storage.COLUMNS`."""
    entry = entry_of(item)
    assert entry.status in PUBLIC
    words = (entry.severity, entry.depth_cm, entry.title, item["description"]["S"], entry.status, entry.condition)
    times = (entry.observed_at_ms, entry.created_at_ms, entry.updated_at_ms, entry.expires_at_ms)
    return [
        entry.id,
        f"SRID=4326;POINT({entry.lon} {entry.lat})",
        entry.visibility,
        entry.radius_m,
        *words,
        *times,
        entry.version,
    ]


def _compared(world: World, programs: Sequence[Program], rounds: int) -> Iterator[Record]:
    spots = places(world)
    for where in WHERE:
        for order in ORDERS:
            for radius in RADII_KM:
                queries = [f"lat={lat}&lon={lon}&radius_km={radius}&sort={order}" for lat, lon in spots[where]]
                answers = [program.ask(queries, keeps_answers=True)["answers"] for program in programs]
                short = {OURS: agree(queries, *answers)}
                taken = _in_turns(programs, queries, rounds)
                told = {"stored": world.total, "where": where, "order": order, "radius_km": radius}
                for program in programs:
                    figures = _figures(taken[program.name], taken[OURS], len(queries))
                    figures["short"] = f"{short.get(program.name, 0)} of {len(queries)}"
                    yield {"measure": "postgis", **told, "variant": program.name, **figures}


def _in_turns(programs: Sequence[Program], queries: Sequence[str], rounds: int) -> dict[str, list[Sample]]:
    taken: dict[str, list[Sample]] = defaultdict(list)
    for _ in range(rounds):
        for program in programs:
            taken[program.name].append(program.ask(queries))
    return taken


def _figures(samples: Sequence[Sample], ours: Sequence[Sample], count: int) -> Record:
    """Return the means of a request: medians of the rounds; the ratio is ours to this one, round by round."""
    took = [one for sample in samples for one in sample["took_ms"]]
    all_told = [(sample["cpu_s"] + sample["database_cpu_s"]) / count * 1000 for sample in samples]
    our_own = [(sample["cpu_s"] + sample["database_cpu_s"]) / count * 1000 for sample in ours]
    return {
        "cpu_ms": round(median(all_told), 2),
        "process_ms": round(median(sample["cpu_s"] for sample in samples) / count * 1000, 2),
        "database_ms": round(median(sample["database_cpu_s"] for sample in samples) / count * 1000, 2),
        "ours_to_it": round(median(a / b for a, b in zip(our_own, all_told, strict=True)), 2),
        "p50_ms": round(median(took), 1),
        "p95_ms": round(quantiles(took, n=20)[-1], 1),
    }


def agree(queries: Sequence[str], ours: Sequence[Any], theirs: Sequence[Any]) -> int:
    """Compare the answers: the same reports in the same order. Raises Disagree.

    Our page may say that it is short; it is compared as far as it says to be whole. Returns how many are short.
    """
    short = 0
    for query, our, their in zip(queries, ours, theirs, strict=True):
        found, expected, complete_to = our["items"], their["items"], our["complete_to"]
        if complete_to is not None:
            short += 1
            found = [own for own in found if _is_within(own, complete_to)]
        elif len(found) != len(expected):
            raise Disagree(f"{query}: {len(found)} of our reports, {len(expected)} of the other")
        for own, other in zip(found, expected, strict=False):
            if abs(own["distance_m"] - other["distance_m"]) > 1 or own | {"distance_m": other["distance_m"]} != other:
                raise Disagree(f"{query}: our {own}, the other {other}")
    return short


def _is_within(own: dict[str, Any], complete_to: float | str) -> bool:
    """Return whether a report is in the part that is whole: to a time, or to a radius in km."""
    if isinstance(complete_to, str):
        return bool(own["created_at"] >= complete_to)
    return bool(own["distance_m"] < complete_to * 1000)
