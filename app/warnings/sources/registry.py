"""The sources of official warnings that this deployment reads, by name.

To add one: a module here that has what `Reader` lists, its name in `READERS`, and a test of its table of words.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from app.core.config import BadSettings

if TYPE_CHECKING:  # connections, shapes and their mending, which the web function has no use for
    from app.warnings.sources.http_client import Fetcher
    from app.warnings.sources.message import Answer
    from app.warnings.sources.outline import Outline, Outlines

# Which module speaks which protocol. Loaded when it is first read from: who only names the sources loads none.
READERS = {
    "ea": "app.warnings.sources.ea.floods",
    "nws": "app.warnings.sources.nws.alerts",
    "cap": "app.warnings.sources.cap.feed",
}
# Whose messages name official areas, drawn elsewhere.
OUTLINES = {
    "ea": "app.warnings.sources.ea.areas",
    "nws": "app.warnings.sources.nws.zones",
    "cap": "app.warnings.sources.cap.areas",
}
# Where a deployment that names no address asks. Feeds have none.
ADDRESSES = {"ea": "https://environment.data.gov.uk/flood-monitoring", "nws": "https://api.weather.gov"}
# Where each speaks (coverage.py): a feed only where the setting says. NWS warns of these territories too.
COVERS = {"ea": ("GB-ENG",), "nws": ("US", "PR", "VI", "GU", "MP", "AS")}
# Where people read an issuer's own word.
WEBSITES = {"ea": "https://check-for-flooding.service.gov.uk/", "nws": "https://www.weather.gov/"}
# Whose whole answer is all that they have in force: what it no longer names is over, whatever end it named. A feed
# drops what it likes: its messages end when they say so.
SNAPSHOTS = frozenset({"ea", "nws"})
# In which zone a source's times are told where its warning is not drawn.
ZONES = {"ea": "Europe/London"}
DEFAULT = "ea,nws"
NONE = "none"  # as the setting says that no source is asked; what is read from files is shown all the same
_OPTIONS = ("covers", "site")
_NAME = r"[a-z0-9][a-z0-9-]{0,31}"


class Reader(Protocol):
    """What a module of a source has."""

    NAME: str
    ZONE: str  # in which zone it writes times that name none

    def parse(self, raw: bytes, *, now_ms: int) -> "Answer":
        """What one recorded answer says; never raises."""

    def fetch(self, fetcher: "Fetcher", validators: Mapping[str, str], *, now_ms: int) -> "Answer":
        """What the source says now; raises NotFetched."""


class OutlineReader(Protocol):
    """What a module of a source's areas has."""

    OUTLINES_AT_ONCE: int  # how many may be asked for in one run

    def read_outlines(self, raw: bytes) -> "Outlines":
        """The outlines in a file of areas; never raises."""

    def fetch_outline(self, fetcher: "Fetcher", area_id: str) -> "Outline":
        """One area's outline, or the lasting reason why there is none; raises NotFetched when to ask again later."""


class Source(NamedTuple):
    """One source, as this deployment names it."""

    name: str  # ea, nws, cap, cap:ireland
    address: str
    further: tuple[str, ...] = ()  # other hosts that its index may link to
    covers: tuple[str, ...] = ()  # codes of territories, or GeoJSON files: its silence means something there alone
    site: str = ""  # where people read its own word

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]

    @property
    def is_snapshot(self) -> bool:
        """Is all that it has in force in its answer, so that what is absent is over?"""
        return self.kind in SNAPSHOTS

    @property
    def website(self) -> str:
        """The issuer's own page: as the setting names it, else the front page of the feed's host; empty without one."""
        parts = urlsplit(self.address)
        host = f"{parts.scheme}://{parts.netloc}/" if self.kind == "cap" and parts.hostname else ""
        return self.site or WEBSITES.get(self.kind) or host

    @property
    def zone(self) -> str:
        """The time zone of all that it covers; empty where there are several."""
        if self.kind in ZONES:
            return ZONES[self.kind]
        from app.gazetteer.territories import territories  # here, because only what is not drawn is asked of

        known = [territories()[code].zones for code in self.covers if code in territories()]
        names = {zone.name for zones in known for zone in zones}
        return names.pop() if len(names) == 1 else ""

    @property
    def reader(self) -> Reader:
        return cast(Reader, import_module(READERS[self.kind]))

    @property
    def outlines(self) -> OutlineReader | None:
        """None where messages always draw their areas themselves."""
        return cast(OutlineReader, import_module(OUTLINES[self.kind])) if self.kind in OUTLINES else None

    def fetcher(self, *, contact: str) -> "Fetcher":
        """A connection to its hosts; `contact` is where the issuer can find us."""
        from app.warnings.sources.http_client import Fetcher  # here, because the web function asks no source

        return Fetcher(self.address, contact=contact, further=self.further)


