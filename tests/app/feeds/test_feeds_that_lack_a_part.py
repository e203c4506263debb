"""A part that is away is said in a feed: its silence would be taken for the end of a flood."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.warnings import kept, last_good
from tests.app.feeds.reading import entries, items
from tests.factories import make_report, tell_consumer
from tests.warning_making import announce, message

NEAR = "lat=51.5&lon=-0.12&radius_km=5"
Away = Callable[..., None]


@pytest.fixture
def away(tables: None) -> Iterator[Away]:
    """`away('"reports"', '"IndexName"')` makes every call fail whose body holds all of these."""
    wanted: list[str] = []

    def fail(model: Any, params: dict[str, Any], **_: Any) -> None:
        body = params["body"].decode() if isinstance(params["body"], bytes) else params["body"]
        if wanted and all(word in body for word in wanted):
            raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    def choose(*words: str) -> None:
        wanted[:] = words
        kept.forget()

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", fail)
    yield choose
    events.unregister("before-call.dynamodb", fail)


@pytest.mark.parametrize(
    ("near", "said"),
    [
        ("lat=48&lon=2&radius_km=5", ["No source of official warnings for this place is connected here"]),
        ("bbox=-3,50,3,52", ["No source of official warnings is connected here for part of this place"]),
        (NEAR, []),
    ],
)
def test_place_of_which_no_source_speaks_has_no_empty_feed(client: FlaskClient, near: str, said: list[str]) -> None:
    announce()

    read = entries(client.get(f"/feeds/warnings.atom?{near}"))

    told = [entry.title for entry in read if entry.id.rpartition("/")[2].startswith("coverage-")]
    assert [title.partition(":")[0] for title in told] == said
    assert [item.title for item in items(client.get(f"/feeds/warnings.rss?{near}")) if "coverage-" in item.guid] == told


@pytest.mark.parametrize("noun", ["reports", "warnings"])
@pytest.mark.parametrize("form", ["atom", "rss", "geojson", "csv"])
def test_feed_of_which_nothing_can_be_read_is_no_empty_feed(
    client: FlaskClient, away: Away, noun: str, form: str
) -> None:
    last_good.forget()
    away("TableName")

    answer = client.get(f"/feeds/{noun}.{form}?{NEAR}")

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"]


def test_feed_of_documents_alone_says_that_the_newest_are_missing(client: FlaskClient, noon: Any, away: Away) -> None:
    report = make_report(title="Only the indexes have this title")
    tell_consumer([report])
    away("IndexName")

    answer = client.get(f"/feeds/reports.atom?{NEAR}")

    notice, *listed = entries(answer)
    assert notice.title == "The newest reports of flooding cannot be read at the moment."
    assert notice.terms == {"state": "missing"} and notice.id.endswith("notices/newest_reports")
    assert [entry.id.rpartition("/")[2] for entry in listed] == [report.id]
    assert "Only the indexes" not in answer.text
    assert answer.headers["X-Missing"] == "newest_reports"
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
    assert items(client.get(f"/feeds/reports.rss?{NEAR}"))[0].guid == notice.id


def test_feed_of_warnings_as_they_were_says_so(client: FlaskClient, noon: Any, away: Away) -> None:
    announce(message("Bath"))
    before = entries(client.get(f"/feeds/warnings.atom?{NEAR}"))
    noon.shift(180)
    away('-warnings"')

    notice, *listed = entries(client.get(f"/feeds/warnings.atom?{NEAR}"))

    assert notice.title == "Official warnings cannot be read at the moment."
    assert notice.updated == clock.rfc3339(clock.now_ms() - 180_000)
    assert listed == before


def test_alerts_of_entries_can_be_read(client: FlaskClient) -> None:
    announce(message("Bath"))
    make_report()

    [warning] = [entry for entry in entries(client.get("/feeds/warnings.atom")) if "warnings/" in entry.id]
    [report] = entries(client.get("/feeds/reports.atom"))

    assert [client.get(href).mimetype for href in warning.alerts] == ["application/cap+xml"]
    assert report.alerts == []  # no responder has checked it
