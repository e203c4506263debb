"""Decide which message holds for each warning: updates replace, cancels end, absence ends where allowed. Pure.

A message that names another one comes after it, whatever their times; times order only messages that do not name each
other. A cancel that names any message of a chain ends what came after it, wherever it stands in the answer and whenever
it was read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.warnings.ingest.chains import (
    CLOCKS_DIFFER_MS,
    Closer,
    Growth,
    Where,
    closers_of,
    name_of,
    names_in,
    precedence,
    remembered,
    where,
)
from app.warnings.ingest.roots import Held, Stored, spoken_of
from app.warnings.sources.message import Act, Answer, EndReason, Message

TAKEN, ENDED, REPLACED = "taken", "ended", "replaced"


class Over(NamedTuple):
    """The reason why a warning is over, and the message with the texts to show; None: the stored texts stay."""

    reason: EndReason
    said: Held | None = None


@dataclass
class Settled:
    """Meaning of an answer for the warnings of its source."""

    held: dict[str, Held] = field(default_factory=dict)  # by id
    over: dict[str, Over] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)  # warnings that the answer mentions in any way
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the messages that each warning consists of
    closers: list[Closer] = field(default_factory=list)  # to be stored
    fates: dict[str, str] = field(default_factory=dict)  # by source_id: taken, ended or replaced


def settle(
    source: str,
    answer: Answer,
    stored: Iterable[Stored],
    *,
    now_ms: int,
    ends_absent: bool = False,
    closers: Iterable[Closer] = (),
) -> Settled:
    """Decide what the answer means, given the stored warnings of its source and the cancels read before.

    `ends_absent`: the answer holds all that the source has in force, so that absence ends even a warning with an end of
    its own.
    """
    settling = _Settling(source, answer, {row.id: row for row in stored}, tuple(closers))
    settling.settle_told()
    settling.settle_stored(now_ms, ends_absent=ends_absent)
    settling.count()
    return settling.settled


class _Settling:
    """State while one answer is evaluated."""

    def __init__(
        self, source: str, answer: Answer, rows: Mapping[str, Stored], remembered_closers: tuple[Closer, ...]
    ) -> None:
        self.source, self.answer, self.rows = source, answer, rows
        self.growth = Growth(answer.messages, rows.values())
        self.told = spoken_of(source, answer.messages, list(rows.values()), self.growth)
        self.settled = Settled(closers=closers_of(source, answer.messages))
        self.closers = [*self.settled.closers, *remembered_closers]

    def settle_told(self) -> None:
        """Decide for each warning that the answer's messages are about."""
        self.settled.listed |= set(self.told)
        for warning_id, messages in self.told.items():
            names = self._chain(warning_id, messages)
            self.settled.chains[warning_id] = remembered(names)
            chain, row = frozenset(names), self.rows.get(warning_id)
            live = [placed for placed in messages if not self.growth.is_replaced(placed[0])]
            ahead = [placed for placed in live if not self._is_behind(placed[0], row, messages)]
            closed = {placed[0].source_id: closer for placed in ahead if (closer := self._closer(placed, chain))}
            holding = [placed for placed in ahead if placed[0].source_id not in closed or placed[0].act is Act.END]
            last = self._last(holding or ahead)
            if last:
                self._conclude(warning_id, last, closed.get(last[0].source_id))

    def _conclude(self, warning_id: str, last: Held, closer: Closer | None) -> None:
        if last[0].act is Act.END:
            self.settled.over[warning_id] = Over(last[0].end_reason or EndReason.CANCELLED, last)
        elif closer is None:
            self.settled.held[warning_id] = last
        elif (
            warning_id not in self.rows
        ):  # otherwise `settle_stored` decides whether the cancel applies to the stored warning
            self.settled.over[warning_id] = Over(closer.reason, last)

    def _chain(self, warning_id: str, messages: list[Held]) -> list[str]:
        """List the chain of a warning, as stored and extended by this answer; the last message last."""
        stored_chain = list(self.rows[warning_id].chain) if warning_id in self.rows else []
        told_names = [
            name_of(message.source_id) for message, _, _ in sorted(messages, key=lambda placed: precedence(placed[0]))
        ]
        closure = self.growth.closure([*stored_chain, *told_names])
        return [
            *stored_chain,
            *sorted(closure - set(stored_chain) - set(told_names)),
            *(warning_id for warning_id in told_names if warning_id not in stored_chain),
        ]

    def _last(self, live: list[Held]) -> Held | None:
        """Return the last message, by references, then by time."""
        names = {name_of(message.source_id): message for message, _, _ in live}
        outgrown = {
            before
            for name, message in names.items()
            for before in self.growth.ancestors(name) & names.keys()
            if self.growth.comes_after(message, names[before])
        }
        not_superseded = [placed for placed in live if name_of(placed[0].source_id) not in outgrown]
        return max(not_superseded or live, key=lambda placed: precedence(placed[0]), default=None)

    def _closer(self, placed: Held, chain: frozenset[str]) -> Closer | None:
        """Return the cancel that ends a message in force: one that names it, or names one of its predecessors."""
        message, place, _ = placed
        own = name_of(message.source_id)
        ancestors = self.growth.ancestors(own)
        for closer in self.closers:
            if (
                closer.name == own
                or closer.name in ancestors
                and not (own in closer.names and closer.sent > message.sent)
            ):
                continue
            if own in closer.names:
                return closer
            is_event = bool(message.event) and message.event == closer.event
            if not is_event and _reaches(closer, chain, message.sent, where(self.source, place)):
                return closer
        return None

    def _is_behind(self, message: Message, row: Stored | None, messages: list[Held]) -> bool:
        """Return whether the stored message comes after this one. An issuer's event follows its latest answer."""
        if row is None or message.event:
            return False
        own, tip = name_of(message.source_id), name_of(row.source_id)
        ancestors = self.growth.ancestors(own)
        others = {name_of(other.source_id) for other, _, _ in messages} - {own}
        chain = self.growth.closure([*row.chain, *others])  # without the part of the chain that only this message adds
        is_older = message.sent < row.sent
        if own in row.chain:  # it is the last message, perhaps sent again, or one of its predecessors
            return is_older or own != tip and tip not in ancestors
        if tip in ancestors or any(closer.name in ancestors and closer.names & chain for closer in self.closers):
            return False  # it comes after the last message, or after the cancel that ends it
        if message.act is Act.END and names_in(message) & chain:
            return row.sent > message.sent + CLOCKS_DIFFER_MS
        return is_older

    def settle_stored(self, now_ms: int, *, ends_absent: bool) -> None:
        """Decide for each stored warning that no message in force is about."""
        result = self.settled
        speaking = {message.source_id: message for message in self.answer.messages}
        for warning_id, row in self.rows.items():
            if warning_id in result.held or warning_id in result.over:
                continue
            chain = self.growth.closure(row.chain)
            if chain != frozenset(row.chain) and warning_id not in result.chains:
                result.chains[warning_id] = remembered(
                    [*row.chain[:-1], *sorted(chain - set(row.chain)), *row.chain[-1:]]
                )
            reason = self._end_of(row, chain, speaking)
            if reason is None and {row.source_id, row.root} & self.answer.unchanged:
                result.listed.add(warning_id)
            elif reason is None and warning_id not in self.told and row.source_id not in speaking:
                reason = self._absent(row, now_ms, ends_absent=ends_absent)
            if reason and row.ended is None:
                result.over[warning_id] = Over(reason)

    def _end_of(self, row: Stored, chain: frozenset[str], speaking: Mapping[str, Message]) -> EndReason | None:
        """Return why the answer ends a stored warning, or None."""
        tip = name_of(row.source_id)
        place = Where(row.codes, row.area)
        for closer in self.closers:
            if closer.name in row.chain:
                continue
            is_event = bool(closer.event) and closer.event.partition("/")[0] == row.root.partition("/")[0]
            if tip in closer.names or not is_event and _reaches(closer, chain, row.sent, place):
                return closer.reason
        if any(name_of(message.source_id) not in row.chain for message in self.growth.replacing(tip)):
            return EndReason.REPLACED
        again = speaking.get(row.source_id)
        is_left_out = again is not None and row.id not in self.told and again.sent >= row.sent
        return EndReason.REPLACED if is_left_out else None

    def _absent(self, row: Stored, now_ms: int, *, ends_absent: bool) -> EndReason | None:
        """Return EXPIRED after its own end; a warning with an end is ended by absence only if the source lists all."""
        if row.until is not None and row.until <= now_ms:
            return EndReason.EXPIRED
        is_missed = self.answer.is_whole and (ends_absent or row.until is None)
        return EndReason.NO_LONGER_LISTED if is_missed else None

    def count(self) -> None:
        """Count the fate of each message; an issuer's message in several parts counts once."""
        holding = {message.source_id for message, _, _ in self.settled.held.values()}
        ending = {over.said[0].source_id for over in self.settled.over.values() if over.said}
        ending |= {message.source_id for message in self.answer.messages if message.act is Act.END}
        for message in self.answer.messages:
            if not message.is_left_out:
                source_id = message.source_id
                self.settled.fates[source_id] = (
                    TAKEN if source_id in holding else ENDED if source_id in ending else REPLACED
                )


def _reaches(closer: Closer, chain: frozenset[str], sent: float, place: Where) -> bool:
    """Return whether a cancel that names an earlier message of a chain ends its last one too."""
    return bool(closer.names & chain) and sent <= closer.sent + CLOCKS_DIFFER_MS and not closer.is_elsewhere(place)
