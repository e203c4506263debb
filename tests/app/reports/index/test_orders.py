"""Lists by time, distance and severity against brute force: order, claims of completeness, ends and costs."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.rig.many_reports import RANKS, Loaded, Page, Told, pages, scattered

MIDDLE = (51.5, -0.12)
FLOOD = [
    *scattered(800, around=MIDDLE, spread=0.004, seed=1),  # more in one cell than a page may read
    *scattered(250, around=MIDDLE, spread=0.05, seed=2),
    *scattered(130, around=(52.2, 0.1), spread=0.02, seed=3),
    *scattered(40, around=(54.9, -2.9), spread=0.3, seed=4),
]
CIRCLES = [(51.5, -0.12, 5), (51.52, -0.06, 1.5), (51.45, -0.2, 60), (54.9, -2.9, 100), (10, 10, 50)]
FIRST_PAGE_UNITS, FIRST_PAGE_CALLS, FIRST_PAGE_ROUNDS, PAGE_UNITS = 15, 10, 3, 20
LIMIT = 80
_made: dict[bool, Loaded] = {}


@pytest.fixture(params=[True, False], ids=["documents", "no consumer"])
def database(tables: None, noon: Any, request: pytest.FixtureRequest) -> Iterator[Loaded]:
    if request.param not in _made:  # no test here writes
        _made[request.param] = Loaded(FLOOD, has_documents=request.param)
    with _made[request.param].open() as opened:
        yield opened


def by_time(told: Told, circle: Any) -> tuple[Any, ...]:
    return -told.created_ms, told.id


def by_distance(told: Told, circle: Any) -> tuple[Any, ...]:
    return round(told.km_from(*circle[:2]) * 1e6), -told.created_ms


def by_severity(told: Told, circle: Any) -> tuple[Any, ...]:
    return -RANKS.index(told.severity), -told.created_ms


ORDERS: dict[str, Callable[[Told, Any], tuple[Any, ...]]] = {
    "newest": by_time,
    "distance": by_distance,
    "severity": by_severity,
}


def is_covered(told: Told, body: dict[str, Any], sort: str, circle: Any) -> bool:
    """Whether the page says that this report is on it or on an earlier page."""
    end = body["complete_to"]
    if sort == "distance":
        return told.km_from(*circle[:2]) <= end
    is_since = told.created_ms >= dt.datetime.fromisoformat(end).timestamp() * 1000
    if sort == "newest":
        return is_since
    rank, stops_at = RANKS.index(told.severity), RANKS.index(body["complete_to_severity"])
    return rank > stops_at or rank == stops_at and is_since


def ids(found: list[Page]) -> list[str]:
    return [item["id"] for page in found for item in page.body["items"]]


@pytest.mark.parametrize("sort", ORDERS)
def test_every_order_pages_to_its_end_and_says_how_far_a_short_page_is_whole(
    client: FlaskClient, database: Loaded, sort: str
) -> None:
    for circle in CIRCLES:
        lat, lon, radius_km = circle
        found = pages(
            client, database, f"/v1/reports?lat={lat}&lon={lon}&radius_km={radius_km}&sort={sort}&limit={LIMIT}"
        )
        inside = [told for told in FLOOD if told.km_from(lat, lon) <= radius_km]
        wanted = [told.id for told in sorted(inside, key=lambda told: ORDERS[sort](told, circle))]

        assert sorted(ids(found)) == sorted(wanted), circle
        is_in_order = True
        for number, page in enumerate(found):
            so_far = ids(found[: number + 1])
            if page.body["complete_to"] is None:
                assert len(page.body["items"]) == LIMIT or number == len(found) - 1
            else:
                said = {told.id for told in inside if is_covered(told, page.body, sort, circle)}
                assert said <= set(so_far), (circle, number)
                is_in_order = is_in_order and sort != "distance"
            if is_in_order:
                assert so_far == wanted[: len(so_far)], (circle, number)
        if database.has_documents:
            assert_costs(found, circle)


def assert_costs(found: list[Page], circle: Any) -> None:
    first, *following = found
    if first.body["complete_to"] is None:
        assert first.units <= FIRST_PAGE_UNITS and first.rounds <= FIRST_PAGE_ROUNDS, (circle, first[1:])
        assert first.calls <= FIRST_PAGE_CALLS, (circle, first[1:])
    else:  # it may read on where it would be empty
        assert first.units <= FIRST_PAGE_UNITS + PAGE_UNITS, (circle, first[1:])
    assert max((page.units for page in following), default=0) <= PAGE_UNITS, circle


@pytest.mark.parametrize("database", [True], indirect=True)
@pytest.mark.parametrize("sort", ORDERS)
def test_page_near_a_place_is_full_where_documents_know_it(client: FlaskClient, database: Loaded, sort: str) -> None:
    found = pages(client, database, f"/v1/reports?lat=52.2&lon=0.1&radius_km=9&sort={sort}&limit=50")

    assert [len(page.body["items"]) for page in found] == [50, 50, 30]


@pytest.mark.parametrize(
    "query",
    [
        "sort=distance",
        "sort=distance&bbox=0,0,1,1",
        "sort=best",
        "sort=severity&since=2026-01-01T00:00:00Z",
        "lat=1&lon=1&radius_km=1&sort=distance&status=pending",
    ],
)
def test_order_that_cannot_be_given_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/v1/reports?{query}")

    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "sort")
