"""The overview of a place, and the part of it that a filter lists: equal to a search for that part alone."""

from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient

from app.core.severity import EVERY, Severity
from app.geo.box_circle import Circle
from app.reports.index.search import ReportQuery, find_active_over_pages
from app.situation import overview
from app.situation.overview import MOST_PAGES, NEWEST
from app.warnings import search
from tests.factories import make_report, tell_consumer
from tests.rig.calls import counted
from tests.warning_making import announce_at, square

pytestmark = pytest.mark.usefixtures("tables", "noon")
HERE = Circle(51.51, -0.12, 5)
WORDS = ("minor", "moderate", "severe", "extreme")


def make_flood(reports: int, warnings: int) -> None:
    tell_consumer([make_report(lat=51.51, lon=-0.12, severity=WORDS[number % 4]) for number in range(reports)])
    for number in range(warnings):
        announce_at(square(), f"event-{number}", severity=WORDS[number % 4])


@pytest.mark.parametrize("circle", [HERE, None])
@pytest.mark.parametrize("reports", [9, 70])
@pytest.mark.parametrize("least", [Severity.MODERATE, Severity.EXTREME])
def test_narrowed_view_is_what_the_filter_finds(
    monkeypatch: pytest.MonkeyPatch, circle: Circle | None, reports: int, least: Severity
) -> None:
    monkeypatch.setattr(overview, "MOST_WARNINGS", 6)
    make_flood(reports, 9)
    severities = least.at_least()
    seen = overview.read_around(circle) if circle else overview.read_everywhere()

    narrowed = overview.narrowed(seen, circle, severities)

    found = find_active_over_pages(ReportQuery(circle, severities, NEWEST), pages=MOST_PAGES)
    assert narrowed.entries == found.entries
    assert narrowed.has_more == (found.next_key is not None)
    assert ids(narrowed.hits) == ids(_warnings(circle, severities))


def _warnings(circle: Circle | None, severities: frozenset[str]) -> Sequence[search.WarningHit]:
    if circle:
        return [one for one in search.find_near(circle) if one.warning.severity in severities]
    return search.find_page(search.WarningQuery(("ea", "nws"), severities, in_force=True, limit=6)).hits


def ids(met: Sequence[search.WarningHit]) -> list[str]:
    return [one.warning.id for one in met]


def test_filter_on_the_first_page_asks_nothing_twice(client: FlaskClient) -> None:
    make_flood(9, 3)
    around = "/?lat=51.51&lon=-0.12"
    client.get(around, headers={"Accept": "text/html"})
    with counted() as plain:
        client.get(around, headers={"Accept": "text/html"})

    with counted() as filtered:
        text = client.get(f"{around}&severity_min=extreme", headers={"Accept": "text/html"}).text

    assert filtered.made == plain.made
    assert text.count('data-kind="report"') == 2


def test_all_severities_are_the_view_itself() -> None:
    make_flood(3, 2)
    seen = overview.read_around(HERE)

    assert overview.narrowed(seen, HERE, EVERY) == seen
