"""Count messages while a source is read, so that none is dropped without a record."""

from collections import Counter
from dataclasses import dataclass, field

DUPLICATE, REPLACED, UNCHANGED = "duplicate", "replaced", "unchanged"


@dataclass(slots=True)
class Tally:
    """Number of messages read, and of those not taken, by reason (app/warnings/sources/message.py)."""

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count messages as left out that are already counted as read."""
        if count > 0:
            self.left_out[reason] += count

    def pass_over(self, reason: str, count: int = 1) -> None:
        """Count messages as both read and left out."""
        self.read += count
        self.leave_out(reason, count)
