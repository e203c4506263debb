"""Collect the alerts of one CAP feed, and encode what the next run needs to skip unchanged entries."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from app.warnings.sources.cap.index import Entry, Index, read_index
from app.warnings.sources.cap.message import messages_of, not_public, source_id_of
from app.warnings.sources.cap.reader import CapAlert, read_alert
from app.warnings.sources.hazards import is_wanted, with_hazard_memory, without_other_hazards
from app.warnings.sources.message import Answer, Message
from app.warnings.sources.safe_xml import Unreadable
from app.warnings.sources.tally import DUPLICATE, REPLACED, UNCHANGED, Tally

MOST_ENTRIES = 1000  # the memory of each entry is stored in the source's own row
_MOST_REPLACED, _DIGEST_LENGTH = 10, 10
_REASON_LENGTH = 300
_LINE = r"(?:[0-9a-f]{10}(?:,[0-9a-f]{10})*)? .+"  # digests of _DIGEST_LENGTH
_MEMORY = rf"{_LINE}(?:\n{_LINE})*"
Taken = tuple[str, tuple[Message, ...]]  # the source_id of an alert, and its messages if it is for the public


def memory_of(alerts: Iterable[Taken]) -> str:
    """Encode one line for each alert: digests of what it replaces, and its source_id."""
    return "\n".join(f"{','.join(_digests(messages))} {source_id}" for source_id, messages in alerts)


def is_memory(text: str) -> bool:
    """Return whether a stored memory is complete: a truncated one would make warnings seem no longer listed."""
    return re.fullmatch(_MEMORY, text) is not None


def _digests(messages: tuple[Message, ...]) -> list[str]:
    replaced = messages[0].replaces if messages else ()
    return [_digest(source_id) for source_id in replaced[-_MOST_REPLACED:]]


def _digest(source_id: str) -> str:
    return hashlib.sha256(source_id.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]


@dataclass(slots=True)
class CapReadResult:
    """Alerts read so far; of an alert that appears twice, the one sent last."""

    messages: dict[str, tuple[int, tuple[Message, ...]]] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)  # digests of the messages that unchanged alerts have replaced
    broken: list[str] = field(default_factory=list)
    is_whole: bool = True
    tally: Tally = field(default_factory=Tally)

    def entries_of(self, raw: bytes) -> tuple[Entry, ...]:
        """Return the entries of a file; alerts outside of entries are added directly."""
        try:
            index = read_index(raw)
        except Unreadable as reason:
            self.fail("the file", str(reason), "unreadable")
            index = Index()
        self.take_all(index.alerts, "the file")
        if len(index.entries) > MOST_ENTRIES:
            self.fail("the index", f"it has more than {MOST_ENTRIES} entries", "too_many")
            self.tally.pass_over("refused:too_many", len(index.entries) - MOST_ENTRIES - 1)
        return index.entries[:MOST_ENTRIES]

    def take_all(self, alerts: Iterable[Element | CapAlert], where: str) -> list[Taken]:
        """Add alerts; return those that could be read. The reasons for the others are kept."""
        messages = []
        for alert in alerts:
            try:
                messages.append(self.take(alert if isinstance(alert, CapAlert) else read_alert(alert)))
            except Unreadable as reason:
                self.fail(where, str(reason), "incomplete")
        return messages

    def take(self, alert: CapAlert) -> Taken:
        """Add one alert. Raises Unreadable if it says too little."""
        try:
            messages, remarks = messages_of(alert)
        except Unreadable as reason:
            raise Unreadable(f"{alert.identifier[:80]}: {reason}") from reason
        source_id = source_id_of(alert.sender, alert.identifier)
        # Remarks on a message that is kept are reported and change nothing else.
        remarks = remarks if any(map(is_wanted, messages)) else ()
        self.broken += [f"{alert.identifier[:80]}: {remark}"[:_REASON_LENGTH] for remark in remarks]
        self.tally.read += 1
        if word := not_public(alert):  # never hides a real message with the same identifier
            self.tally.leave_out(f"not_public:{word}")
            return source_id, messages
        before = self.messages.get(source_id)
        self.tally.leave_out(DUPLICATE, 0 if before is None else 1)
        if before is None or before[0] < alert.sent_at_ms:
            self.messages[source_id] = (alert.sent_at_ms, messages)
        return source_id, messages

    def recall(self, memory: str) -> None:
        """Count remembered alerts as unchanged without reading them again."""
        for line in memory.splitlines():
            digests, _, source_id = line.partition(" ")
            self.tally.pass_over(UNCHANGED)
            self.unchanged.add(source_id)
            self.replaced.update(digests.split(","))

    def fail(self, where: str, reason: str, kind: str) -> None:
        """Record why a possible warning could not be read, and count it by kind."""
        self.tally.pass_over(f"refused:{kind}")
        self.broken.append(f"{where[:120] or 'an entry'}: {reason}"[:_REASON_LENGTH])
        self.is_whole = False

    def answer(self, validators: Mapping[str, str]) -> Answer:
        """Build the answer, oldest message first, so that a replacement comes after what it replaces."""
        # A message that an unchanged alert has cancelled or replaced must not come back when it is read late or again.
        past = {source_id for source_id in self.messages if _digest(source_id) in self.replaced}
        present = {source_id: message for source_id, message in self.messages.items() if source_id not in past}
        in_order = sorted(present.values(), key=lambda pair: pair[0])
        messages, others = without_other_hazards(message for _, messages in in_order for message in messages)
        self.tally.leave_out(REPLACED, len(past))
        return Answer(
            messages=tuple(messages),
            unchanged=frozenset((self.unchanged | past) - set(present)),
            broken=tuple(self.broken),
            is_whole=self.is_whole,
            validators=with_hazard_memory(validators),
            read=self.tally.read,
            left_out=self.tally.left_out + others,
        )
