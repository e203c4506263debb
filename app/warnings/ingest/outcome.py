"""Outcome of one run, with the fate of each message read: no message is dropped uncounted. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.warnings.ingest.supersession import ENDED, REPLACED, TAKEN
from app.warnings.sources.message import Answer

# Parts that add up to the number of messages read, in the order of messages for people. The later ones are listed with
# their kinds.
PARTS = (TAKEN, ENDED, REPLACED, "refused", "not_public", "other_hazard", "duplicate", "unchanged")


@dataclass
class Counts:
    """Number of messages in an answer, and what happened to them, by part and by kind."""

    read: int = 0
    parts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    kinds: dict[str, int] = field(default_factory=dict)  # "other_hazard:fire": 2

    @property
    def uncounted(self) -> int:
        """Number of messages that are not accounted for: always 0."""
        return self.read - sum(self.parts.values())

    def told(self) -> dict[str, object]:
        """Return the counts for /status.json and the log."""
        return {"read": self.read, **self.parts, "kinds": dict(sorted(self.kinds.items()))}

    def words(self) -> str:
        """Return the counts for `flask ingest`: `14 read: 8 taken, 3 ended, 3 other hazard (fire 2, gas 1)`."""
        part_texts = [
            f"{number} {part.replace('_', ' ')}{self._of_kinds(part)}" for part, number in self.parts.items() if number
        ]
        return f"{self.read} read" + (f": {', '.join(part_texts)}" if part_texts else "")

    def _of_kinds(self, part: str) -> str:
        kinds = ", ".join(f"{kind} {number}" for kind, number in self._kinds(part))
        return f" ({kinds})" if kinds else ""

    def _kinds(self, part: str) -> Iterator[tuple[str, int]]:
        for reason, number in sorted(self.kinds.items()):
            name, _, kind = reason.partition(":")
            if name == part and kind:
                yield kind, number


def count(answer: Answer, fates: Mapping[str, str]) -> Counts:
    """Count the messages that a reader left out, and the fates of the others."""
    counts = Counts(answer.read)
    for reason, number in answer.left_out.items():
        part = reason.partition(":")[0]
        counts.parts[part] = counts.parts.get(part, 0) + number
        if ":" in reason:
            counts.kinds[reason] = counts.kinds.get(reason, 0) + number
    for fate, number in Counter(fates.values()).items():
        counts.parts[fate] += number
    return counts


@dataclass
class Outcome:
    """Result of one run."""

    source: str
    changed: int = 0  # new, updated or in force again
    ended: int = 0
    removed: int = 0  # over for more than a day
    in_force: int = 0
    drawn: int = 0  # of those in force
    broken: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    note: str = ""  # a note for the operator
    is_not_modified: bool = False
    failure: str = ""  # why nothing could be read; the stored warnings stay as they are
