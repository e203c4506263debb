"""Severity in the words of CAP 1.2 (section 3.2.2), for reports and warnings."""

from enum import StrEnum


class Severity(StrEnum):
    """CAP 1.2 words, from unknown to the worst."""

    UNKNOWN = "unknown"
    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"
    EXTREME = "extreme"

    @property
    def gravity(self) -> int:
        """Return a number for comparing only: the worse, the larger."""
        return list(Severity).index(self)

    def at_least(self) -> frozenset[str]:
        """Return this word and all worse ones."""
        return frozenset(list(Severity)[self.gravity :])


EVERY = Severity.UNKNOWN.at_least()
