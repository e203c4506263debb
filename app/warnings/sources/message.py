"""What an issuer of official warnings says, in our words: the seam between the sources and the warnings room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.geo.polygon import Shape


class Act(StrEnum):
    """What a message does to the warning that it speaks of."""

    HOLD = "hold"  # it is in force: issued, updated, corrected or just still there
    END = "end"  # cancelled, or said to be no longer in force


class EndReason(StrEnum):
    """Why a warning is over."""

    CANCELLED = "cancelled"  # the issuer took it back
    ALL_CLEAR = "all_clear"  # the issuer says that there is no danger any more
    EXPIRED = "expired"  # its own end has passed
    REPLACED = "replaced"  # another message of the issuer stands in its place
    NO_LONGER_LISTED = "no_longer_listed"  # our inference: the issuer's whole answer does not name it


class Hazard(StrEnum):
    """Whether a message is about flooding; our advice exists for floods only."""

    FLOOD = "flood"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Text:
    """The issuer's own words in one language."""

    language: str  # BCP 47, as the issuer marks it; "" where it does not
    label: str  # the issuer's own name of the level or event, verbatim ("Flood Warning")
    headline: str = ""
    description: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One area of a message."""

    key: str  # tells the areas of one message apart, and stays the same over its updates
    # (id, name) of the official areas; ids in the issuer's own spelling, "" for a name that has none or several.
    areas: tuple[tuple[str, str], ...]
    shape: Shape | None = None  # what the message itself draws
    zones: tuple[str, ...] = ()  # ids of official areas whose outlines draw it, where `shape` is None
    reason: str = ""  # why what the message draws cannot be used, in whole or in part; "" where it draws nothing


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one issuer. Times are milliseconds since 1970, UTC; None where the issuer says none."""

    # The issuer's identifier of this very message. One that says different things of different places comes in parts,
    # which share it and have other places.
    source_id: str
    event: str  # what stays the same over updates, where the issuer has such a thing (VTEC; area and time); else ""
    replaces: tuple[str, ...]  # source_ids of earlier messages that this one updates or cancels
    act: Act
    severity: str  # a CAP word, lower case
    urgency: str
    certainty: str
    # At least one of each, but for an END that says nothing beyond what it `replaces`. The first text is the one
    # that is shown when no language fits.
    texts: tuple[Text, ...]
    places: tuple[Place, ...]
    sent: int
    onset: int | None = None
    ends: int | None = None  # when the hazard ends
    expires: int | None = None  # when the message ends, which is not the hazard
    zone: str = "UTC"  # in which zone the source writes its times, for people who check
    hazard: Hazard = Hazard.FLOOD
    end_reason: EndReason | None = None  # of an END: cancelled, all clear, or replaced by one of another hazard

    @property
    def is_left_out(self) -> bool:
        """Is it counted in `left_out`, and here only for what it replaces? It says nothing of its own then."""
        return self.hazard is Hazard.OTHER and not self.texts


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source said at one time."""

    messages: tuple[Message, ...] = ()
    # Named by the answer and not read (unchanged since it was stored, or broken): source_ids or events, whose stored
    # warnings stay as they are.
    unchanged: frozenset[str] = frozenset()
    # What could not be read: why, for each broken item.
    broken: tuple[str, ...] = ()
    # How many messages the answer holds, and how many of them are not among `messages`, by reason: "refused:<kind>",
    # "not_public:<status or scope>", "other_hazard:<kind>", "duplicate", "replaced", "unchanged".
    # Always: read == taken + ended + sum(left_out.values()).
    read: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    # May what is absent be ended? Not when an item was broken that names no warning, or a part could not be had.
    is_whole: bool = True
    # 304: everything is as it was.
    is_not_modified: bool = False
    # What to send next time for a conditional request (ETag, Last-Modified, entries already read).
    validators: Mapping[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """How many messages hold, each of the issuer's once, though it may come in parts; before any supersession."""
        return len(self._ids(Act.HOLD))

    @property
    def ended(self) -> int:
        """How many messages only end what they speak of."""
        return len(self._ids(Act.END) - self._ids(Act.HOLD))

    def _ids(self, act: Act) -> set[str]:
        return {one.source_id for one in self.messages if one.act is act and not one.is_left_out}
