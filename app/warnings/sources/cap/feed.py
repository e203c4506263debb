"""Any feed of CAP 1.0, 1.1 or 1.2: an Atom or RSS index, one document, or several in one file.

A link is followed when it leads to a host that the fetcher may ask. What has been read once is read again only when
its entry says another time. A document that cannot be had or read leaves the others as they are; the answer is then
not whole, and the next run tries again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from app.core import clock
from app.warnings.sources.cap.gather import Gathered, is_memory, memory_of
from app.warnings.sources.cap.index import Entry, read_index
from app.warnings.sources.hazards import still_valid
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Answer
from app.warnings.sources.safe_xml import MOST_BYTES, Unreadable

NAME = "cap"
ZONE = "the offset of each message; UTC where it has none"
ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
# The first answer of a large feed may take several runs: what was read stays read.
BUDGET_S = 40.0
_INDEX_VALIDATORS = ("etag", "last_modified")


def parse(raw: bytes, *, now_ms: int) -> Answer:
    """A file as the feed's whole answer: no link is followed, entries count as far as they repeat their alert."""
    gathered = Gathered()
    for entry in gathered.entries_of(raw):
        if entry.alerts:
            gathered.take_all(entry.alerts, entry.id)
        elif entry.outline:
            gathered.take_all([entry.outline], entry.id)
        else:
            said = "it has only a link to its alert" if entry.link else "it has no alert"
            gathered.fail(entry.id, said, "no_alert")
    return gathered.answer({})


def fetch(
    fetcher: Fetcher,
    validators: Mapping[str, str],
    *,
    now_ms: int,
    budget_s: float = BUDGET_S,
) -> Answer:
    """What the feed says now; raises NotFetched when the index cannot be had."""
    validators = still_valid(validators)
    known = {name: validators[name] for name in _INDEX_VALIDATORS if name in validators}
    fetched = fetcher.get(fetcher.address, validators=known, accept=ACCEPT)
    if fetched.is_not_modified:
        return Answer(is_not_modified=True, validators=validators)
    reader = _LinkReader(fetcher, validators, clock.running_s() + budget_s)
    for entry in reader.gathered.entries_of(fetched.body):
        if entry.alerts:
            reader.gathered.take_all(entry.alerts, entry.id)
        else:
            reader.read(entry)
    # An index that brought something broken is asked for again as a whole, else it would never be mended.
    kept = dict(fetched.validators) if reader.gathered.is_whole else {}
    return reader.gathered.answer(kept | reader.remembered)


@dataclass(slots=True)
class _LinkReader:
    """Follows the links of an index, each at most once, until the time is up."""

    fetcher: Fetcher
    validators: Mapping[str, str]
    until: float
    gathered: Gathered = field(default_factory=Gathered)
    remembered: dict[str, str] = field(default_factory=dict)  # what is known of each entry that is done with
    _followed: dict[str, str | None] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        memory = "entry " + hashlib.sha256(f"{entry.id}\n{entry.version}".encode()).hexdigest()[:20]
        known = self.validators.get(memory, "")
        if entry.version and is_memory(known):
            self.remembered[memory] = known
            self.gathered.recall(known)
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
        """What to remember of the alerts behind a link; None when some are broken, which is counted then."""
        if clock.running_s() > self.until:
            raise Unreadable("there was no time left to read it; the next run does")
        index = read_index(self.fetcher.get(address, accept=ACCEPT).body, most_bytes=MOST_BYTES)
        if index.entries or not index.alerts:
            raise Unreadable("its link leads to no CAP alert")
        taken = self.gathered.take_all(index.alerts, address)
        return memory_of(taken) if len(taken) == len(index.alerts) else None
