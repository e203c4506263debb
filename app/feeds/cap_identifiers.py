"""Identifiers of our alerts, and the references that lead from each to all before it.

An alert that was sent out never changes under its identifier. It changes with the row, which is a new alert of the
chain, and with our own code: so a release that writes alerts in another way adds an edition, from whose moment on what
holds then is sent again, as an update under a new identifier.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.core import clock
from app.core.config import settings
from app.core.settings_groups import PROD
from app.feeds import ids

# From which moment (ms) each way of writing alerts is in use, the first one since ever.
EDITIONS: tuple[int, ...] = (0,)
ACTUAL, EXERCISE = "Actual", "Exercise"


class AlertName(NamedTuple):
    """Name of an alert, by which those after it refer to it: identifier, and when it was sent (ms)."""

    identifier: str
    sent_at_ms: int

    @property
    def reference(self) -> str:
        """The three parts by which CAP refers to a message."""
        return f"{sender()},{self.identifier},{time_text(self.sent_at_ms)}"


def sender() -> str:
    """Return who sends our alerts: this service, never the issuer that it repeats."""
    return ids.authority()


def status() -> str:
    """Return Exercise for invented data and for every deployed stage but production, else Actual."""
    stage = settings().prefix.rpartition("-")[2]
    is_trial = settings().is_demo or (not settings().is_local and stage != PROD)
    return EXERCISE if is_trial else ACTUAL


def exercise() -> str:
    """Return what kind of exercise our alerts are, for people; empty if they are actual."""
    if status() == ACTUAL:
        return ""
    return f"{EXERCISE}: " + ("demonstration with invented data" if settings().is_demo else "trial of this service")


def names_of(thing: str, alerts: Sequence[tuple[str, int]]) -> list[AlertName]:
    """Return the names of a thing's alerts, oldest first. `alerts`: of each a key of its own, and when it was sent.

    The last alert before an edition was sent again in that edition.
    """
    names: list[AlertName] = []
    following = [sent_at_ms for _, sent_at_ms in alerts[1:]]
    for (key, sent_at_ms), next_at_ms in zip(alerts, [*following, clock.now_ms() + 1], strict=True):
        for number, since_ms in enumerate(EDITIONS):
            is_sent_in_it = since_ms <= sent_at_ms and not any(since_ms < other <= sent_at_ms for other in EDITIONS)
            if is_sent_in_it or sent_at_ms < since_ms < next_at_ms:
                names.append(AlertName(_identifier(thing, key, number), max(sent_at_ms, since_ms)))
    return names


def _identifier(thing: str, key: str, edition: int) -> str:
    exercise = "exercise." if status() == EXERCISE else ""
    return f"{exercise}{thing}.{key}" + (f"-{edition + 1}" if edition else "")


def time_text(at_ms: int) -> str:
    """Format a time as CAP 1.2 wants it: whole seconds, UTC written as `-00:00` (section 3.3.2)."""
    return clock.rfc3339(at_ms - at_ms % 1000).removesuffix("Z") + "-00:00"
