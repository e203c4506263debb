"""Sources of official warnings that this deployment reads, by name.

To add one: a module that implements `Reader`, its `SourceKind` in default_sources.py, and a test of its table of words.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from app.core.config import settings
from app.core.environment import BadSettings
from app.switches import current
from app.warnings.sources.default_sources import DEFAULT, DEFAULT_NAMES, KINDS, READABLE, SourceKind

if TYPE_CHECKING:  # not needed by the web function
    from app.warnings.sources.http_client import Fetcher
    from app.warnings.sources.message import Answer
    from app.warnings.sources.outline import Outline, ReadOutlines

NONE = "none"  # the setting for no source; warnings read from files are still shown
_OPTIONS = ("covers", "site")
_NAME = r"[a-z0-9][a-z0-9-]{0,31}"


class Reader(Protocol):
    """Interface of a source's module."""

    NAME: str
    ZONE: str  # zone of its times that name none

    def parse(self, raw: bytes, *, now_ms: int) -> "Answer":
        """Parse one recorded answer; never raises."""

    def fetch(self, fetcher: "Fetcher", validators: Mapping[str, str], *, now_ms: int) -> "Answer":
        """Fetch the source's current answer; raises NotFetched."""


class OutlineReader(Protocol):
    """Interface of the module of a source's areas."""

    OUTLINES_AT_ONCE: int  # how many may be fetched in one run

    def read_outlines(self, raw: bytes) -> "ReadOutlines":
        """Read the outlines in a file of areas; never raises."""

    def fetch_outline(self, fetcher: "Fetcher", area_id: str) -> "Outline":
        """Fetch one area's outline, or the permanent reason for its absence; raises NotFetched if it may come later."""


class Source(NamedTuple):
    """One source, as this deployment names it."""

    name: str  # ea, nws, cap, cap:ireland
    address: str
    further: tuple[str, ...] = ()  # other hosts that its index may link to
    covers: tuple[str, ...] = ()  # codes of territories, or GeoJSON files: only there does its silence mean something
    site: str = ""  # the issuer's page for people

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]

    @property
    def fixed(self) -> SourceKind:
        return kind_of(self.name)

    @property
    def is_snapshot(self) -> bool:
        """Return whether its answer holds all that it has in force, so that a warning absent from it is over."""
        return self.fixed.is_snapshot

    @property
    def website(self) -> str:
        """Return the issuer's page: from the setting, else the front page of the feed's host; empty without one."""
        parts = urlsplit(self.address)
        host = f"{parts.scheme}://{parts.netloc}/" if self.kind == "cap" and parts.hostname else ""
        return self.site or self.fixed.website or host

    @property
    def zone(self) -> str:
        """Return the time zone of its whole coverage; empty if there are several."""
        if self.fixed.zone:
            return self.fixed.zone
        from app.gazetteer.territories import territories  # here: few warnings need it

        country_zones = [territories()[code].zones for code in self.covers if code in territories()]
        names = {zone.name for zones in country_zones for zone in zones}
        return names.pop() if len(names) == 1 else ""

    @property
    def reader(self) -> Reader:
        return cast(Reader, import_module(self.fixed.reader))

    @property
    def outlines(self) -> OutlineReader | None:
        """Return the reader of outlines; None if messages always have their own."""
        return cast(OutlineReader, import_module(self.fixed.outlines)) if self.fixed.outlines else None

    def fetcher(self, *, contact: str) -> "Fetcher":
        """Open a client for its hosts; `contact` tells the issuer how to reach us."""
        from app.warnings.sources.http_client import Fetcher  # imported here because the web function asks no source

        return Fetcher(self.address, contact=contact, further=self.further)


def kind_of(name: str) -> SourceKind:
    """Return what is fixed about a source named `ea` or `cap:ireland`; nothing about one that this release lacks."""
    return KINDS.get(name.partition(":")[0], SourceKind())


