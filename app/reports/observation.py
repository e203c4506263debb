"""Rules of one observation: accepted times, and the severity of a depth."""

from app.core import clock
from app.core.severity import Severity

AHEAD_MS = 10 * 60 * 1000
BACK_MS = 7 * clock.DAY_MS
TIME_SENTENCE = "It must be at most 7 days ago and at most 10 minutes ahead."


def is_observable(observed_ms: int, now_ms: int) -> bool:
    """Return whether a report of this observation time is accepted now. Both ends are included."""
    return -BACK_MS <= observed_ms - now_ms <= AHEAD_MS


def severity_of_depth(depth_cm: float) -> Severity:
    """Return the severity of a water depth, for a reporter who gave no severity."""
    if depth_cm < 10:
        return Severity.MINOR
    if depth_cm <= 70:
        return Severity.MODERATE
    return Severity.SEVERE if depth_cm <= 150 else Severity.EXTREME
