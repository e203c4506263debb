"""Find reissues that name no earlier message: same sender, event, area and time. Pure.

Only for issuers whose identifiers contain a sender, as CAP's do. Other issuers have event codes or always refer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from app.geo.box_circle import Box
from app.geo.overlap import intersection_over_union
from app.geo.polygon import MultiPolygon
from app.warnings.ingest.chains import WarningExtent, extent_of
from app.warnings.sources.message import Message, Place

# "Equal area or outline": a redrawn outline differs by rounding, and by a corner or two.
LEAST_LIKENESS = 0.99


class ReissueCandidate(NamedTuple):
    """A warning that may be reissued."""

    id: str
    root: str
    source_id: str
    sent_at_ms: float
    place: WarningExtent
    shape: Callable[[], MultiPolygon | None]
    begins_at_ms: float
    ends_at_ms: float


def sender_of(source_id: str) -> str:
    """Return the sender in an identifier; empty if there is none."""
    sender, comma, _ = source_id.partition(",")
    return sender.casefold() if comma else ""


def labels_of(labels: Iterable[str]) -> frozenset[str]:
    """Normalise the issuer's names of an event, in all languages, for comparing."""
    return frozenset(" ".join(label.split()).casefold() for label in labels if label.strip())


@dataclass
class Reissues:
    """The warnings of one source by sender and event."""

    source: str
    _known: dict[tuple[str, str], list[ReissueCandidate]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidate: ReissueCandidate, labels: Iterable[str]) -> None:
        """Add a stored warning that may be reissued."""
        if sender := sender_of(candidate.source_id):
            for label in labels:
                self._known[sender, label].append(candidate)

    def add_place(self, message: Message, place: Place, warning_id: str, root: str) -> None:
        """Add one place of a message."""
        begins, ends = times_of(message)
        candidate = ReissueCandidate(
            warning_id,
            root,
            message.source_id,
            message.sent_at_ms,
            extent_of(self.source, place),
            lambda: place.shape,
            begins,
            ends,
        )
        self.add(candidate, labels_of(text.label for text in message.texts))

    def find(self, message: Message, place: Place) -> Iterator[ReissueCandidate]:
        """Yield the warnings that this place of a message may reissue; none if the message names earlier messages."""
        sender = sender_of(message.source_id)
        if not sender or message.event or message.replaces:
            return
        begins, ends = times_of(message)
        here = extent_of(self.source, place)
        for label in sorted(labels_of(text.label for text in message.texts)):
            for candidate in self._known.get((sender, label), ()):
                is_at_once = begins < candidate.ends_at_ms and candidate.begins_at_ms < ends
                # Messages sent at the same moment are independent: neither is a reissue of the other.
                is_another = candidate.source_id != message.source_id and candidate.sent_at_ms != message.sent_at_ms
                if is_another and is_at_once and _is_same(here, place.shape, candidate):
                    yield candidate


def times_of(message: Message) -> tuple[float, float]:
    """Return from when to when a message holds."""
    begins = message.sent_at_ms if message.onset_at_ms is None else message.onset_at_ms
    return begins, message.ends_at_ms or message.expires_at_ms or inf


def _is_same(here: WarningExtent, shape: MultiPolygon | None, candidate: ReissueCandidate) -> bool:
    if here.codes and candidate.place.codes:
        return here.codes == candidate.place.codes
    if here.box is None or candidate.place.box is None or not _is_near(here.box, candidate.place.box):
        return False
    other = candidate.shape()
    return shape is not None and other is not None and intersection_over_union(shape, other) >= LEAST_LIKENESS


def _is_near(one: Box, other: Box) -> bool:
    """Compare boxes first, which is cheap: similar outlines have similar boxes."""
    slack = max(one.north - one.south, other.north - other.south) * 0.5
    return abs(one.south - other.south) <= slack and abs(one.north - other.north) <= slack
