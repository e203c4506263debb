"""Find the warning that a message belongs to: the root is what the issuer's updates have in common. Pure.

A warning is one place of one root. The root is that of the stored or already handled messages that it refers to, else
its own event, else the first message that it refers to. Parts of one event with areas of their own have roots of their
own. So an update is never a second warning, and a sibling is not an update.
"""

from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import inf
from typing import NamedTuple, Protocol

from app.geo.box_circle import Box
from app.geo.polygon import MultiPolygon
from app.warnings.area_models import area_id
from app.warnings.ingest.chains import (
    Cancellation,
    MessageGraph,
    WarningExtent,
    codes_of,
    extent_of,
    message_digest,
    names_in,
    referenced_digests,
)
from app.warnings.ingest.reissues import ReissueCandidate, Reissues
from app.warnings.sources.message import Act, Message, Place

_ID_BYTES = 15
PlacedMessage = tuple[Message, Place, str]  # with the root


class GroupedMessages(NamedTuple):
    """The messages of an answer by their warning's id, and those that belong to one without naming it.

    `reissues`: by digest, whether it was sent after the message that it has the words and the place of.
    """

    by_warning: dict[str, list[PlacedMessage]]
    reissues: Mapping[str, bool]


class StoredWarning(Protocol):
    """Known facts of a stored warning."""

    @property
    def id(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def root(self) -> str: ...
    @property
    def sent_at_ms(self) -> float: ...
    @property
    def own_end_at_ms(self) -> float | None: ...
    @property
    def ended_at_ms(self) -> float | None: ...
    @property
    def codes(self) -> frozenset[str]: ...
    @property
    def area(self) -> Box | None: ...
    @property
    def chain(self) -> Sequence[str]: ...
    @property
    def labels(self) -> Iterable[str]: ...
    def outline(self) -> MultiPolygon | None: ...


def warning_id(source: str, root: str, place_key: str) -> str:
    """Derive a warning's id: `wrn_` and 24 characters, always the same for the same place of the same root."""
    digest = sha256(f"{source}\0{root}\0{place_key}".encode()).digest()[:_ID_BYTES]
    return "wrn_" + b32encode(digest).decode().lower()


def messages_by_warning(
    source: str,
    messages: Iterable[Message],
    rows: Sequence[StoredWarning],
    growth: MessageGraph,
    cancellations: Sequence[Cancellation],
) -> GroupedMessages:
    """Group the messages by warning, including those that another message replaces."""
    roots = _Roots(source, rows, growth, cancellations)
    messages_by_id: dict[str, list[PlacedMessage]] = defaultdict(list)
    for message in sorted(messages, key=roots.order):
        for place in message.places:
            warning_id, root = roots.warning_of(message, place)
            messages_by_id[warning_id].append((message, place, root))
    _keep_single_ids(source, messages_by_id, rows, growth)
    return GroupedMessages(messages_by_id, roots.reissued)


class _Roots:
    """Roots of messages: stored ones, and those already given in this answer."""

    def __init__(
        self,
        source: str,
        rows: Iterable[StoredWarning],
        growth: MessageGraph,
        cancellations: Sequence[Cancellation],
    ) -> None:
        self.source, self.growth, self.cancellations = source, growth, cancellations
        self.root_of: dict[str, str] = {}
        self.families: dict[str, list[StoredWarning]] = defaultdict(list)
        self.assigned: dict[tuple[str, str], Message] = {}
        self.reissues = Reissues(source)
        self.reissued: dict[str, bool] = {}
        self.stored: dict[str, list[StoredWarning]] = defaultdict(list)  # by their last message
        self.members: dict[str, set[str]] = defaultdict(set)  # digests of the messages of each warning
        for row in rows:
            self._note(row)

    def _note(self, row: StoredWarning) -> None:
        names = names_in(row.chain)
        for name in names:
            self.root_of.setdefault(name, row.root)
        self.members[row.id] |= names
        self.stored[message_digest(row.source_id)].append(row)
        self.root_of |= {message_digest(row.root): row.root, message_digest(row.source_id): row.root}
        for family in {row.root.partition("/")[0], row.root}:
            self.families[family].append(row)
        if row.ended_at_ms is None:
            place, ends = WarningExtent(row.codes, row.area), inf if row.own_end_at_ms is None else row.own_end_at_ms
            candidate = ReissueCandidate(
                row.id, row.root, row.source_id, row.sent_at_ms, place, row.outline, row.sent_at_ms, ends
            )
            self.reissues.add(candidate, row.labels)

    def order(self, message: Message) -> tuple[bool, int, bool, int, str]:
        """Sort: known messages keep their root and come first, then those with fewer predecessors; ends come last."""
        ancestor_count = len(self.growth.ancestors(message_digest(message.source_id)))
        first_code = min(codes_of(message), default="")
        return not self._known(message), ancestor_count, message.act is Act.END, message.sent_at_ms, first_code

    def _known(self, message: Message) -> str:
        """Return the stored root of this message, of one it refers to, or of its event in the same areas; else ""."""
        for name in (message_digest(message.source_id), *map(message_digest, message.replaces)):
            if name in self.root_of:
                return self.root_of[name]
        codes = {area_id(self.source, code) for code in codes_of(message)}
        family = self.families.get(message.event, []) if message.event else []
        return next((row.root for row in family if row.codes & codes), "")

    def warning_of(self, message: Message, place: Place) -> tuple[str, str]:
        """Return the id and the root of one place of a message."""
        own = message_digest(message.source_id)
        if len(message.places) == 1 and not message.event and len(self.stored.get(own, ())) == 1:
            return self.stored[own][0].id, self.stored[own][0].root  # told again, whatever its place is called now
        candidates = () if self._known(message) else self.reissues.find(message, place)
        if again := next((one for one in candidates if not self._is_over(one, message, place)), None):
            one, root = again.id, again.root
            self.reissued[own] = message.sent_at_ms > again.sent_at_ms
        else:
            root = self._root_for(message, place)
            one = warning_id(self.source, root, place.key)
        for name in (own, *referenced_digests(message)):
            self.root_of.setdefault(name, root)
        self.members[one].add(own)
        self.reissues.add_place(message, place, one, root)
        return one, root

    def _is_over(self, candidate: ReissueCandidate, message: Message, place: Place) -> bool:
        """Return whether the earlier one was cancelled here before the later one was sent: they are two warnings then.

        A cancel that an update of the earlier one names has been outlived.
        """
        own, last = message_digest(message.source_id), message_digest(candidate.source_id)
        is_later, here = message.sent_at_ms > candidate.sent_at_ms, extent_of(self.source, place)
        chain = self.growth.closure(self.members[candidate.id] if is_later else {own})
        before = self.growth.ancestors(last if is_later else own)
        latest = max(message.sent_at_ms, candidate.sent_at_ms)
        return any(
            closer.names & chain
            and closer.sent_at_ms <= latest
            and not closer.is_elsewhere(here)
            and closer.name not in before
            and not any(
                update.act is Act.HOLD and update.sent_at_ms <= latest
                for update in self.growth.replacements_of(closer.name)
            )
            for closer in self.cancellations
        )

    def _root_for(self, message: Message, place: Place) -> str:
        """Return the root for a place; a separate one if a sibling for other areas has the same root."""
        base = message.event or next(iter(message.replaces), message.source_id)
        first = min(codes_of(message), default=message.source_id)
        for root in (self._known(message) or base, f"{base}/{first}"):
            before = self.assigned.get((root, place.key))
            if before is None or before.source_id == message.source_id or _is_same_place(before, message):
                break
        self.assigned[root, place.key] = message
        return root


def _is_same_place(one: Message, other: Message) -> bool:
    """Return whether two messages are about a common area. Without codes their equal place key decides."""
    codes, others = codes_of(one), codes_of(other)
    return not codes or not others or bool(codes & others)


def _keep_single_ids(
    source: str, messages_by_id: dict[str, list[PlacedMessage]], rows: Iterable[StoredWarning], growth: MessageGraph
) -> None:
    """Keep the id of a warning with a single place when the issuer renames that place."""
    stored: dict[str, list[StoredWarning]] = defaultdict(list)
    for row in rows:
        stored[row.root].append(row)
    live: dict[str, set[str]] = defaultdict(set)
    for warning_id, placed_messages in messages_by_id.items():
        for message, _, root in placed_messages:
            if not growth.is_replaced(message):
                live[root].add(warning_id)
    for root, ids in live.items():
        stored_id = stored[root][0].id if len(stored[root]) == 1 else ""
        if (
            stored_id
            and len(ids) == 1
            and stored_id not in ids
            and not _is_end_elsewhere(source, messages_by_id[min(ids)], stored[root][0])
        ):
            messages_by_id[stored_id] += messages_by_id.pop(ids.pop())


def _is_end_elsewhere(source: str, placed_messages: Iterable[PlacedMessage], row: StoredWarning) -> bool:
    """Return whether these messages only end the warning, and for another place than the stored one."""
    here = WarningExtent(row.codes, row.area)
    return all(
        message.act is Act.END and extent_of(source, place).is_disjoint_from(here)
        for message, place, _ in placed_messages
    )
