"""Status of the database, the map tiles and each source of warnings, for both /status and /status.json."""

import json
from hashlib import sha256
from typing import Any, NamedTuple

from app.core import clock, dynamodb
from app.core.config import VERSION
from app.reports.index.models import ROOT, TileDocument
from app.switches import current
from app.warnings import source_status
from app.warnings.models import SourceStates
from app.warnings.sources.registry import asked_sources

OK, ABSENT, DOWN, OFF = "ok", "absent", "down", "off"
DATABASE, TILES = "database", "map tiles"
CACHE = "public, max-age=0, s-maxage=5"
Fact = dict[str, Any]


class Health(NamedTuple):
    """State of the service at one moment. Reading it never fails."""

    checked_ms: int
    parts: list[Fact]
    sources: list[Fact]
    switches: current.Switches

    @property
    def is_well(self) -> bool:
        """Return whether nothing is known to be broken and every configured source has answered within its time."""
        read_names = asked_sources()
        is_answered = all(fact["state"] != DOWN for fact in (*self.parts, *self.sources))
        return is_answered and not any(fact["stale"] for fact in self.sources if fact["name"] in read_names)

    @property
    def notice(self) -> current.Notice | None:
        """The notice that every page shows at that moment."""
        return self.switches.notice_at(self.checked_ms)

    @property
    def etag(self) -> str:
        """Return a weak ETag, which changes with the states and not with the passing of time."""
        facts = (*self.parts, *self.sources)
        stable_facts = [{name: value for name, value in fact.items() if name != "age_s"} for fact in facts]
        switched = current.members_of(self.switches._replace(notice=self.notice))
        return f'W/"{sha256(json.dumps([VERSION, stable_facts, switched]).encode()).hexdigest()[:16]}"'


def read() -> Health:
    """Read the state of all parts now, with two reads; the switches as this process knows them."""
    now_ms = clock.now_ms()
    return Health(now_ms, parts(now_ms), sources(now_ms), current.current())


def parts(now_ms: int) -> list[Fact]:
    """Return the state of the database and of the map tiles."""
    try:
        root = TileDocument.read([ROOT]).get(ROOT)
    except (*dynamodb.FAILURES, dynamodb.NoDatabase):
        return [{"name": DATABASE, "state": DOWN}, {"name": TILES, "state": DOWN}]
    if root is None:
        return [{"name": DATABASE, "state": OK}, {"name": TILES, "state": ABSENT}]
    age_s = max(0, (now_ms - root.built_at_ms) // 1000)
    tiles = {"name": TILES, "state": OK, "as_of": clock.rfc3339(root.built_at_ms), "age_s": age_s}
    return [{"name": DATABASE, "state": OK}, tiles]


def sources(now_ms: int) -> list[Fact]:
    """Return the state of each source of warnings; all unknown if the database does not answer."""
    try:
        source_states = SourceStates.read().by_name()
    except (*dynamodb.FAILURES, dynamodb.NoDatabase):
        source_states = {}
    return facts_of(source_states, now_ms)


def facts_of(source_states: dict[str, source_status.SourceState], now_ms: int) -> list[Fact]:
    """Return the state of each source as it was read; of one that staff have turned off that it is."""
    off = current.current().sources_off
    facts = source_status.full_status(source_states, now_ms)
    return [fact | {"state": OFF} if fact["name"] in off else fact for fact in facts]
