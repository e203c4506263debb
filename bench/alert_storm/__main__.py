"""`python -m bench.alert_storm [--subscribers 9000]`: one line of JSON for each rate, and for each naive twin.

Exit code 1 if anything was lost or doubled, too much was late, or a naive twin lost and doubled nothing.
"""

import argparse
import gc
import json
import multiprocessing
import os
import sys
import time
from importlib import import_module
from typing import Any

from bench import environment
from bench.alert_storm import size
from bench.alert_storm.size import Size

MAIL = {
    "FLOOD_MAIL": "ses",
    "FLOOD_MAIL_FROM": "Floods here <alerts@floods.example.org>",
    "FLOOD_MAIL_TO": "example.net",
    "FLOOD_PUBLIC_BASE_URL": "https://floods.example.org",
    "FLOOD_MAIL_KEY": f"{environment.KEY}-of-mail",
}
TWIN_SUBSCRIBERS = 20_000
OTHER_SUBSCRIBERS = 300_000  # at the rates that have no bar of their own, so that all runs take about half an hour
FUNCTIONS = ("fan_out", "match_alerts", "deliver", "mail_events", "alerts_due")
Run = tuple[int, int, str]  # subscribers, rate, and the naive twin or ""
_plans: dict[int, Any] = {}  # by subscribers; forked processes inherit them


def _asked(arguments: list[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench.alert_storm", description=__doc__)
    reader.add_argument("--subscribers", type=int, default=size.SUBSCRIBERS, help=f"people ({size.SUBSCRIBERS})")
    reader.add_argument("--rates", default=",".join(map(str, size.RATES)), help="messages a second of the full storm")
    reader.add_argument(
        "--others", type=int, default=OTHER_SUBSCRIBERS, help="most people at other rates than the first"
    )
    reader.add_argument("--twins", type=int, default=TWIN_SUBSCRIBERS, help="most people of a naive twin; 0: none")
    reader.add_argument("--processes", type=int, default=2, help="runs side by side (2)")
    asked = reader.parse_args(arguments)
    asked.rates = [int(one) for one in asked.rates.split(",")]
    return asked


def _note(text: str) -> None:
    print(f"{round(time.process_time()):5d} s of CPU: {text}", file=sys.stderr, flush=True)


def make_plan(subscribers: int) -> Any:
    """Make the people, the flood, and the list of those who are to hear of it."""
    from bench.alert_storm import flood, judge
    from bench.alert_storm.people import People
    from bench.alert_storm.people_rows import PeopleTable
    from bench.alert_storm.storm import Plan
    from infra.tables import table_properties

    people = People(subscribers)
    spots = flood.Spots(people)
    groups = flood.make_groups(people, spots)
    expected = judge.expect(people, spots, groups)
    definitions = table_properties(environment.PREFIX)
    (own,) = [one for one in definitions if one["TableName"].endswith("-subscriptions")]
    return Plan(groups, expected, definitions, PeopleTable(own, people))


def _handlers() -> dict[str, Any]:
    from bench.alert_storm import deployed

    return {name: import_module(f"handlers.{name}").handler for name in FUNCTIONS if name in deployed.names()}


def run(plan: Any, subscribers: int, rate: int, twin: str = "") -> dict[str, Any]:
    """Run one storm in this process, which is of no further use."""
    measure = Size(subscribers, rate)
    os.environ |= {"FLOOD_MAIL_PER_SECOND": str(measure.per_second), "FLOOD_MAIL_SENDERS": str(measure.senders)}
    from app.core import config

    config.settings.cache_clear()
    from bench.alert_storm.storm import Storm
    from bench.alert_storm.twins import TWINS

    storm = Storm(plan, measure, _handlers())
    if twin:
        TWINS[twin](storm)
    name = f"{rate} a second{', ' if twin else ''}{twin}"
    storm.run(lambda hours, messages: _note(f"{name}: {hours} h, {messages} messages"))
    return storm.record(twin)


def is_passed(record: dict[str, Any]) -> bool:
    """Return whether a run met its bars; of a naive twin, whether it lost or doubled something."""
    if record["twin"]:
        return bool(record["lost"] or record["doubled"])
    is_late = record["rate"] == size.RATES[0] and record["late"] >= size.BAR_LATE
    return not is_late and not any(record[name] for name in ("lost", "doubled", "strange", "errors", "dead_letters"))


def _runs(asked: argparse.Namespace) -> list[Run]:
    """Return the runs, those that take longest first."""
    from bench.alert_storm.twins import TWINS

    few = min(asked.twins, asked.subscribers)
    others = min(asked.others, asked.subscribers)
    runs = [(asked.subscribers if number == 0 else others, rate, "") for number, rate in enumerate(asked.rates)]
    return runs + [(few, rate, twin) for rate in asked.rates for twin in TWINS if few]


def main(arguments: list[str]) -> int:
    asked = _asked(arguments)
    environment.enter()
    os.environ.update(MAIL)
    runs, is_right = _runs(asked), True
    for subscribers in sorted({one[0] for one in runs}):
        _note(f"{subscribers} people and their squares of the map")
        _plans[subscribers] = make_plan(subscribers)
    gc.collect()
    gc.freeze()  # the processes of the runs share it
    with multiprocessing.get_context("fork").Pool(asked.processes, maxtasksperchild=1) as pool:
        for record in pool.imap_unordered(_run_one, runs, chunksize=1):
            is_right &= is_passed(record)
            print(json.dumps(record | {"passed": is_passed(record)}), flush=True)
    return 0 if is_right else 1


def _run_one(asked: Run) -> dict[str, Any]:
    return run(_plans[asked[0]], *asked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
