"""FLOOD_SOURCES: which sources a deployment reads."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import settings
from app.core.environment import BadSettings
from app.warnings.sources.default_sources import READABLE
from app.warnings.sources.registry import Source, read_sources, source_named

ROOT = Path(__file__).parents[4]
FEED = "https://alerts.example/cap.atom?region=1"


def test_default_reads_both_known_services_at_their_own_addresses() -> None:
    assert read_sources(settings().sources) == {
        "ea": Source("ea", "https://environment.data.gov.uk/flood-monitoring", covers=("GB-ENG",)),
        "nws": Source("nws", "https://api.weather.gov", covers=("US", "PR", "VI", "GU", "MP", "AS")),
    }


def test_addresses_and_several_feeds_are_taken_in_order() -> None:
    made = read_sources(f" ea=http://127.0.0.1:8080 , cap={FEED},cap:met-eireann={FEED}, ")

    assert list(made) == ["ea", "cap", "cap:met-eireann"]
    assert [source.address for source in made.values()] == ["http://127.0.0.1:8080", FEED, FEED]


def test_default_and_a_feed_may_be_asked_together() -> None:
    assert list(read_sources(f"default,cap={FEED}")) == ["ea", "nws", "cap"]


def test_no_source_is_a_choice_too() -> None:
    assert read_sources("") == {}


def test_every_mistake_is_told_at_once() -> None:
    setting = "ea,ea,usgs,cap,nws=http://api.weather.gov,cap:Ire land=https://x.example,nws:two=https://x.example"

    with pytest.raises(BadSettings) as told:
        read_sources(setting)

    text = str(told.value)
    for part in ("'ea' twice", "'usgs'", "no address for cap", "https://", "'cap:Ire land'", "'nws:two'"):
        assert part in text
    assert text.count("\n") == 6


@pytest.mark.parametrize("name", READABLE)
def test_each_source_has_what_the_room_asks_of_it(name: str) -> None:
    source = read_sources(f"{name}={FEED}")[name]

    assert (source.reader.NAME, source.kind) == (name, name)
    assert source.reader.parse(b"", now_ms=0).is_whole is False
    assert source.outlines is not None
    assert source.outlines.read_outlines(b"").outlines == ()
    with source.fetcher(contact="https://floods.example") as fetcher:
        assert fetcher.address == source.address


def test_naming_the_sources_loads_none_of_them() -> None:
    script = """
import sys
from app.warnings.sources import registry
registry.read_sources("ea,nws")
print([name for name in sys.modules if name.startswith(("app.warnings.sources.nws", "app.geo.polygon", "pyclipper"))])
"""

    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )

    assert ran.stdout.strip() == "[]"


def test_no_source_may_be_asked_and_a_file_of_one_is_still_of_that_source() -> None:
    assert read_sources("none") == read_sources(" None ") == {}

    source = source_named("nws", "none")
    assert (source.address, source.website) == ("https://api.weather.gov", "https://www.weather.gov/")
