"""`python -m bench [--only cold,capacity] [--sizes 10000,100000]`: date and commit, JSON objects, then tables."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench import environment, measured_on

STARTS = ("cold", "warm", "runtime", "instructions", "steps", "tricks")
PARTS = (
    *STARTS,
    "capacity",
    "history",
    "pages",
    "caps",
    "storm",
    "windows",
    "trips",
    "queue",
    "match",
    "deliver",
    "check",
    "near",
    "postgis",
    "imports",
)
MOMENTS = {"noon": environment.NOON_MS, "midnight": environment.MIDNIGHT_MS}
FAULTS = {"no": [False], "yes": [True], "both": [False, True]}
SIZES = "10000,100000,1000000"


def _asked(arguments: list[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench", description="Measure the product, beside others.")
    reader.add_argument("--only", default=",".join(PARTS), help=f"parts to run, of {', '.join(PARTS)}")
    reader.add_argument("--sizes", default=SIZES, help=f"how many reports are stored, for capacity ({SIZES})")
    reader.add_argument("--rates", default="200", help="writes a second of a storm (200)")
    reader.add_argument("--seconds", type=float, default=60, help="how long a storm lasts (60)")
    reader.add_argument("--consumers", default="1,4,16", help="shards of the stream in a storm (1,4,16)")
    reader.add_argument("--faults", choices=FAULTS, default="both", help="storms without faults, with, or both (both)")
    reader.add_argument("--rounds", type=int, default=15, help="samples of each variant (15)")
    reader.add_argument("--at", choices=MOMENTS, default="noon", help="when capacity is asked (noon, UTC)")
    reader.add_argument("--spots", type=int, help="most places asked of each kind under warnings, for capacity (all)")
    reader.add_argument("--megabytes", type=int, default=300, help="size of the files that are imported (300)")
    asked = reader.parse_args(arguments)
    asked.only = asked.only.split(",")
    if unknown := set(asked.only) - set(PARTS):
        reader.error(f"there is no part {', '.join(sorted(unknown))}")
    asked.sizes, asked.rates, asked.consumers = (
        [int(one) for one in told.split(",")] for told in (asked.sizes, asked.rates, asked.consumers)
    )
    return asked


def records(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield the figures of all parts asked for."""
    if kinds := [part for part in asked.only if part in STARTS]:
        from bench import cold

        yield from cold.measure(rounds=asked.rounds, kinds=kinds)
    if "capacity" in asked.only:
        from bench import capacity

        yield from capacity.measure(asked.sizes, now_ms=MOMENTS[asked.at], spots=asked.spots)
    if "history" in asked.only:
        from bench import history

        yield from history.measure(asked.sizes)
    if "pages" in asked.only:
        from bench import pages

        yield from pages.measure(asked.sizes, now_ms=MOMENTS[asked.at])
    if "caps" in asked.only:
        from bench import caps

        yield from caps.measure(asked.sizes)
    yield from _more_records(asked)


def _more_records(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if "storm" in asked.only:
        from bench import storm

        yield from storm.measure(asked.rates, asked.consumers, asked.seconds, FAULTS[asked.faults])
    if "windows" in asked.only:
        from bench import windows

        yield from windows.measure(asked.sizes)
    if "trips" in asked.only:
        from bench import trips

        yield from trips.measure()
    yield from _records_of_rooms(asked)


def _records_of_rooms(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if "queue" in asked.only:
        from bench import queue

        yield from queue.measure(asked.sizes)
    if "match" in asked.only:
        from bench import matching

        yield from matching.measure()
    if "deliver" in asked.only:
        from bench import delivering

        yield from delivering.measure()
    if {"check", "near"} & {*asked.only}:
        from bench import real_database

        yield from real_database.measure(asked.only)
    if "postgis" in asked.only:
        from bench import postgis

        yield from postgis.measure(asked.sizes, max(3, asked.rounds // 3))
    if "imports" in asked.only:
        from bench import imports

        yield from imports.measure(asked.megabytes)


def main(arguments: list[str]) -> int:
    asked = _asked(arguments)
    measured = measured_on.line(arguments)
    print(measured, flush=True)
    environment.enter()
    began = time.perf_counter()
    told = []
    for record in records(asked):
        told.append(record)
        print(json.dumps(record), flush=True)
    from bench import tables

    print(f"\n{tables.render(told)}\n{measured} {time.perf_counter() - began:.0f} s in all.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