@cache
def read_sources(setting: str) -> Mapping[str, Source]:
    """Parse FLOOD_SOURCES, in its order; raises BadSettings with every mistake at once.

    `default`, `ea,nws`, `none` or, with addresses,
    `ea=http://127.0.0.1:8080,cap=https://host/feed.atom,cap:ireland=https://host/ie.rss`.

    Options of a feed follow its address, separated by blanks: other hosts that its index links to, its coverage, and
    the issuer's page for people: `cap:canada=https://index.example/feed.atom https://documents.example covers:CA
    site:https://weather.example/`.
    """
    if setting.strip().casefold() == NONE:
        return {}
    sources: dict[str, Source] = {}
    mistakes = []
    parts = [part.strip() for part in setting.split(",")]
    entries = [entry for part in parts for entry in (DEFAULT_NAMES if part == DEFAULT else [part]) if entry]
    for entry in entries:
        source, wrong = _read_entry(entry)
        again = [f"names {source.name!r} twice"] if source.name in sources else []
        mistakes += [f"FLOOD_SOURCES {mistake}." for mistake in again or wrong]
        sources[source.name] = source
    if mistakes:
        raise BadSettings("The environment is not right:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes))
    return sources


def asked_sources() -> Mapping[str, Source]:
    """Return the sources that this deployment asks now: those configured, without the ones that staff turned off."""
    off = current.current().sources_off
    configured = read_sources(settings().sources)
    return {name: source for name, source in configured.items() if name not in off} if off else configured


def source_named(name: str, setting: str) -> Source:
    """Return a source as this deployment names it, or with defaults, for example one that was read from a file."""
    return read_sources(setting).get(name) or Source(name, kind_of(name).address, covers=kind_of(name).covers)


def _read_entry(entry: str) -> tuple[Source, list[str]]:
    """Parse one source; also return all its mistakes."""
    name, _, rest = (part.strip() for part in entry.partition("="))
    words = rest.split()
    options = [word.partition(":")[::2] for word in words if word.partition(":")[0] in _OPTIONS]
    address, *further = [word for word in words if word.partition(":")[0] not in _OPTIONS] or [""]
    covers = tuple(cover for key, value in options if key == "covers" for cover in value.split("+"))
    site = next((value for key, value in options if key == "site"), "")
    wrong = [mistake] if (mistake := _mistake(name, [address, *further])) else []
    if options and kind_of(name).covers:
        wrong.append(f"says of {name} where it speaks or its page; only feeds say so")
    wrong += [f"says that {name} covers {mistake}" for cover in covers if (mistake := _mistake_in_coverage(cover))]
    wrong += [
        f"gives {name} a site that is no https address"
        for key, value in options
        if key == "site" and not _is_page(value)
    ]
    fixed = kind_of(name)
    return Source(name, address or fixed.address, tuple(further), covers or fixed.covers, site), wrong


def _mistake_in_coverage(name_or_file: str) -> str:
    from app.warnings.sources import coverage  # imported here because most deployments name no coverage

    return coverage.mistake_in(name_or_file)


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and bool(parts.hostname)


def _mistake(name: str, addresses: list[str]) -> str:
    kind, colon, own = name.partition(":")
    if kind not in READABLE:
        return f"names {name!r}, which is none of {', '.join(READABLE)}"
    if colon and (kind != "cap" or not re.fullmatch(_NAME, own)):
        return f"names {name!r}; only feeds have names, such as cap:ireland (a-z, 0-9, -)"
    if kind == "cap" and not addresses[0]:
        return f"gives no address for {name} (cap=https://host/feed.atom)"
    if not any(addresses):
        return ""
    from app.warnings.sources.http_client import mistake_in  # see `fetcher`; most deployments name no address

    wrong = next(filter(None, (mistake_in(address) for address in addresses if address)), "")
    return f"gives {name} an address that {wrong}" if wrong else ""
