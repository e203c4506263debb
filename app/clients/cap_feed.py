"""Any feed of CAP 1.0, 1.1 or 1.2: an Atom or RSS index, one document, or several in one file.

A link is followed when it leads to a host that the fetcher may ask. What has been read once is read again only when
its entry says another time. A document that cannot be had or read leaves the others as they are; the answer is then
not whole, and the next run tries again.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from app.clients.cap_message import messages_of, source_id_of
from app.clients.fetching import Fetcher, NotFetched
from app.clients.message import Answer, Message
from app.formats.cap import CapAlert, read_alert
from app.formats.cap_index import Entry, Index, read_index
from app.formats.safe_xml import MOST_BYTES, Unreadable

NAME = "cap"
ZONE = "the offset of each message; UTC where it has none"
ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
MOST_ENTRIES = 1000  # what is known of each is kept in the source's own row
# The first answer of a large feed may take several runs: what was read stays read.
BUDGET_S = 40.0
_INDEX_VALIDATORS = ("etag", "last_modified")
_REASON_LENGTH = 300


def parse(raw: bytes, *, now_ms: int) -> Answer:
    """A file as the feed's whole answer: no link is followed, entries count as far as they repeat their alert."""
    gathered = _Gathered()
    for entry in gathered.entries_of(raw):
        if entry.alerts:
            gathered.take_all(entry.alerts, entry.id)
        elif entry.outline:
            gathered.take(entry.outline, entry.id)
        else:
            gathered.fail(entry.id, "it has only a link to its alert" if entry.link else "it has no alert")
    return gathered.answer({})


def fetch(
    fetcher: Fetcher,
    validators: Mapping[str, str],
    *,
    now_ms: int,
    budget_s: float = BUDGET_S,
) -> Answer:
    """What the feed says now; raises NotFetched when the index cannot be had."""
    known = {name: validators[name] for name in _INDEX_VALIDATORS if name in validators}
    fetched = fetcher.get(fetcher.address, validators=known, accept=ACCEPT)
    if fetched.is_not_modified:
        return Answer(is_not_modified=True, validators=validators)
    reader = _LinkReader(fetcher, validators, time.monotonic() + budget_s)
    for entry in reader.gathered.entries_of(fetched.body):
        if entry.alerts:
            reader.gathered.take_all(entry.alerts, entry.id)
        else:
            reader.read(entry)
    # An index that brought something broken is asked for again as a whole, else it would never be mended.
    kept = dict(fetched.validators) if reader.gathered.is_whole else {}
    return reader.gathered.answer(kept | reader.remembered)


@dataclass(slots=True)
class _Gathered:
    """What has been read so far; of an alert that comes twice the one sent last."""

    messages: dict[str, tuple[int, tuple[Message, ...]]] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    is_whole: bool = True

    def entries_of(self, raw: bytes) -> tuple[Entry, ...]:
        """The entries that a file may have; alerts outside of entries are taken at once."""
        try:
            index = read_index(raw)
        except Unreadable as reason:
            self.fail("the file", str(reason))
            index = Index()
        self.take_all(index.alerts, "the file")
        if len(index.entries) > MOST_ENTRIES:
            self.fail("the index", f"it has more than {MOST_ENTRIES} entries")
        return index.entries[:MOST_ENTRIES]

    def take_all(self, elements: tuple[Element, ...], where: str) -> list[str]:
        """The source_ids of the alerts, also of those that are not for the public."""
        taken = []
        for element in elements:
            try:
                alert = read_alert(element)
            except Unreadable as reason:
                self.fail(where, str(reason))
                continue
            taken += [source_id_of(alert.sender, alert.identifier)] if self.take(alert, where) else []
        return taken

    def take(self, alert: CapAlert, where: str) -> bool:
        try:
            messages, remarks = messages_of(alert)
        except Unreadable as reason:
            self.fail(where, f"{alert.identifier[:80]}: {reason}")
            return False
        source_id = source_id_of(alert.sender, alert.identifier)
        # What was left out of a message that is otherwise kept is told, and changes nothing else.
        self.broken += [f"{alert.identifier[:80]}: {remark}"[:_REASON_LENGTH] for remark in remarks]
        if source_id not in self.messages or self.messages[source_id][0] < alert.sent:
            self.messages[source_id] = (alert.sent, messages)
        return True

    def fail(self, where: str, reason: str) -> None:
        self.broken.append(f"{where[:120] or 'an entry'}: {reason}"[:_REASON_LENGTH])
        self.is_whole = False

    def answer(self, validators: Mapping[str, str]) -> Answer:
        """Oldest first, so that what replaces comes after what it replaces."""
        in_order = sorted(self.messages.values(), key=lambda one: one[0])
        return Answer(
            messages=tuple(message for _, messages in in_order for message in messages),
            unchanged=frozenset(self.unchanged - set(self.messages)),
            broken=tuple(self.broken),
            is_whole=self.is_whole,
            validators=validators,
        )


@dataclass(slots=True)
class _LinkReader:
    """Follows the links of an index, each at most once, until the time is up."""

    fetcher: Fetcher
    validators: Mapping[str, str]
    until: float
    gathered: _Gathered = field(default_factory=_Gathered)
    # For each entry that is done with: the source_ids of its alerts, one a line.
    remembered: dict[str, str] = field(default_factory=dict)
    _followed: dict[str, list[str] | None] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        memory = "entry " + hashlib.sha256(f"{entry.id}\n{entry.version}".encode()).hexdigest()[:20]
        if entry.version and memory in self.validators:
            self.remembered[memory] = self.validators[memory]
            self.gathered.unchanged.update(self.validators[memory].splitlines())
            return
        if not entry.link:
            self.gathered.fail(entry.id, "it has neither an alert nor a link to one")
            return
        address = urljoin(self.fetcher.address, entry.link)
        if address not in self._followed:
            try:
                self._followed[address] = self._follow(address)
            except (NotFetched, Unreadable, ValueError) as reason:
                self.gathered.fail(entry.id, str(reason))
                return
        taken = self._followed[address]
        if entry.version and taken is not None:
            self.remembered[memory] = "\n".join(taken)

    def _follow(self, address: str) -> list[str] | None:
        """The source_ids of the alerts behind a link; None when some are broken, which is counted then."""
        if time.monotonic() > self.until:
            raise Unreadable("there was no time left to read it; the next run does")
        index = read_index(self.fetcher.get(address, accept=ACCEPT).body, most_bytes=MOST_BYTES)
        if index.entries or not index.alerts:
            raise Unreadable("its link leads to no CAP alert")
        taken = self.gathered.take_all(index.alerts, address)
        return taken if len(taken) == len(index.alerts) else None
