"""Default sources: each kind of source that can be read, and all that is fixed about it.

What a deployment chooses among them (`FLOOD_SOURCES`) is parsed in registry.py.
"""

from typing import NamedTuple

from app.core.translations import N_

DEFAULT = "default"  # the setting for every source with an address of its own
DEMO = "demo"  # invented warnings: there is no issuer, so they are never stale


class SourceKind(NamedTuple):
    """One kind of source. Its modules are loaded when it is first read: code that only names sources loads none."""

    reader: str = ""  # module with the functions of `registry.Reader`
    outlines: str = ""  # module with those of `registry.OutlineReader`, if messages name areas without their outlines
    title: str = ""  # for people; a feed has its own name
    address: str = ""  # a feed's is in the setting
    covers: tuple[str, ...] = ()  # territories that it warns in (coverage.py); without, its silence means nothing
    website: str = ""  # the issuer's page for people
    credit: str = ""  # in English, as its licence asks
    # Whether its whole answer is all that it has in force: a warning no longer listed is over, even before its own end.
    # A feed may drop entries at any time, so its messages end only when they say so.
    is_snapshot: bool = False
    zone: str = ""  # time zone of its warnings without an outline


KINDS = {
    "ea": SourceKind(
        reader="app.warnings.sources.ea.floods",
        outlines="app.warnings.sources.ea.areas",
        title=N_("Environment Agency (England)"),
        address="https://environment.data.gov.uk/flood-monitoring",
        covers=("GB-ENG",),
        website="https://check-for-flooding.service.gov.uk/",
        # Asked for at https://environment.data.gov.uk/flood-monitoring/doc/reference (Open Government Licence v3.0).
        credit="This uses Environment Agency flood and river level data from the real-time data API (Beta)",
        is_snapshot=True,
        zone="Europe/London",
    ),
    "nws": SourceKind(
        reader="app.warnings.sources.nws.alerts",
        outlines="app.warnings.sources.nws.zones",
        title=N_("National Weather Service (USA)"),
        address="https://api.weather.gov",
        covers=("US", "PR", "VI", "GU", "MP", "AS"),
        website="https://www.weather.gov/",
        is_snapshot=True,
    ),
    "cap": SourceKind(reader="app.warnings.sources.cap.feed", outlines="app.warnings.sources.cap.areas"),
    DEMO: SourceKind(title=N_("Demonstration, no real warnings")),
}
READABLE = [name for name, kind in KINDS.items() if kind.reader]
DEFAULT_NAMES = [name for name, kind in KINDS.items() if kind.address]
