"""Which message holds for which warning: updates replace, cancels end, absence from a whole answer ends. Pure.

A warning is one place of one root. The root is what the issuer's updates have in common: its own event where it names
one, else the first message of the chain that updates refer to. So an update is never a second warning.
"""

from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from app.clients.message import Act, Answer, Message, Place

_ID_BYTES = 15


class Stored(Protocol):
    """What is known of a warning that is stored."""

    @property
    def id(self) -> str: ...
    @property
    def source_id(self) -> str: ...
    @property
    def root(self) -> str: ...


@dataclass
class Settled:
    """What an answer means for the warnings of its source."""

    held: dict[str, tuple[Message, Place, str]] = field(default_factory=dict)  # by id; with the root
    # What is over: by the message that ends it in its own words, or, of what is stored, by None for a bare end.
    over: dict[str, tuple[Message, Place, str] | None] = field(default_factory=dict)
    untouched: set[str] = field(default_factory=set)  # stored and named by the answer without being read again


def warning_id(source: str, root: str, place_key: str) -> str:
    """`wrn_` and 24 characters, the same for the same place of the same root for ever."""
    digest = sha256(f"{source}\0{root}\0{place_key}".encode()).digest()[:_ID_BYTES]
    return "wrn_" + b32encode(digest).decode().lower()


def settle(source: str, answer: Answer, stored: Iterable[Stored]) -> Settled:
    """What the answer means, given what is stored of its source."""
    rows = list(stored)
    settled = Settled()
    chains = _Chains(rows)
    for message in sorted(answer.messages, key=_order):
        chains.add(message)
    for root, messages in chains.latest.items():
        for message in messages:
            for place in message.places:
                known = (message, place, root)
                one = warning_id(source, root, place.key)
                if message.act is Act.HOLD:
                    settled.held[one] = known
                else:
                    settled.over[one] = known
    settled.over = {one: known for one, known in settled.over.items() if one not in settled.held}
    _end_the_others(settled, chains, rows, answer)
    return settled


def _order(message: Message) -> tuple[int, bool]:
    # Of two messages of one moment the one that holds counts: better a warning too many.
    return message.sent, message.act is Act.HOLD


class _Chains:
    """Roots of messages, and the latest of each."""

    def __init__(self, rows: Iterable[Stored]) -> None:
        self.root_of = {row.source_id: row.root for row in rows} | {row.root: row.root for row in rows}
        self.latest: dict[str, list[Message]] = {}
        self.replaced: set[str] = set()  # roots of warnings that a message of another root has replaced

    def add(self, message: Message) -> None:
        known = [self.root_of[earlier] for earlier in message.replaces if earlier in self.root_of]
        root = message.event or next(iter(known), "") or next(iter(message.replaces), message.source_id)
        self.root_of[message.source_id] = root
        self.replaced |= set(known) - {root}
        before = self.latest.get(root, [])
        # One message may come in parts: those belong together.
        is_part = bool(before) and before[0].source_id == message.source_id
        self.latest[root] = [*before, message] if is_part else [message]


def _end_the_others(settled: Settled, chains: _Chains, rows: Iterable[Stored], answer: Answer) -> None:
    """Stored warnings that the answer does not hold: replaced, ended, absent; or named and unchanged."""
    for row in rows:
        is_spoken_of = row.root in chains.latest or row.root in chains.replaced
        if row.id in settled.held or row.id in settled.over:
            continue
        if {row.source_id, row.root} & answer.unchanged and not is_spoken_of:
            settled.untouched.add(row.id)
        elif is_spoken_of or answer.is_whole:
            settled.over[row.id] = None
