"""Order messages by their references, before their times, and find out which ones end others. Pure.

Messages are identified by short digests of their identifiers, here and in the ledger, because issuers' identifiers are
long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, Protocol

from app.core import clock
from app.core.severity import Severity
from app.geo.box_circle import Box
from app.warnings.area_models import area_id
from app.warnings.sources.message import Act, EndReason, Message, Place

_NAME_LENGTH = 12
_GRAVITY = {str(word): word.gravity for word in Severity}
MOST_NAMES, OLDEST_NAMES = 64, 4  # of one chain: its beginning, and its latest part
MOST_PLACES = 20  # of one cancel; a cancel for more places ends everything that it names
# Clocks differ by minutes, and by hours where summer time or the zone was forgotten. A message sent this much later
# than a cancel is a new one, even if it names the cancelled message and not the cancel.
CLOCKS_DIFFER_MS = clock.DAY_MS

# Stands in a chain before a message that names none: only its words and its place say that it goes on with the others.
# Earlier releases take it for one more message, which nothing names.
REISSUED = "reissued"


@lru_cache(maxsize=8192)
def message_digest(source_id: str) -> str:
    """Return the short digest by which a message is known in chains."""
    return sha256(source_id.encode("utf-8", "surrogatepass")).hexdigest()[:_NAME_LENGTH]


def referenced_digests(message: Message) -> frozenset[str]:
    """Return the digests of the messages that this one names, except its own."""
    return frozenset(map(message_digest, message.replaces)) - {message_digest(message.source_id)}


def codes_of(message: Message) -> frozenset[str]:
    """Return the codes of the official areas that a message names in any of its places."""
    return frozenset(code for place in message.places for code, _ in place.areas if code)


class WarningExtent(NamedTuple):
    """One place, reduced to what distinguishes two cancels: ids of official areas, or the bounding box."""

    codes: frozenset[str] = frozenset()
    box: Box | None = None

    def is_disjoint_from(self, other: "WarningExtent") -> bool:
        """Return whether the places certainly differ. Places without comparable codes or boxes may be the same."""
        if self.codes and other.codes:
            return not self.codes & other.codes
        return self.box is not None and other.box is not None and not self.box.intersects(other.box)


def extent_of(source: str, place: Place) -> WarningExtent:
    """Reduce a message's place to its codes and bounding box."""
    is_drawn = place.shape is not None and not place.shape.is_empty
    codes = frozenset(area_id(source, code) for code, _ in place.areas if code)
    return WarningExtent(codes, place.shape.box if is_drawn and place.shape else None)


