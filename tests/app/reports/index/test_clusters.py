"""Clusters of all reports in an area, against a count of the reports themselves."""

from collections import Counter

import pytest
from botocore.exceptions import EndpointConnectionError

from app.core import clock
from app.core.severity import Severity
from app.geo.box_circle import Box, Circle
from app.geo.tiles import tile_at
from app.reports.index import clusters
from app.reports.index.clusters import find_clusters, narrowed
from app.reports.index.gravest import find_gravest
from app.reports.index.models import TileDocument
from app.reports.index.nearest import find_nearest
from app.reports.index.search import ReportQuery, find_active
from tests.factories import make_report, tell_consumer
from tests.rig.many_reports import Loaded, scattered

pytestmark = pytest.mark.usefixtures("tables", "noon")
BATH = (51.381, -2.359)
EVERY = Severity.UNKNOWN.at_least()


def numbers(found: list[clusters.Cluster] | None) -> Counter[str]:
    assert found is not None
    return sum((Counter(cluster.by_severity) for cluster in found), Counter())


@pytest.mark.parametrize(("spread", "number"), [(0.002, 1500), (0.05, 1500), (2.0, 400), (8.0, 400)])
def test_clusters_of_everywhere_are_all_reports(spread: float, number: int) -> None:
    reports = scattered(number, around=(40.0, 10.0), spread=spread, seed=3)

    with Loaded(reports).open():
        found = find_clusters(None) or []

    assert numbers(found) == Counter(report.severity for report in reports)
    assert all(cluster.box.contains(lat=cluster.lat, lon=cluster.lon) for cluster in found)


@pytest.mark.parametrize("area", [Circle(*BATH, 1), Circle(*BATH, 5), Circle(*BATH, 50), Box(-2.4, 51.35, -2.3, 51.42)])
def test_clusters_of_an_area_are_about_its_reports(area: Circle | Box) -> None:
    reports = scattered(2000, around=BATH, spread=0.04, seed=5)
    here = [report for report in reports if area.contains(lat=report.lat, lon=report.lon)]

    with Loaded(reports).open():
        found = find_clusters(area) or []

    assert numbers(found).total() == pytest.approx(len(here), rel=0.15)
    assert len(found) >= min(4, len({tile_at(lat=report.lat, lon=report.lon, z=10) for report in here}))


CITIES = {"London": (51.5, -0.12), "Tokyo": (35.68, 139.69), "Sydney": (-33.87, 151.2), "Rio": (-22.9, -43.2)}
FIJI = (-16.85, 179.99), (-16.85, -179.99)


def test_each_part_of_the_world_has_its_own_cluster() -> None:
    tell_consumer([make_report(lat=lat, lon=lon) for lat, lon in (*CITIES.values(), *FIJI) for _ in range(5)])

    found = find_clusters(None) or []

    near = {(round(cluster.lat, 1), round(cluster.lon, 1)): cluster.number for cluster in found}
    assert near == {(round(lat, 1), round(lon, 1)): 5 for lat, lon in (*CITIES.values(), (-16.85, 180), (-16.85, -180))}


def test_reports_in_more_parts_of_the_world_than_are_read_have_no_clusters() -> None:
    tell_consumer([make_report(lat=0.0, lon=-170 + 22.5 * n) for n in range(16)])
    tell_consumer([make_report(lat=50.0, lon=-170 + 22.5 * n) for n in range(16)])

    assert find_clusters(None) is None


def test_area_of_whole_tiles_is_counted_exactly() -> None:
    reports = scattered(800, around=BATH, spread=0.01, seed=7)

    with Loaded(reports).open():
        found = find_clusters(Box(-180, -90, 180, 90))

    assert numbers(found) == Counter(report.severity for report in reports)


