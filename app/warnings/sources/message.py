"""Messages of issuers in our terms: the interface between the sources and the rest of the warnings room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.geo.polygon import MultiPolygon


class Act(StrEnum):
    """Effect of a message on the warning that it is about."""

    HOLD = "hold"  # it is in force: issued, updated, corrected or still there
    END = "end"  # cancelled, or declared no longer in force


class EndReason(StrEnum):
    """The reason why a warning is over."""

    CANCELLED = "cancelled"  # the issuer cancelled it
    ALL_CLEAR = "all_clear"  # the issuer says that the danger has passed
    EXPIRED = "expired"  # its own end has passed
    REPLACED = "replaced"  # another message of the issuer has replaced it
    NO_LONGER_LISTED = "no_longer_listed"  # our inference: the issuer's whole answer does not list it


class Hazard(StrEnum):
    """Whether a message is about flooding; our advice exists for floods only."""

    FLOOD = "flood"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Text:
    """The issuer's own words in one language."""

    language: str  # BCP 47, as marked by the issuer; "" if unmarked
    label: str  # the issuer's own name of the level or event, verbatim ("Flood Warning")
    headline: str = ""
    description: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One area of a message."""

    key: str  # distinguishes the areas of one message, and stays the same over its updates
    # (id, name) of the official areas; ids in the issuer's own spelling, "" for a name with no or several ids.
    areas: tuple[tuple[str, str], ...]
    shape: MultiPolygon | None = None  # the message's own outline
    zones: tuple[str, ...] = ()  # ids of official areas whose outlines to use if `shape` is None
    reason: str = ""  # why the message's own outline cannot be used, in whole or in part; "" if it has none


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one issuer. Times are milliseconds since 1970, UTC; None if the issuer gives none."""

    # The issuer's identifier of this very message. If it says different things about different places, its parts share
    # the identifier and have other places.
    source_id: str
    event: str  # constant over updates, if the issuer has such a code (VTEC; area and time); else ""
    replaces: tuple[str, ...]  # source_ids of earlier messages that this one updates or cancels
    act: Act
    severity: str  # a CAP word, lower case
    urgency: str
    certainty: str
    # At least one of each, except in an END that only names what it `replaces`. The first text is shown if no language
    # fits.
    texts: tuple[Text, ...]
    places: tuple[Place, ...]
    sent_at_ms: int
    onset_at_ms: int | None = None
    ends_at_ms: int | None = None  # when the hazard ends
    expires_at_ms: int | None = None  # when the message expires, which may differ from the end of the hazard
    zone: str = "UTC"  # zone in which the source writes its times, for people who check
    hazard: Hazard = Hazard.FLOOD
    end_reason: EndReason | None = None  # of an END: cancelled, all clear, or replaced by one of another hazard

    @property
    def is_left_out(self) -> bool:
        """Return whether it is counted in `left_out`, and listed here only because of what it replaces."""
        return self.hazard is Hazard.OTHER and not self.texts


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of one source."""

    messages: tuple[Message, ...] = ()
    # Listed by the answer but not read (unchanged since it was stored, or broken): source_ids or events, whose stored
    # warnings stay as they are.
    unchanged: frozenset[str] = frozenset()
    # The reason for each item that could not be read.
    broken: tuple[str, ...] = ()
    # Number of messages in the answer, and of those not among `messages`, by reason: "refused:<kind>",
    # "not_public:<status or scope>", "other_hazard:<kind>", "duplicate", "replaced", "unchanged". Always: read == taken
    # + ended + sum(left_out.values()).
    read: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    # Whether absence may end a warning. False if a broken item names no warning, or a part could not be fetched.
    is_whole: bool = True
    # HTTP 304: everything is as before.
    is_not_modified: bool = False
    # Validators for the next conditional request (ETag, Last-Modified, entries already read).
    validators: Mapping[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """Number of messages in force; a message in several parts counts once. Before any supersession."""
        return len(self._ids(Act.HOLD))

    @property
    def ended(self) -> int:
        """Number of messages that only end others."""
        return len(self._ids(Act.END) - self._ids(Act.HOLD))

    def _ids(self, act: Act) -> set[str]:
        return {message.source_id for message in self.messages if message.act is act and not message.is_left_out}
