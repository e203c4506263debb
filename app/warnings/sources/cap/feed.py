"""Read a feed of CAP 1.0, 1.1 or 1.2: an Atom or RSS index, one document, or several in one file.

Links are followed only to hosts that the fetcher may ask. An entry that was read is read again only if its time has
changed. A document that cannot be fetched or read does not affect the others; the answer is then incomplete, and the
next run tries again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from app.core import clock
from app.warnings.sources.cap.gather import CapReadResult, is_memory, memory_of
from app.warnings.sources.cap.index import Entry, read_index
from app.warnings.sources.hazards import still_valid
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Answer
from app.warnings.sources.safe_xml import MOST_BYTES, Unreadable

NAME = "cap"
ZONE = "the offset of each message; UTC where it has none"
ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
# The first answer of a large feed may take several runs: entries already read are kept.
BUDGET_S = 40.0
_INDEX_VALIDATORS = ("etag", "last_modified")


def parse(raw: bytes, *, now_ms: int) -> Answer:
    """Parse a file as the whole answer: no link is followed; an entry counts as far as it repeats its alert."""
    gathered = CapReadResult()
    for entry in gathered.entries_of(raw):
        if entry.alerts:
            gathered.take_all(entry.alerts, entry.id)
        elif entry.outline:
            gathered.take_all([entry.outline], entry.id)
        else:
            reason = "it has only a link to its alert" if entry.link else "it has no alert"
            gathered.fail(entry.id, reason, "no_alert")
    return gathered.answer({})


def fetch(
    fetcher: Fetcher,
    validators: Mapping[str, str],
    *,
    now_ms: int,
    budget_s: float = BUDGET_S,
) -> Answer:
    """Fetch the feed's answer; raises NotFetched if the index cannot be fetched."""
    validators = still_valid(validators)
    index_validators = {name: validators[name] for name in _INDEX_VALIDATORS if name in validators}
    fetched = fetcher.get(fetcher.address, validators=index_validators, accept=ACCEPT)
    if fetched.is_not_modified:
        return Answer(is_not_modified=True, validators=validators)
    reader = _LinkReader(fetcher, validators, clock.running_s() + budget_s)
    for entry in reader.gathered.entries_of(fetched.body):
        if entry.alerts:
            reader.gathered.take_all(entry.alerts, entry.id)
        else:
            reader.read(entry)
    # An index with broken items is fetched again completely, otherwise they would never be repaired.
    validators_to_keep = dict(fetched.validators) if reader.gathered.is_whole else {}
    return reader.gathered.answer(validators_to_keep | reader.remembered)


@dataclass(slots=True)
class _LinkReader:
    """Follows the links of an index, each at most once, until the time is up."""

    fetcher: Fetcher
    validators: Mapping[str, str]
    until: float
    gathered: CapReadResult = field(default_factory=CapReadResult)
    remembered: dict[str, str] = field(default_factory=dict)  # what is known of each finished entry
    _followed: dict[str, str | None] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        memory = "entry " + hashlib.sha256(f"{entry.id}\n{entry.version}".encode()).hexdigest()[:20]
        validator = self.validators.get(memory, "")
        if entry.version and is_memory(validator):
            self.remembered[memory] = validator
            self.gathered.recall(validator)
            return
        if not entry.link:
            self.gathered.fail(entry.id, "it has neither an alert nor a link to one", "no_alert")
            return
        address = urljoin(self.fetcher.address, entry.link)
        if address not in self._followed:
            try:
                self._followed[address] = self._follow(address)
            except (NotFetched, Unreadable, ValueError) as reason:
                self.gathered.fail(entry.id, str(reason), "not_had" if isinstance(reason, NotFetched) else "unreadable")
                return
        followed = self._followed[address]
        if entry.version and followed is not None:
            self.remembered[memory] = followed

    def _follow(self, address: str) -> str | None:
        """Read the alerts behind a link and return what to remember; None if some are broken (counted)."""
        if clock.running_s() > self.until:
            raise Unreadable("there was no time left to read it; the next run does")
        index = read_index(self.fetcher.get(address, accept=ACCEPT).body, most_bytes=MOST_BYTES)
        if index.entries or not index.alerts:
            raise Unreadable("its link leads to no CAP alert")
        messages = self.gathered.take_all(index.alerts, address)
        return memory_of(messages) if len(messages) == len(index.alerts) else None