class ChainEnd(Protocol):
    """Stored part of a chain: the messages that it consists of, and the one that holds now."""

    @property
    def source_id(self) -> str: ...
    @property
    def chain(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Cancellation:
    """A message that ends what it names. Kept with the source, because it may arrive before what it ends."""

    name: str
    sent_at_ms: int
    names: frozenset[str]
    reason: EndReason = EndReason.CANCELLED
    event: str = ""
    places: tuple[WarningExtent, ...] = ()  # empty: it ends everything that it names

    def is_elsewhere(self, place: WarningExtent) -> bool:
        """Return whether it is about other places only."""
        return bool(self.places) and all(own.is_disjoint_from(place) for own in self.places)


def cancellations_of(source: str, messages: Iterable[Message]) -> list[Cancellation]:
    """Return the messages of an answer that end what they name."""
    return [
        _cancellation_of(source, message)
        for message in messages
        if message.act is Act.END and referenced_digests(message)
    ]


def _cancellation_of(source: str, message: Message) -> Cancellation:
    places = tuple(extent_of(source, place) for place in message.places)
    return Cancellation(
        name=message_digest(message.source_id),
        sent_at_ms=message.sent_at_ms,
        names=referenced_digests(message),
        reason=message.end_reason or EndReason.CANCELLED,
        event=message.event,
        places=places if len(places) <= MOST_PLACES else (),
    )


@dataclass
class MessageGraph:
    """Order of the messages of an answer and of the stored chains."""

    messages: Iterable[Message]
    rows: Iterable[ChainEnd]
    names: dict[str, frozenset[str]] = field(default_factory=dict)  # digests that each message of the answer names
    sent_at_ms: dict[str, int] = field(default_factory=dict)
    _named_by: dict[str, list[Message]] = field(default_factory=dict)
    _tips: dict[str, frozenset[str]] = field(default_factory=dict)
    _superseded_by: dict[str, frozenset[str]] = field(
        default_factory=dict
    )  # by digest: stored messages that came after it
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for message in self.messages:
            own, referenced = message_digest(message.source_id), referenced_digests(message)
            self.names[own] = self.names.get(own, frozenset()) | referenced
            self.sent_at_ms[own] = message.sent_at_ms
            for name in referenced:
                self._named_by.setdefault(name, []).append(message)
        for row in self.rows:
            tip = message_digest(row.source_id)
            names = names_in(row.chain)
            self._tips[tip] = self._tips.get(tip, frozenset()) | names
            for name in names:
                self._superseded_by[name] = self._superseded_by.get(name, frozenset()) | {tip}

    def ancestors(self, name: str) -> frozenset[str]:
        """Return all known predecessors of a message."""
        if name not in self._ancestors:
            self._ancestors[name] = self.closure(self._before(name)) - {name}
        return self._ancestors[name]

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """Return these digests and all their predecessors."""
        digests = set(names)
        waiting = list(digests)
        while waiting:
            before = self._before(waiting.pop()) - digests
            digests |= before
            waiting += before
        return frozenset(digests)

    def _before(self, name: str) -> frozenset[str]:
        return self.names.get(name, frozenset()) | self._tips.get(name, frozenset())

    def comes_after(self, one: Message, other: Message) -> bool:
        """Compare by references; by time if neither message names the other, or each names the other."""
        name, other_name = message_digest(one.source_id), message_digest(other.source_id)
        is_named, names_back = other_name in self.ancestors(name), name in self.ancestors(other_name)
        return is_named if is_named != names_back else precedence(one) > precedence(other)

    def is_replaced(self, message: Message) -> bool:
        """Return whether another message replaces this one by naming it. A cancel without words replaces nothing."""
        own = message_digest(message.source_id)
        later = self._named_by.get(own, ())
        if any(
            self.comes_after(later_message, message)
            for later_message in later
            if later_message.places or later_message.act is Act.HOLD
        ):
            return True
        # A stored message came after it, in any place. An issuer's event always follows its latest answer.
        successors = (
            self._superseded_by.get(own, frozenset()) if own not in self._tips and not message.event else frozenset()
        )
        return bool(successors - self.ancestors(own))

    def replacements_of(self, name: str) -> list[Message]:
        """Return the messages of the answer that name this one."""
        return self._named_by.get(name, [])


def precedence(message: Message) -> tuple[int, bool, int, str]:
    """Sort by time; at equal times a message in force counts more than an end, and a graver one more."""
    severity = _GRAVITY.get(message.severity, 0)
    return message.sent_at_ms, message.act is Act.HOLD, severity, message.source_id


def names_in(chain: Iterable[str]) -> frozenset[str]:
    """Return the digests in a chain, without the mark of a reissue."""
    return frozenset(chain) - {REISSUED}


def names_since_reissue(chain: Sequence[str]) -> frozenset[str]:
    """Return the digests in a chain since its last reissue; all of them without one."""
    return frozenset(chain[chain.index(REISSUED) + 1 :] if REISSUED in chain else chain)


def shortened_chain(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a chain that are stored: all, or the first and the latest ones."""
    unique_names = tuple(dict.fromkeys(names))
    if len(unique_names) <= MOST_NAMES:
        return unique_names
    oldest, latest = unique_names[:OLDEST_NAMES], unique_names[OLDEST_NAMES - MOST_NAMES :]
    is_mark_cut = REISSUED in unique_names and REISSUED not in (*oldest, *latest)
    return (*oldest, REISSUED, *latest[1:]) if is_mark_cut else (*oldest, *latest)
