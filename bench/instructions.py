"""Count instructions with valgrind's cachegrind: of a cold start, minus an empty one, and of a warm request.

Deterministic to 0.1 %, whatever else runs on the machine.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bench import cold, variants
from bench.fixed_database import Server
from bench.variants import Variant

TIMEOUT_S = 300
FEW, MEAN_OF = 5, 20  # rounds before the counted ones, and counted ones
TIMED = 100  # of which the CPU time is the mean
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def measure(prepared: Sequence[Variant], server: Server, preload: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Measure millions of instructions, and the ratio to the bare handler; one line if valgrind is absent.

    Ours comes last, and again with other first requests than GET one report.
    """
    if not shutil.which("valgrind"):
        yield {"measure": "instructions", "absent": "valgrind is not installed"}
        return
    counted = [*prepared, *variants.other_firsts(prepared[-1])]
    for variant, record in zip(counted, counts(counted, server, preload), strict=True):
        yield {"measure": "instructions", "variant": variant.name, **record}


def counts(prepared: Sequence[Variant], server: Server, preload: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Count instructions of each variant in turn, with the ratio to the first."""
    nothing = _count(replace(prepared[0], name="nothing", handler="", events={}), server, preload)
    bare = None
    for variant in prepared:
        count = _count(variant, server, preload) - nothing
        bare = bare or count
        yield {"millions": round(count / 1e6), "millions_ratio": round(count / bare, 2)}


def measure_warm(
    prepared: Sequence[Variant], server: Server, preload: Sequence[str], rounds: int
) -> Iterator[dict[str, Any]]:
    """Measure one warm GET and one warm POST, TLS included: millions of instructions and CPU time, with ratios.

    Ratios are to the first variant; CPU time is the median of rounds in turns. Without valgrind only CPU time.
    """
    is_counted = shutil.which("valgrind") is not None
    taken = cold.in_turns(prepared, rounds, lambda variant: cold.run(variant, server, preload, rounds=TIMED))
    for request in ("get", "post"):
        bare = 0.0
        for variant in prepared:
            figures: dict[str, Any] = {"millions": "valgrind is not installed"}
            if is_counted:
                count = _count_warm(replace(variant, events={"first": variant.events[request]}), server, preload)
                bare = bare or count
                figures = {"millions": round(count / 1e6, 2), "ratio": round(count / bare, 2)}
            kind = f"warm_{request}_us"
            times = cold.figures(taken, variant.name, (kind,), yardstick=prepared[0].name)
            figures |= {"cpu_us": times[kind], "cpu_ratio": times[f"{kind}_ratio"]}
            yield {"measure": "steps", "request": request, "variant": variant.name, **figures}


def _count_warm(variant: Variant, server: Server, preload: Sequence[str]) -> float:
    """Count the instructions of the variant's first request when it is repeated: the mean."""
    few, many = (_count(variant, server, preload, rounds=rounds) for rounds in (FEW, FEW + MEAN_OF))
    return (many - few) / MEAN_OF


def _count(variant: Variant, server: Server, preload: Sequence[str], *, rounds: int = 0) -> int:
    counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*counter, *cold.command(variant, server, preload, rounds=rounds, still=True)],
        env=variants.lambda_environment(server.bundle),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    match = _COUNT.search(done.stderr)
    assert match, done.stderr[-2000:]
    return int(match[1].replace(",", ""))
