"""Environment of a measurement, with a stopped clock. Import this before any module of the product."""

import os

PREFIX = "floodmanager-bench"
# A fixed moment: counts do not depend on when the benchmark runs. A Saturday noon in a flood.
NOON_MS = 1_795_262_400_000  # 2026-11-21T12:00:00Z
MIDNIGHT_MS = 1_795_219_205_000  # 2026-11-21T00:00:05Z: recent writes are on two days
KEY = "a-key-for-measuring-only-that-is-long-enough-to-be-taken"

LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "floodmanager-bench-api",
    "AWS_REGION": "eu-west-2",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_EC2_METADATA_DISABLED": "true",
    "RESOURCE_PREFIX": PREFIX,
    "FLOOD_SECRET": KEY,
    "FLOOD_ID_KEY": f"{KEY}-too",
    # Anonymous reports are counted, not refused.
    "FLOOD_ANONYMOUS_WRITES_PER_HOUR": "1000000",
    "FLOOD_ANONYMOUS_WRITES_HARD": "1000000",
    "FLOOD_LOG_LEVEL": "CRITICAL",
}


def enter() -> None:
    """Make this process look like the web function in Lambda."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "FLOOD_"))]:
        del os.environ[name]
    os.environ.update(LAMBDA)


def stop_clock(now_ms: int) -> None:
    """Stop the product's clocks, the one of the day at `now_ms`: what is read again after some seconds is read once.

    On a slow machine more seconds pass between two measurements, and their costs would differ.
    """
    from app.core import clock

    clock.now_ms = lambda: now_ms  # type: ignore[assignment]  # stands still in this process only
    clock.running_s = lambda: 0.0  # type: ignore[assignment]
