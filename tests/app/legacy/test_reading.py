"""The old clients' warnings as they are stored: only what is in force, the worst first, and how old that is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.geo.coordinates import distance_km
from app.geo.repair import circle
from app.legacy.official import MOST, level
from app.warnings.ingest import run
from app.warnings.models import SourceMemory
from app.warnings.sources.message import Act, Answer, Message, Place, Text
from app.warnings.sources.registry import Source, read_sources
from tests.app.legacy.old_clients import decoded, error_of
from tests.configured import settings_of
from tests.moments import NOON

EA: Source = read_sources("ea")["ea"]


@pytest.fixture
def old(client: FlaskClient) -> Iterator[FlaskClient]:
    """A client of a deployment that reads one source."""
    with settings_of(FLOOD_SOURCES="ea"):
        yield client


def message(number: int = 1, *, lat: float = 51.04, lon: float = -2.83, **wanted: Any) -> Message:
    code = f"112WAF{number:04d}"
    place = Place(code, areas=((code, f"Area {number}"),), shape=circle(lat=lat, lon=lon, radius_km=3))
    text = Text("en-GB", "Flood alert", "A headline", "River levels are rising.", "Be prepared.")
    said: dict[str, Any] = {"source_id": code, "event": code, "replaces": (), "act": Act.HOLD, "severity": "moderate"}
    said |= {
        "urgency": "expected",
        "certainty": "likely",
        "texts": (text,),
        "places": (place,),
        "sent_at_ms": NOON * 1000,
    }
    return Message(**(said | wanted))


def take(*messages: Message) -> None:
    """Take in the source's present answer, as the ingest does."""
    run.store_answer(EA, Answer(messages=messages), SourceMemory.of("ea"))


def items_of(client: FlaskClient, path: str = "/flood_warnings") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = decoded(client.get(path))["items"]
    return items


def test_stored_warning_is_told_in_both_shapes(old: FlaskClient, noon: Any) -> None:
    take(message(severity="severe"))

    (told,), (drawn,) = items_of(old), items_of(old, "/simplified_flood_areas")

    assert {name: told[name] for name in ("floodAreaID", "description", "severity", "severityLevel", "timeRaised")} == {
        "floodAreaID": "112WAF0001",
        "description": "Area 1",
        "severity": "Flood alert",
        "severityLevel": 2,
        "timeRaised": "2026-11-21T12:00:00",
    }
    assert told["message"] == "River levels are rising.\nBe prepared."
    assert told["floodArea"]["polygon"] == "/v1/areas/ea-112WAF0001.geojson"
    assert (drawn["description"], drawn["severityLevel"]) == ("Area 1", 2)


@pytest.mark.parametrize(("lat", "lon"), [(51.04, -2.83), (-17.0, 179.99), (64.0, -21.0)])
def test_circle_holds_the_whole_area_and_little_more(old: FlaskClient, lat: float, lon: float) -> None:
    take(message(lat=lat, lon=lon))

    (drawn,) = items_of(old, "/simplified_flood_areas")

    centre_lon, centre_lat = drawn["centroid"]["coordinates"]
    assert distance_km(lat=lat, lon=lon, to_lat=centre_lat, to_lon=centre_lon) < 0.1
    assert 3 <= drawn["centroid"]["radius"] < 3 * 1.5


def test_what_is_over_is_not_told(old: FlaskClient, noon: Any) -> None:
    take(message(1), message(2), message(3, expires_at_ms=NOON * 1000 + clock.HOUR_MS))

    take(message(1), message(3, expires_at_ms=NOON * 1000 + clock.HOUR_MS))
    noon.shift(2 * 3600)

    assert [item["floodAreaID"] for item in items_of(old)] == ["112WAF0001"]


def test_worst_are_told_where_there_are_more_than_can_be(dynoxide_client: FlaskClient) -> None:
    severities = ["extreme", *["minor"] * (MOST + 8)]  # the oldest is the worst
    take(*(message(number, severity=severity, sent_at_ms=number) for number, severity in enumerate(severities)))

    told = items_of(dynoxide_client)

    assert (len(told), told[0]["floodAreaID"], told[0]["severityLevel"]) == (MOST, "112WAF0000", 1)


def test_message_for_many_areas_names_a_few(old: FlaskClient) -> None:
    areas = tuple((f"TXZ{number:03d}", f"County {number}") for number in range(40))
    shape = circle(lat=30, lon=-97, radius_km=90)

    take(message(places=(Place("all", areas=areas, shape=shape),)))

    assert [item["description"] for item in items_of(old)] == ["County 0, County 1, County 2 and 37 more"]


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/flood_warnings", "Failed to fetch data from government API"),
        ("/simplified_flood_areas", "Error processing flood data"),
    ],
)
def test_nothing_known_is_not_an_empty_list(client: FlaskClient, path: str, start: str) -> None:
    never = client.get(path)
    take()
    half = client.get(path)  # two sources are set up; one has said that it has none

    for answer in (never, half):
        assert (answer.status_code, answer.headers["Retry-After"]) == (404, "60")
        assert error_of(answer) == f"{start}: not all sources have answered yet."


def test_what_one_source_says_is_told_while_another_is_silent(client: FlaskClient) -> None:
    take(message())

    said = decoded(client.get("/flood_warnings"))

    assert (len(said["items"]), said["meta"]["stale"]) == (1, True)


@pytest.mark.parametrize("path", ["/flood_warnings", "/simplified_flood_areas"])
def test_no_warnings_are_an_empty_list_with_its_age(old: FlaskClient, noon: Any, path: str) -> None:
    take()

    answer = old.get(path)

    said = decoded(answer)
    assert (answer.status_code, said["items"]) == (200, [])
    assert (said["meta"]["modified"], said["meta"]["stale"]) == ("2026-11-21T12:00:00Z", False)
    assert answer.headers["Deprecation"] == "@1795219200"
    assert answer.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60"


def test_last_good_answer_is_told_with_its_age(old: FlaskClient, noon: Any) -> None:
    take(message())
    noon.shift(3600)

    meta = decoded(old.get("/flood_warnings"))["meta"]

    assert (meta["modified"], meta["stale"]) == ("2026-11-21T12:00:00Z", True)
    assert len(items_of(old)) == 1


def test_recorded_floods_are_told_with_the_agency_s_own_words(old: FlaskClient, shared_data: Path) -> None:
    raw = (shared_data / "ea" / "floods-2015-12-10.json").read_bytes()
    answer = EA.reader.parse(raw, now_ms=clock.now_ms())

    run.store_answer(EA, answer, SourceMemory.of("ea"))

    told = {item["floodAreaID"]: item for item in items_of(old)}
    assert len(told) == 11
    assert {item["severity"].lower() for item in told.values()} <= {
        "flood alert",
        "flood warning",
        "severe flood warning",
    }
    for stored in answer.messages:
        (code, name), *_ = stored.places[0].areas
        assert (told[code]["severityLevel"], told[code]["description"]) == (level(stored.severity), name)
    assert items_of(old, "/simplified_flood_areas") == []  # no outline is stored
