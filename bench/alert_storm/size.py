"""The storm's fixed numbers, and how they shrink with the number of subscribers.

A smaller storm is the same one with fewer people: the rate of the provider and the number of senders shrink with them,
so that as much waits, for as long.
"""

from typing import NamedTuple

from bench.environment import NOON_MS

SEED = 20
SUBSCRIBERS = 890_000
RATES = (300, 50, 1000)  # messages a second; the bars are those of the first
BAR_LATE = 28
WARNINGS, HOURS = 400, 6
ALL_WARNINGS_FROM = 9_000  # subscribers; fewer of them have fewer warnings, so that each reaches some people
SEVERE_SHARE = 1 / 3
PEAK_RECIPIENTS, PEAK_MINUTES, PEAK_WARNINGS = 120_000, 10, 40
WISHING_SHARE = 0.87  # of those around a warning, these want it: others want grave ones alone
PEAK_AT_MINUTE = 210
OTHER_RECIPIENTS = 130_000  # of the warnings beside the peak, together
RISING_SHARE, ENDING_SHARE, ALIKE_SHARE = 0.1, 0.15, 0.1
SENDERS = 200  # that run at once, of both queues together
KILLS = {"fan_out": 3, "match_alerts": 6, "deliver": 8, "mail_events": 3}
REDELIVERED = 0.1
OUTAGES_AT_MINUTES = (150, 290)
OUTAGE_MINUTES = 5
BEGIN_MS = NOON_MS
URGENT_LIMIT_S, LIMIT_S = 300, 900  # of severe and extreme warnings, and of others


def warnings_for(subscribers: int) -> int:
    """Return the number of warnings of a storm over so many people."""
    return max(10, round(WARNINGS * min(1, subscribers / ALL_WARNINGS_FROM)))


class Size(NamedTuple):
    """Size of a run."""

    subscribers: int
    rate: int  # of the full storm

    @property
    def share(self) -> float:
        """Return the share of the full storm."""
        return self.subscribers / SUBSCRIBERS

    @property
    def per_second(self) -> int:
        """Return the messages a second that the provider takes of this run."""
        return max(1, round(self.rate * self.share))

    @property
    def senders(self) -> int:
        """Return the senders of one queue, as the settings take them."""
        return max(2, min(round(SENDERS * self.share / 2), 2 * self.per_second))
