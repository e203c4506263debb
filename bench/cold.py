"""Cold start and warm cost, each variant in fresh interpreters, taken in turns; ratios to the bare handler.

The ratio is the median of the ratios within each round, so that other work on the machine hits both sides.
"""

import fcntl
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import variants
from bench.fixed_database import Server, fixed_database
from bench.variants import BUILD, Variant

CHILD = Path(__file__).with_name("cold_child.py")
YARDSTICK = "bare boto3"
WARM_ROUNDS = 300
CHILD_TIMEOUT_S = 120
Record = dict[str, Any]
Sample = dict[str, Any]


def measure(*, rounds: int, kinds: Sequence[str]) -> Iterator[Record]:
    """Measure the figures of the kinds asked for: cold, warm, runtime, instructions, tricks."""
    with _alone():
        yield from _measure(rounds, kinds)


@contextmanager
def _alone() -> Iterator[None]:
    """Lock the benchmark: concurrent runs would measure each other. Ends the process if another runs."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("Another benchmark runs here. Wait for its end.")
        yield


def _measure(rounds: int, kinds: Sequence[str]) -> Iterator[Record]:
    from bench import instructions, runtime, tricks

    prepared = variants.prepare()
    with fixed_database(BUILD / "certificate") as server:
        preload = runtime.preloaded(prepared[0], server)
        if "cold" in kinds:
            yield from _cold(prepared, server, preload, rounds)
        if "warm" in kinds:
            yield from _warm(prepared, server, preload, max(3, rounds // 5))
        if "runtime" in kinds:
            yield from runtime.measure(prepared, server, max(3, rounds // 2))
        if "instructions" in kinds:
            yield from instructions.measure(prepared, server, preload)
        if "steps" in kinds:
            yield from instructions.measure_warm(prepared, server, preload, max(3, rounds // 5))
        if "tricks" in kinds:
            yield from tricks.measure(server, preload, rounds)


def command(
    variant: Variant, server: Server, preload: Sequence[str], *, rounds: int = 0, still: bool = False
) -> list[str]:
    """Return the command that starts a variant in a fresh interpreter, without our site-packages.

    `still`: its clock stands, for counts that do not depend on how long they take.
    """
    asked = {
        "paths": variant.paths,
        "preload": list(preload),
        "handler": variant.handler,
        "events": variant.events,
        "rounds": rounds,
        "still": still,
        "port": server.port,
    }
    # -B: a function's folder cannot be written, so byte code that is missing is missing at the next start too.
    return [sys.executable, "-S", "-s", "-P", "-B", str(CHILD), json.dumps(asked)]


def run(variant: Variant, server: Server, preload: Sequence[str], *, rounds: int = 0) -> Sample:
    """Start a variant once."""
    done = subprocess.run(
        command(variant, server, preload, rounds=rounds),
        env=variants.lambda_environment(server.bundle),
        capture_output=True,
        text=True,
        timeout=CHILD_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, f"{variant.name}: {done.stderr[-3000:]}"
    sample: Sample = json.loads(done.stdout.splitlines()[-1])
    assert sample["status"] == 200, (variant.name, sample)
    return sample


def in_turns(prepared: Sequence[Variant], rounds: int, take: Any) -> dict[str, list[Sample]]:
    """Take `rounds` samples of each variant, interleaved, after one that is dropped."""
    taken: dict[str, list[Sample]] = defaultdict(list)
    for number in range(rounds + 1):
        for variant in prepared:
            sample = take(variant)
            if number:
                taken[variant.name].append(sample)
    return taken


def figures(taken: dict[str, list[Sample]], name: str, keys: Sequence[str], *, yardstick: str = YARDSTICK) -> Record:
    """Return medians of a variant, and of its ratios to the yardstick round by round."""
    record: Record = {}
    for key in keys:
        own, bare = ([sample[key] for sample in taken[which]] for which in (name, yardstick))
        record[key] = round(median(own), 1)
        record[f"{key}_ratio"] = round(median(a / b for a, b in zip(own, bare, strict=True)), 2)
    return record


def _cold(prepared: Sequence[Variant], server: Server, preload: Sequence[str], rounds: int) -> Iterator[Record]:
    taken = in_turns(prepared, rounds, lambda variant: run(variant, server, preload))
    for variant in prepared:
        record = figures(taken, variant.name, ("cold_ms", "cold_cpu_ms", "import_ms", "modules", "rss_mb"))
        yield {"measure": "cold", "variant": variant.name, "rounds": rounds, **record}


def _warm(prepared: Sequence[Variant], server: Server, preload: Sequence[str], rounds: int) -> Iterator[Record]:
    taken = in_turns(prepared, rounds, lambda variant: run(variant, server, preload, rounds=WARM_ROUNDS))
    for variant in prepared:
        record = figures(taken, variant.name, ("warm_health_us", "warm_get_us", "warm_post_us"))
        yield {"measure": "warm", "variant": variant.name, "rounds": rounds, **record}
