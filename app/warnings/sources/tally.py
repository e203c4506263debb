"""What a reader counts while it reads, so that no message is dropped without a word."""

from collections import Counter
from dataclasses import dataclass, field

DUPLICATE, REPLACED, UNCHANGED = "duplicate", "replaced", "unchanged"


@dataclass(slots=True)
class Tally:
    """How many messages were read, and how many of them are not taken, by reason (app/warnings/sources/message.py)."""

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count messages that were read already."""
        if count > 0:
            self.left_out[reason] += count

    def pass_over(self, reason: str, count: int = 1) -> None:
        """Count messages that are read and not taken."""
        self.read += count
        self.leave_out(reason, count)
