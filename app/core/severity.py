"""Severity in the words of CAP 1.2 (section 3.2.2), for reports and warnings alike."""

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
        """A number to compare by, nothing more: the worse, the larger."""
        return list(Severity).index(self)

    def at_least(self) -> frozenset[str]:
        """This word and all worse ones."""
        return frozenset(list(Severity)[self.gravity :])
