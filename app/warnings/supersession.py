"""Which message holds for which warning: updates replace, cancels end, absence from a whole answer ends. Pure.

A warning is one place of one root. The root is what the issuer's updates have in common: what is stored of the messages
that it refers to, else its own event where it names one, else the first message that it refers to. Parts of one event
that stand side by side, each in areas of its own, have roots of their own. So an update is never a second warning, and
a sibling is no update.
"""

from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from app.areas.models import area_id
from app.clients.message import Act, Answer, Message, Place

_ID_BYTES = 15
Held = tuple[Message, Place, str]  # with the root


class Stored(Protocol):
    """What is known of a warning that is stored."""

    @property
    def id(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def root(self) -> str: ...
    @property
    def sent(self) -> float: ...
    @property
    def codes(self) -> frozenset[str]: ...


@dataclass
class Settled:
    """What an answer means for the warnings of its source."""

    held: dict[str, Held] = field(default_factory=dict)  # by id
    # What is over: by the message that ends it in its own words, or, of what is stored, by None for a bare end.
    over: dict[str, Held | None] = field(default_factory=dict)
    untouched: set[str] = field(default_factory=set)  # stored, and left as it is


def warning_id(source: str, root: str, place_key: str) -> str:
    """`wrn_` and 24 characters, the same for the same place of the same root for ever."""
    digest = sha256(f"{source}\0{root}\0{place_key}".encode()).digest()[:_ID_BYTES]
    return "wrn_" + b32encode(digest).decode().lower()


def settle(source: str, answer: Answer, stored: Iterable[Stored]) -> Settled:
    """What the answer means, given what is stored of its source."""
    rows = list(stored)
    replaced = {earlier for message in answer.messages for earlier in message.replaces}
    live = [message for message in answer.messages if message.source_id not in replaced]
    settled = Settled()
    roots = _Roots(source, rows)
    for message in sorted(live, key=roots.order):
        _take(settled, roots, message)
    settled.over = {one: known for one, known in settled.over.items() if one not in settled.held}
    _keep_single_ids(settled, rows)
    _leave_newer(settled, rows)
    spoken_of = replaced | {message.source_id for message in live}
    for row in rows:
        if row.id in settled.held or row.id in settled.over or row.id in settled.untouched:
            continue
        if row.source_id not in spoken_of and {row.source_id, row.root} & answer.unchanged:
            settled.untouched.add(row.id)
        elif row.source_id in spoken_of or answer.is_whole:
            settled.over[row.id] = None
    return settled


def _take(settled: Settled, roots: "_Roots", message: Message) -> None:
    for place in message.places:
        root = roots.root_for(message, place)
        one = warning_id(roots.source, root, place.key)
        if message.act is Act.HOLD:
            settled.held[one] = (message, place, root)
        else:
            settled.over[one] = (message, place, root)
    if not message.places and message.act is Act.END:
        settled.over |= dict.fromkeys(roots.stored_under(message))


def codes_of(message: Message) -> frozenset[str]:
    """The official areas that a message names in any of its places."""
    return frozenset(code for place in message.places for code, _ in place.areas if code)


class _Roots:
    """Roots of messages: what is stored of them, and which this answer has given away already."""

    def __init__(self, source: str, rows: list[Stored]) -> None:
        self.source = source
        self.root_of = {row.root: row.root for row in rows} | {row.source_id: row.root for row in rows}
        self.families: dict[str, list[Stored]] = defaultdict(list)
        for row in rows:
            self.families[row.root.partition("/")[0]].append(row)
            self.families[row.root].append(row)
        self.given: dict[tuple[str, str], Message] = {}

    def order(self, message: Message) -> tuple[bool, int, bool, str]:
        """What is stored comes first and keeps its root; of two of one moment the one that holds counts."""
        return not self._known(message), message.sent, message.act is Act.HOLD, min(codes_of(message), default="")

    def _known(self, message: Message) -> str:
        """The root of what is stored of this message, of one that it refers to, or of its event in the same areas."""
        for known in (message.source_id, *message.replaces):
            if known in self.root_of:
                return self.root_of[known]
        codes = {area_id(self.source, code) for code in codes_of(message)}
        family = self.families.get(message.event, []) if message.event else []
        return next((row.root for row in family if row.codes & codes), "")

    def root_for(self, message: Message, place: Place) -> str:
        """The root of one place of a message; another than its siblings' if they have taken it for other areas."""
        base = message.event or next(iter(message.replaces), message.source_id)
        first = min(codes_of(message), default=message.source_id)
        for root in (self._known(message) or base, f"{base}/{first}"):
            before = self.given.get((root, place.key))
            if before is None or before.source_id == message.source_id or _is_same_place(before, message):
                break
        self.given[root, place.key] = message
        return root

    def stored_under(self, message: Message) -> list[str]:
        """The ids of what is stored of the event, or of the messages, that a bare cancel names."""
        named = {message.event, *message.replaces} - {""}
        roots = {self.root_of[one] for one in named if one in self.root_of}
        return [row.id for root in roots for row in self.families[root] if row.root == root]


def _is_same_place(one: Message, other: Message) -> bool:
    """Do two messages speak of an area together? Without codes the place's key, which they share, is all there is."""
    codes, others = codes_of(one), codes_of(other)
    return not codes or not others or bool(codes & others)


def _keep_single_ids(settled: Settled, rows: list[Stored]) -> None:
    """A warning of one place stays the same warning when the issuer names its place otherwise."""
    stored: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        stored[row.root].append(row)
    held: dict[str, list[str]] = defaultdict(list)
    for one, (_, _, root) in settled.held.items():
        held[root].append(one)
    for root, ids in held.items():
        if len(ids) == 1 and len(stored[root]) == 1 and ids[0] != stored[root][0].id:
            settled.held[stored[root][0].id] = settled.held.pop(ids[0])


def _leave_newer(settled: Settled, rows: list[Stored]) -> None:
    """An old answer of a feed does not take back what a later message of the same chain has said."""
    for row in rows:
        known = settled.held.get(row.id) or settled.over.get(row.id)
        if known and not known[0].event and known[0].sent < row.sent and known[0].source_id != row.source_id:
            settled.held.pop(row.id, None)
            settled.over.pop(row.id, None)
            settled.untouched.add(row.id)
