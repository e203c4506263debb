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
    REISSUED,
    Cancellation,
    MessageGraph,
    WarningExtent,
    cancellations_of,
    extent_of,
    message_digest,
    names_since_reissue,
    precedence,
    referenced_digests,
    shortened_chain,
)
from app.warnings.ingest.roots import PlacedMessage, StoredWarning, messages_by_warning
from app.warnings.sources.message import Act, Answer, EndReason, Message

TAKEN, ENDED, REPLACED = "taken", "ended", "replaced"


class EndedWarning(NamedTuple):
    """The reason why a warning is over, and the message with the texts to show; None: the stored texts stay."""

    reason: EndReason
    placed_message: PlacedMessage | None = None


@dataclass
class Supersession:
    """Meaning of an answer for the warnings of its source."""

    current: dict[str, PlacedMessage] = field(default_factory=dict)  # by id
    ended: dict[str, EndedWarning] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)  # warnings that the answer mentions in any way
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the messages that each warning consists of
    cancellations: list[Cancellation] = field(default_factory=list)  # to be stored
    outcomes: dict[str, str] = field(default_factory=dict)  # by source_id: taken, ended or replaced


def resolve(
    source: str,
    answer: Answer,
    stored: Iterable[StoredWarning],
    *,
    now_ms: int,
    ends_absent: bool = False,
    closers: Iterable[Cancellation] = (),
) -> Supersession:
    """Decide what the answer means, given the stored warnings of its source and the cancels read before.

    `ends_absent`: the answer holds all that the source has in force, so that absence ends even a warning with an end of
    its own.
    """
    settling = _Resolver(source, answer, {row.id: row for row in stored}, tuple(closers))
    settling.resolve_mentioned()
    settling.resolve_stored(now_ms, ends_absent=ends_absent)
    settling.count()
    return settling.result


