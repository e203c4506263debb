"""Count instructions of a cold start with valgrind's cachegrind, minus an empty start. Deterministic to 0.1 %."""

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


def _count(variant: Variant, server: Server, preload: Sequence[str]) -> int:
    counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*counter, *cold.command(variant, server, preload)],
        env=variants.lambda_environment(server.bundle),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    match = _COUNT.search(done.stderr)
    assert match, done.stderr[-2000:]
    return int(match[1].replace(",", ""))