def test_what_is_known_is_in_a_cluster_before_the_documents_have_it() -> None:
    tell_consumer([make_report(lat=51.38, lon=-2.36)])
    newer = make_report(lat=51.40, lon=-2.30, severity="extreme")
    elsewhere = make_report(lat=51.38, lon=-2.36)

    found = find_clusters(Circle(*BATH, 10), [newer.entry(), elsewhere.entry()])

    assert numbers(found) == {"moderate": 1, "extreme": 1}  # the document's one may be `elsewhere`


def test_some_severities_are_left() -> None:
    tell_consumer([make_report(severity=word) for word in ("minor", "severe", "severe", "extreme")])

    found = narrowed(find_clusters(None) or [], Severity.SEVERE.at_least())

    assert numbers(found) == {"severe": 2, "extreme": 1}
    assert [cluster.gravest for cluster in found] == ["extreme"]
    assert narrowed(found, frozenset({"minor"})) == []


def test_no_clusters_without_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report()
    assert [cluster.number for cluster in find_clusters(None, [report.entry()]) or []] == [1]

    tell_consumer([report])
    monkeypatch.setattr(TileDocument, "batch_get", fail)

    assert find_clusters(Circle(51.5, -0.12, 5), [report.entry()]) is None
    assert find_clusters(None, [report.entry()]) is None


def test_no_clusters_with_a_document_that_cannot_be_read() -> None:
    tell_consumer([make_report(lat=51.5 + n / 20) for n in range(3)])
    circle = Circle(51.5, -0.12, 20)
    assert numbers(find_clusters(circle)).total() == 3
    [spoilt, *_] = [item for item in TileDocument.scan() if item.tile.startswith("2/10/")]

    spoilt.body = spoilt.body[:-5]
    spoilt.save()

    assert find_clusters(circle) is None


def fail(*_: object, **__: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.example")


@pytest.mark.parametrize("hours", [1, 6, 24])
def test_reports_seen_in_the_last_hours_in_every_order(hours: int) -> None:
    since_ms = clock.now_ms() - hours * clock.HOUR_MS
    made = [
        make_report(
            lat=51.5 + n / 5000, severity=("minor", "severe")[n % 2], created_ms=clock.now_ms() - n * clock.HOUR_MS
        )
        for n in range(30)
    ]
    late = make_report(observed_at_ms=clock.now_ms() - 20 * clock.HOUR_MS)  # filed now, seen long ago
    tell_consumer([*made, late])
    wanted = {report.id for report in (*made, late) if report.observed_at_ms >= since_ms}
    query = ReportQuery(Circle(51.5, -0.12, 50), EVERY, 100, since_ms=since_ms)

    for find in (find_active, find_nearest, find_gravest):
        page = find(query)
        assert {entry.id for entry in page.entries} == wanted
        assert page.next_key is None


def test_short_pages_of_the_last_hour_end_with_it() -> None:
    tell_consumer([make_report(created_ms=clock.now_ms() - n * clock.MINUTE_MS * 10) for n in range(40)])
    query = ReportQuery(None, EVERY, 3, since_ms=clock.now_ms() - clock.HOUR_MS)
    met, before = 0, None
    while (page := find_active(query._replace(before_key=before))).next_key:
        met, before = met + len(page.entries), page.next_key

    assert met + len(page.entries) == 7


def test_reports_filed_shortly_after_what_they_saw_are_not_the_end_of_the_hour() -> None:
    """A phone's clock may be ahead: what was seen may seem to be later than its filing."""
    filed_ms, seen_ms = clock.now_ms() - 62 * clock.MINUTE_MS, clock.now_ms() - 55 * clock.MINUTE_MS
    tell_consumer([make_report(created_ms=filed_ms - n, observed_at_ms=seen_ms) for n in range(60)])
    query = ReportQuery(None, EVERY, 50, since_ms=clock.now_ms() - clock.HOUR_MS)

    first = find_active(query)
    rest = find_active(query._replace(before_key=first.next_key))

    assert (len(first.entries), len(rest.entries), rest.next_key) == (50, 10, None)
