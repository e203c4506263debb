"""The sources of official warnings that this deployment reads, by name.

To add one: a module here that has what `Reader` lists, its name in `READERS`, and a test of its table of words.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from app.config import BadSettings

if TYPE_CHECKING:  # connections, shapes and their mending, which the web function has no use for
    from app.clients.fetching import Fetcher
    from app.clients.message import Answer
    from app.clients.outline import Outline, Outlines

# Which module speaks which protocol. Loaded when it is first read from: who only names the sources loads none.
READERS = {"ea": "app.clients.environment_agency", "nws": "app.clients.nws", "cap": "app.clients.cap_feed"}
# Whose messages name official areas, drawn elsewhere.
OUTLINES = {
    "ea": "app.clients.environment_agency_areas",
    "nws": "app.clients.nws_zones",
    "cap": "app.clients.cap_areas",
}
# Where a deployment that names no address asks. Feeds have none.
ADDRESSES = {"ea": "https://environment.data.gov.uk/flood-monitoring", "nws": "https://api.weather.gov"}
DEFAULT = "ea,nws"
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

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]

    @property
    def reader(self) -> Reader:
        return cast(Reader, import_module(READERS[self.kind]))

    @property
    def outlines(self) -> OutlineReader | None:
        """None where messages always draw their areas themselves."""
        return cast(OutlineReader, import_module(OUTLINES[self.kind])) if self.kind in OUTLINES else None

    def fetcher(self, *, contact: str) -> "Fetcher":
        """A connection to its hosts; `contact` is where the issuer can find us."""
        from app.clients.fetching import Fetcher  # here, because the web function asks no source

        return Fetcher(self.address, contact=contact, further=self.further)


def read_sources(setting: str) -> dict[str, Source]:
    """The sources of FLOOD_SOURCES, in its order; raises BadSettings with every mistake at once.

    `ea,nws` or, with addresses, `ea=http://127.0.0.1:8080,cap=https://host/feed.atom,cap:ireland=https://host/ie.rss`.
    A feed whose index links to other hosts names them after its own address, parted by blanks:
    `cap:canada=https://index.example/feed.atom https://documents.example`.
    """
    made: dict[str, Source] = {}
    mistakes = []
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        name, _, addresses = (part.strip() for part in entry.partition("="))
        address, *further = addresses.split() or [""]
        mistake = f"names {name!r} twice" if name in made else _mistake(name, [address, *further])
        if mistake:
            mistakes.append(f"FLOOD_SOURCES {mistake}.")
        made[name] = Source(name, address or ADDRESSES.get(name, ""), tuple(further))
    if mistakes:
        raise BadSettings("The environment is not right:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes))
    return made


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
    from app.clients.fetching import mistake_in  # see `fetcher`; most deployments name no address

    wrong = next(filter(None, (mistake_in(address) for address in addresses if address)), "")
    return f"gives {name} an address that {wrong}" if wrong else ""