@cache
def read_sources(setting: str) -> Mapping[str, Source]:
    """The sources of FLOOD_SOURCES, in its order; raises BadSettings with every mistake at once.

    `ea,nws`, `none` or, with addresses, `ea=http://127.0.0.1:8080,cap=https://host/feed.atom,cap:ireland=https://host/ie.rss`.
    What a feed says further stands after its own address, parted by blanks: other hosts that its index links to, where
    it speaks, and the issuer's page for people:
    `cap:canada=https://index.example/feed.atom https://documents.example covers:CA site:https://weather.example/`.
    """
    if setting.strip().casefold() == NONE:
        return {}
    made: dict[str, Source] = {}
    mistakes = []
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        source, wrong = _read_entry(entry)
        again = [f"names {source.name!r} twice"] if source.name in made else []
        mistakes += [f"FLOOD_SOURCES {mistake}." for mistake in again or wrong]
        made[source.name] = source
    if mistakes:
        raise BadSettings("The environment is not right:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes))
    return made


def source_named(name: str, setting: str) -> Source:
    """A source as this deployment names it, or as it is by itself: one that was read from a file, perhaps."""
    return read_sources(setting).get(name) or Source(name, ADDRESSES.get(name, ""), covers=COVERS.get(name, ()))


def _read_entry(entry: str) -> tuple[Source, list[str]]:
    """One source, and all that is wrong with it."""
    name, _, rest = (part.strip() for part in entry.partition("="))
    words = rest.split()
    options = [word.partition(":")[::2] for word in words if word.partition(":")[0] in _OPTIONS]
    address, *further = [word for word in words if word.partition(":")[0] not in _OPTIONS] or [""]
    covers = tuple(one for key, value in options if key == "covers" for one in value.split("+"))
    site = next((value for key, value in options if key == "site"), "")
    kind = name.partition(":")[0]
    wrong = [mistake] if (mistake := _mistake(name, [address, *further])) else []
    if options and kind in COVERS:
        wrong.append(f"says of {name} where it speaks or its page; only feeds say so")
    wrong += [f"says that {name} covers {mistake}" for one in covers if (mistake := _mistake_in_coverage(one))]
    wrong += [
        f"gives {name} a site that is no https address"
        for key, value in options
        if key == "site" and not _is_page(value)
    ]
    address = address or ADDRESSES.get(name, "")
    return Source(name, address, tuple(further), covers or COVERS.get(name, ()), site), wrong


def _mistake_in_coverage(named: str) -> str:
    from app.warnings.sources import coverage  # here, because most deployments name nothing that is covered

    return coverage.mistake_in(named)


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and bool(parts.hostname)


def _mistake(name: str, addresses: list[str]) -> str:
    kind, colon, own = name.partition(":")
    if kind not in READERS:
        return f"names {name!r}, which is none of {', '.join(READERS)}"
    if colon and (kind != "cap" or not re.fullmatch(_NAME, own)):
        return f"names {name!r}; only feeds have names, such as cap:ireland (a-z, 0-9, -)"
    if kind == "cap" and not addresses[0]:
        return f"gives no address for {name} (cap=https://host/feed.atom)"
    if not any(addresses):
        return ""
    from app.warnings.sources.http_client import mistake_in  # see `fetcher`; most deployments name no address

    wrong = next(filter(None, (mistake_in(address) for address in addresses if address)), "")
    return f"gives {name} an address that {wrong}" if wrong else ""
