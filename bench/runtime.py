"""The same through awslambdaric, AWS's own runtime client, against our local Runtime API: start to first answer."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import cold, variants
from bench.fixed_database import Server
from bench.variants import BUILD, Variant
from infra.local.runtime_api import Invocation, RuntimeApi

CHILD = Path(__file__).with_name("runtime_child.py")
LIBRARIES = str(BUILD / "references" / "libraries")
ARN = "arn:aws:lambda:eu-west-2:123456789012:function:bench"
FUNCTION_S = 15
WARM = 60
TIMEOUT_S = 60


def _command(paths: Sequence[str], handler: str, server: Server) -> list[str]:
    wanted = json.dumps([*paths, LIBRARIES])
    return [sys.executable, "-S", "-s", "-P", "-B", str(CHILD), wanted, handler, str(server.port)]


def preloaded(variant: Variant, server: Server) -> list[str]:
    """Return modules of the standard library that Lambda's runtime client has loaded before any handler."""
    done = subprocess.run(_command(variant.paths, "-", server), capture_output=True, text=True, check=True, timeout=60)
    names: list[str] = json.loads(done.stdout)
    return [name for name in names if name != "__main__"]


def _start(variant: Variant, server: Server) -> dict[str, float]:
    """Start one process: time to the first answer, and the median of the following ones. Wall time."""
    event = json.dumps(variant.events["first"]).encode()
    invocations = [Invocation(event, ARN, FUNCTION_S) for _ in range(1 + WARM)]
    api = RuntimeApi()
    began = time.perf_counter()
    process = subprocess.Popen(
        _command(variant.paths, variant.handler, server),
        env={**variants.lambda_environment(server.bundle), "AWS_LAMBDA_RUNTIME_API": api.address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for invocation in invocations:
            api.hand(invocation)
            answer = json.loads(invocation.answer.result(TIMEOUT_S))
            assert answer.get("statusCode") == 200, f"{variant.name}: {answer}"
    except TimeoutError as error:
        raise AssertionError(f"{variant.name} gave no answer. {api.init_failure or ''}") from error
    finally:
        process.kill()
        process.wait(10)
        api.close()
    took = [invocation.answered_at - invocation.handed_at for invocation in invocations[1:]]
    return {"runtime_start_ms": (invocations[0].answered_at - began) * 1000, "runtime_warm_us": median(took) * 1e6}


def measure(prepared: Sequence[Variant], server: Server, rounds: int) -> Iterator[dict[str, Any]]:
    """Return medians and ratios to the bare handler."""
    taken = cold.in_turns(prepared, rounds, lambda variant: _start(variant, server))
    for variant in prepared:
        record = cold.figures(taken, variant.name, ("runtime_start_ms", "runtime_warm_us"))
        yield {"measure": "runtime", "variant": variant.name, "rounds": rounds, **record}
