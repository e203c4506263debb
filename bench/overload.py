"""Open-loop load on a model of a stage: the gateway's throttles by route, and Lambda's places by function.

All limits are read from `serverless.yml` and the stage's file, so a test sees what is deployed. Requests come at their
moments however many wait already, and time is virtual: the same on every machine. What a function does with a request
that it takes may be the product's own work (`serve`); how long it takes is given.

Sources: API Gateway, "Throttle requests to your HTTP APIs" (a token bucket for each route; 429); Lambda, "Understanding
function scaling" and "reserved concurrency" (a function at its limit, or an account without a free place, refuses at
once; the gateway answers 503).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
PATIENCE_MS = 10_000.0  # after which a caller has given up, and sends the same again
ACCOUNT_PLACES = 220  # of an account for `prod`: docs/operations.md, "Quotas to raise"
OTHERS = "*"
_STAGE = "${self:custom.stage."


class Kind(NamedTuple):
    """One kind of request: its route, requests a second at a load of 1, and how long its function works on it."""

    name: str
    route: str
    per_second: float
    busy_ms: float


class Limits(NamedTuple):
    """Limits of a stage: rate and burst by route, the function of each route, and places by function."""

    buckets: dict[str, tuple[float, float]]
    functions: dict[str, str]
    places: dict[str, int]
    free_places: int


@dataclass
class Outcome:
    """Outcome of one kind's requests."""

    offered: int = 0
    refused: Counter[int] = field(default_factory=Counter)  # by status
    late: int = 0  # answered when the caller had given up
    good: int = 0


@dataclass
class _Bucket:
    rate: float
    burst: float
    left: float
    at_ms: float = 0.0

    def takes(self, now_ms: float) -> bool:
        self.left = min(self.burst, self.left + (now_ms - self.at_ms) / 1000 * self.rate)
        self.at_ms = now_ms
        if self.left < 1:
            return False
        self.left -= 1
        return True


def limits_of(stage: str) -> Limits:
    """Read the limits of a stage from the files that it is deployed from."""
    chosen = _read(f"infra/stages/{stage}.yml")
    settings = _read("infra/api.yml")["extensions"]["HttpApiStage"]["Properties"]
    buckets = {
        route: (_chosen(one["ThrottlingRateLimit"], chosen), _chosen(one["ThrottlingBurstLimit"], chosen))
        for route, one in {OTHERS: settings["DefaultRouteSettings"], **settings["RouteSettings"]}.items()
    }
    functions, places = dict[str, str](), dict[str, int]()
    for name, function in _read("serverless.yml")["functions"].items():
        if isinstance(function, str):  # in a file of its own, and without routes
            continue
        routes = [event["httpApi"] for event in function.get("events", ()) if "httpApi" in event]
        functions |= dict.fromkeys(routes, name)
        if reserved := _chosen(function.get("reservedConcurrency"), chosen):
            places[name] = int(reserved)
    return Limits(buckets, functions, places, ACCOUNT_PLACES - sum(places.values()))


def scaled(limits: Limits, share: float) -> Limits:
    """Return the limits of a smaller stage that is the same in all proportions."""
    buckets = {route: (rate * share, max(1.0, burst * share)) for route, (rate, burst) in limits.buckets.items()}
    places = {name: max(1, round(many * share)) for name, many in limits.places.items()}
    return Limits(buckets, limits.functions, places, max(1, round(limits.free_places * share)))


def load(
    kinds: Sequence[Kind],
    limits: Limits,
    *,
    times: float,
    seconds: float,
    serve: Callable[[Kind, int], Any] = lambda kind, number: None,
) -> dict[str, Outcome]:
    """Send `times` the load for so long, and return the outcome of each kind. `serve` is called for what is taken."""
    outcomes = {kind.name: Outcome() for kind in kinds}
    buckets = {route: _Bucket(rate, burst, burst) for route, (rate, burst) in limits.buckets.items()}
    ends: dict[str, list[float]] = {name: [] for name in (*limits.places, "")}
    for now_ms, number, kind in _arrivals(kinds, times, seconds):
        outcome = outcomes[kind.name]
        outcome.offered += 1
        if not buckets.get(kind.route, buckets[OTHERS]).takes(now_ms):
            outcome.refused[429] += 1
            continue
        function = limits.functions.get(kind.route, limits.functions[OTHERS])
        pool = function if function in limits.places else ""
        while ends[pool] and ends[pool][0] <= now_ms:
            heappop(ends[pool])
        if len(ends[pool]) >= limits.places.get(pool, limits.free_places):
            outcome.refused[503] += 1
            continue
        heappush(ends[pool], now_ms + kind.busy_ms)
        serve(kind, number)
        outcome.good += 1
    return outcomes


def load_queued(kinds: Sequence[Kind], places: int, *, times: float, seconds: float) -> dict[str, Outcome]:
    """Send the same load to a naive service: it refuses nothing, and works for callers who have given up."""
    outcomes = {kind.name: Outcome() for kind in kinds}
    free_at = [0.0] * places
    for now_ms, _, kind in _arrivals(kinds, times, seconds):
        outcome = outcomes[kind.name]
        outcome.offered += 1
        done_ms = max(now_ms, heappop(free_at)) + kind.busy_ms
        heappush(free_at, done_ms)
        if done_ms - now_ms > PATIENCE_MS:
            outcome.late += 1
        elif done_ms <= seconds * 1000:
            outcome.good += 1
    return outcomes


def _arrivals(kinds: Sequence[Kind], times: float, seconds: float) -> Iterator[tuple[float, int, Kind]]:
    """Yield all requests in the order of their moments, which are the same in each run and follow no beat."""
    chance = Random(times)
    moments = [
        (chance.uniform(0, seconds * 1000), place, number)
        for place, kind in enumerate(kinds)
        for number in range(round(kind.per_second * times * seconds))
    ]
    return ((now_ms, number, kinds[place]) for now_ms, place, number in sorted(moments))


def _read(path: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return read


def _chosen(value: Any, chosen: dict[str, Any]) -> Any:
    """Return the value of `${self:custom.stage.name, null}` for this stage."""
    if not isinstance(value, str):
        return value
    return chosen[value.removeprefix(_STAGE).partition("}")[0].partition(",")[0]]