class _Resolver:
    """State while one answer is evaluated."""

    def __init__(
        self,
        source: str,
        answer: Answer,
        rows: Mapping[str, StoredWarning],
        remembered_closers: tuple[Cancellation, ...],
    ) -> None:
        self.source, self.answer, self.rows = source, answer, rows
        self.growth = MessageGraph(answer.messages, rows.values())
        self.result = Supersession(cancellations=cancellations_of(source, answer.messages))
        self.cancellations = [*self.result.cancellations, *remembered_closers]
        self.mentioned, self.reissues = messages_by_warning(
            source, answer.messages, list(rows.values()), self.growth, self.cancellations
        )

    def resolve_mentioned(self) -> None:
        """Decide for each warning that the answer's messages are about."""
        self.result.mentioned |= set(self.mentioned)
        for warning_id, messages in self.mentioned.items():
            names = self._chain(warning_id, messages)
            self.result.chains[warning_id] = shortened_chain(names)
            chain, since_reissue, row = frozenset(names), names_since_reissue(names), self.rows.get(warning_id)
            live = [placed for placed in messages if not self.growth.is_replaced(placed[0])]
            ahead = [placed for placed in live if not self._is_older_than_stored(placed[0], row, messages)]
            closed = {
                placed[0].source_id: closer
                for placed in ahead
                if (closer := self._cancellation_of(placed, chain, since_reissue))
            }
            holding = [placed for placed in ahead if placed[0].source_id not in closed or placed[0].act is Act.END]
            last = self._last(holding or ahead)
            if last:
                self._conclude(warning_id, last, closed.get(last[0].source_id))

    def _conclude(self, warning_id: str, last: PlacedMessage, closer: Cancellation | None) -> None:
        if last[0].act is Act.END:
            self.result.ended[warning_id] = EndedWarning(last[0].end_reason or EndReason.CANCELLED, last)
        elif closer is None:
            self.result.current[warning_id] = last
        elif (
            warning_id not in self.rows
        ):  # otherwise `resolve_stored` decides whether the cancel applies to the stored warning
            self.result.ended[warning_id] = EndedWarning(closer.reason, last)

    def _chain(self, warning_id: str, messages: list[PlacedMessage]) -> list[str]:
        """List the chain of a warning, as stored and extended by this answer; the last message last."""
        stored_chain = list(self.rows[warning_id].chain) if warning_id in self.rows else []
        told_names = [
            message_digest(message.source_id)
            for message, _, _ in sorted(messages, key=lambda placed: precedence(placed[0]))
        ]
        closure = self.growth.closure([*stored_chain, *told_names])
        chain = [*stored_chain, *sorted(closure - set(stored_chain) - set(told_names))]
        for name in told_names:
            if name in stored_chain:
                continue
            is_later_reissue = self.reissues.get(name)
            if is_later_reissue is None:  # it is the first, or named by another one, or names one
                chain.append(name)
            elif is_later_reissue:  # nothing before this one is named any more
                chain = [*(other for other in chain if other != REISSUED), REISSUED, name]
            else:  # read late: it came before the others
                chain = [name, *([] if REISSUED in chain else [REISSUED]), *chain]
        return chain

    def _last(self, live: list[PlacedMessage]) -> PlacedMessage | None:
        """Return the last message, by references, then by time."""
        names = {message_digest(message.source_id): message for message, _, _ in live}
        outgrown = {
            before
            for name, message in names.items()
            for before in self.growth.ancestors(name) & names.keys()
            if self.growth.comes_after(message, names[before])
        }
        not_superseded = [placed for placed in live if message_digest(placed[0].source_id) not in outgrown]
        return max(not_superseded or live, key=lambda placed: precedence(placed[0]), default=None)

    def _cancellation_of(
        self, placed: PlacedMessage, chain: frozenset[str], since_reissue: frozenset[str]
    ) -> Cancellation | None:
        """Return the cancel that ends a message in force: one that names it, or names one of its predecessors."""
        message, place, _ = placed
        own = message_digest(message.source_id)
        ancestors = self.growth.ancestors(own)
        for closer in self.cancellations:
            if (
                closer.name == own
                or closer.name in ancestors
                and not (own in closer.names and closer.sent_at_ms > message.sent_at_ms)
            ):
                continue
            if own in closer.names:
                return closer
            is_event = bool(message.event) and message.event == closer.event
            if not is_event and _reaches(
                closer, chain, since_reissue, message.sent_at_ms, extent_of(self.source, place)
            ):
                return closer
        return None

    def _is_older_than_stored(self, message: Message, row: StoredWarning | None, messages: list[PlacedMessage]) -> bool:
        """Return whether the stored message comes after this one. An issuer's event follows its latest answer."""
        if row is None or message.event:
            return False
        own, tip = message_digest(message.source_id), message_digest(row.source_id)
        ancestors = self.growth.ancestors(own)
        others = {message_digest(other.source_id) for other, _, _ in messages} - {own}
        chain = self.growth.closure([*row.chain, *others])  # without the part of the chain that only this message adds
        is_older = message.sent_at_ms < row.sent_at_ms
        if own in row.chain:  # it is the last message, perhaps sent again, or one of its predecessors
            return is_older or own != tip and tip not in ancestors
        if tip in ancestors or any(closer.name in ancestors and closer.names & chain for closer in self.cancellations):
            return False  # it comes after the last message, or after the cancel that ends it
        if message.act is Act.END and (named := referenced_digests(message) & chain):
            if named.isdisjoint(names_since_reissue(row.chain)) and REISSUED in row.chain:
                return row.sent_at_ms >= message.sent_at_ms
            return row.sent_at_ms > message.sent_at_ms + CLOCKS_DIFFER_MS
        return is_older

    def resolve_stored(self, now_ms: int, *, ends_absent: bool) -> None:
        """Decide for each stored warning that no message in force is about."""
        result = self.result
        speaking = {message.source_id: message for message in self.answer.messages}
        for warning_id, row in self.rows.items():
            if warning_id in result.current or warning_id in result.ended:
                continue
            chain = self.growth.closure(row.chain)
            if chain != frozenset(row.chain) and warning_id not in result.chains:
                result.chains[warning_id] = shortened_chain(
                    [*row.chain[:-1], *sorted(chain - set(row.chain)), *row.chain[-1:]]
                )
            reason = self._end_of(row, chain, speaking)
            if reason is None and {row.source_id, row.root} & self.answer.unchanged:
                result.mentioned.add(warning_id)
            elif reason is None and warning_id not in self.mentioned and row.source_id not in speaking:
                reason = self._absent(row, now_ms, ends_absent=ends_absent)
            if reason and row.ended_at_ms is None:
                result.ended[warning_id] = EndedWarning(reason)

    def _end_of(self, row: StoredWarning, chain: frozenset[str], speaking: Mapping[str, Message]) -> EndReason | None:
        """Return why the answer ends a stored warning, or None."""
        tip = message_digest(row.source_id)
        since_reissue = names_since_reissue(row.chain) if REISSUED in row.chain else chain
        place = WarningExtent(row.codes, row.area)
        for closer in self.cancellations:
            if closer.name in row.chain:
                continue
            is_event = bool(closer.event) and closer.event.partition("/")[0] == row.root.partition("/")[0]
            if tip in closer.names or not is_event and _reaches(closer, chain, since_reissue, row.sent_at_ms, place):
                return closer.reason
        if any(message_digest(message.source_id) not in row.chain for message in self.growth.replacements_of(tip)):
            return EndReason.REPLACED
        again = speaking.get(row.source_id)
        is_left_out = again is not None and row.id not in self.mentioned and again.sent_at_ms >= row.sent_at_ms
        return EndReason.REPLACED if is_left_out else None

    def _absent(self, row: StoredWarning, now_ms: int, *, ends_absent: bool) -> EndReason | None:
        """Return EXPIRED after its own end; a warning with an end is ended by absence only if the source lists all."""
        if row.own_end_at_ms is not None and row.own_end_at_ms <= now_ms:
            return EndReason.EXPIRED
        is_missed = self.answer.is_whole and (ends_absent or row.own_end_at_ms is None)
        return EndReason.NO_LONGER_LISTED if is_missed else None

    def count(self) -> None:
        """Count the fate of each message; an issuer's message in several parts counts once."""
        holding = {message.source_id for message, _, _ in self.result.current.values()}
        ending = {over.placed_message[0].source_id for over in self.result.ended.values() if over.placed_message}
        ending |= {message.source_id for message in self.answer.messages if message.act is Act.END}
        for message in self.answer.messages:
            if not message.is_left_out:
                source_id = message.source_id
                self.result.outcomes[source_id] = (
                    TAKEN if source_id in holding else ENDED if source_id in ending else REPLACED
                )


def _reaches(
    closer: Cancellation, chain: frozenset[str], since_reissue: frozenset[str], sent_at_ms: float, place: WarningExtent
) -> bool:
    """Return whether a cancel that names an earlier message of a chain ends its last one too.

    Between messages that name each other a clock may be wrong; of a reissue only the clock tells that it came before.
    """
    if closer.names.isdisjoint(chain) or closer.is_elsewhere(place):
        return False
    if closer.names.isdisjoint(since_reissue):
        return sent_at_ms < closer.sent_at_ms
    return sent_at_ms <= closer.sent_at_ms + CLOCKS_DIFFER_MS
