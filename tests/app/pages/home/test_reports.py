"""All reports of a place: numbered in the sentence, in clusters for the map, and each in a list that goes on."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.core import clock
from app.reports.index import whole_cells
from app.reports.index.models import TileDocument
from app.situation import overview
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.app.pages.home.test_page import LONDON, entries, figures, lead, page
from tests.factories import make_report, tell_consumer
from tests.rig.many_reports import Loaded, scattered

pytestmark = pytest.mark.usefixtures("tables", "noon")
NEAR = "?place=London&lat=51.5&lon=-0.12&radius_km=5"


def clusters(text: str) -> list[dict[str, Any]]:
    [top] = [one for one in markup.read(text) if one.attributes.get("id") == "now-top"]
    return list(json.loads(top.attributes.get("data-clusters") or "[]"))


def links(text: str, ending: str = "") -> list[str]:
    found = [one.attributes.get("href", "") for one in markup.named(text, "a") if one.attributes.get("rel") == "next"]
    return [href for href in found if "reports" in href and href.endswith(ending)]


@pytest.mark.parametrize("query", [NEAR, "", "?place=London&lat=51.5&lon=-0.12&radius_km=50"])
def test_sentence_tells_about_as_many_reports_as_the_clusters(client: FlaskClient, query: str) -> None:
    with Loaded(scattered(1234, around=(51.5, -0.12), spread=0.012, seed=2)).open():
        text = page(client, query)

    number = sum(cluster["count"] for cluster in clusters(text))
    assert number == pytest.approx(1234, rel=0.05)
    assert f"About {number} reports of flooding, the newest" in lead(text)
    assert not query or f"about {number} Reports" in figures(text)
    assert len(entries(text, "report")) == 50


def test_list_that_holds_all_needs_no_clusters(client: FlaskClient) -> None:
    tell_consumer([make_report() for _ in range(50)])

    text = page(client, NEAR)

    assert clusters(text) == []
    assert "50 reports of flooding" in lead(text)
    assert "bout" not in lead(text)
    assert links(text) == []


def test_clusters_are_those_of_the_chosen_severities(client: FlaskClient) -> None:
    tell_consumer([make_report(severity="severe" if number % 2 else "minor") for number in range(120)])

    text = page(client, f"{NEAR}&severity_min=severe")

    assert [(cluster["count"], cluster["severity"]) for cluster in clusters(text)] == [(60, "severe")]
    assert "About 120 reports" in lead(text)


@pytest.mark.parametrize("way", ["newest", "nearest", "gravest"])
@pytest.mark.parametrize("place", ["lat=51.5&lon=-0.12&radius_km=5", "bbox=-0.2,51.4,0,51.6"])
def test_each_report_is_listed_once_down_to_the_last_page(client: FlaskClient, way: str, place: str) -> None:
    reports = scattered(333, around=(51.5, -0.12), spread=0.008, seed=4)
    met = list[str]()
    with Loaded(reports).open():
        address = f"/reports?{place}&sort={way}"
        while address:
            answer = client.get(address, headers={"Accept": HTML})
            assert answer.status_code == 200
            met += [one.attributes["data-id"] for one in entries(answer.text, "report")]
            address = next(iter(links(answer.text)), "")

    assert sorted(met) == sorted(report.id for report in reports)


def distances(text: str) -> list[float]:
    """In kilometres, as the list tells them."""
    told = [one.words() for one in markup.named(text, "span") if one.attributes.get("class") == "distance"]
    return [float(words.split()[0]) / (1000 if words.endswith(" m") else 1) for words in told]


@pytest.mark.parametrize(("number", "is_whole"), [(120, True), (1500, False)])
def test_nearest_first_says_where_their_order_is_not_known(client: FlaskClient, number: int, is_whole: bool) -> None:
    with Loaded(scattered(number, around=(51.5, -0.12), spread=0.004, seed=6)).open():
        text = client.get("/reports?lat=51.5&lon=-0.12&radius_km=5&sort=nearest", headers={"Accept": HTML}).text

    assert distances(text) == sorted(distances(text)) != []
    assert ("not all can be put in order" not in text) == is_whole


def test_list_goes_on_where_the_first_page_ends(client: FlaskClient) -> None:
    made = [make_report(created_ms=clock.now_ms() - number * 1000) for number in range(70)]
    tell_consumer(made)

    first = page(client, NEAR)
    [following] = links(first)
    rest = client.get(following, headers={"Accept": HTML}).text

    ids = [[one.attributes["data-id"] for one in entries(text, "report")] for text in (first, rest)]
    assert ids == [[report.id for report in made[:50]], [report.id for report in made[50:]]]
    assert links(rest) == []


def test_last_hours_are_listed_and_the_sentence_leaves_nothing_out(client: FlaskClient) -> None:
    tell_consumer([make_report(created_ms=clock.now_ms() - number * clock.HOUR_MS) for number in range(10)])

    shown = [len(entries(page(client, f"{NEAR}&hours={hours}"), "report")) for hours in ("1", "6", "24", "7", "x", "")]
    text = page(client, f"{NEAR}&hours=6")

    assert shown == [2, 7, 10, 10, 10, 10]
    assert "10 reports of flooding" in lead(text)


def test_no_report_in_the_last_hour_is_no_claim_that_there_is_none(client: FlaskClient) -> None:
    tell_consumer([make_report(created_ms=clock.now_ms() - 2 * clock.HOUR_MS)])

    text = page(client, f"{NEAR}&hours=1")

    assert "There is no report of flooding like that here; there are others." in text


@pytest.mark.parametrize(
    ("depths", "said"),
    [
        ([46, 120, 45, None], "2 reports of water above the knee within 1 km."),
        ([90], "1 report of water above the knee within 1 km."),
        ([45, 10, None], None),
    ],
)
def test_deep_water_near_by_is_told_as_reports(client: FlaskClient, depths: list[int | None], said: str | None) -> None:
    for depth_cm in depths:
        make_report(lat=51.505, depth_cm=depth_cm)
    make_report(lat=51.52, depth_cm=200)  # two kilometres away
    make_report(lat=51.505, depth_cm=200, condition="receded")
    make_report(lat=51.505, depth_cm=200, place="area")

    assert said in page(client) if said else "above the knee" not in page(client)


def test_deep_water_among_more_reports_than_are_read_is_at_least_so_many(client: FlaskClient) -> None:
    tell_consumer([make_report(depth_cm=100) for _ in range(60)])

    assert "At least 50 reports of water above the knee within 1 km." in page(client, LONDON)


@pytest.mark.parametrize(
    "bbox", ["", "1,2,3", "a,b,c,d", "nan,nan,nan,nan", "0,60,1,50", "0,0,inf,1", "-200,1,2,3", "1" * 500]
)
def test_unreadable_box_counts_as_absent(client: FlaskClient, bbox: str) -> None:
    tell_consumer([make_report()])

    told = client.get("/clusters", query_string={"bbox": bbox})
    listed = client.get("/reports", query_string={"bbox": bbox}, headers={"Accept": HTML})

    assert [cluster["count"] for cluster in told.get_json()["clusters"]] == [1]
    assert len(entries(listed.text, "report")) == 1


def test_clusters_of_a_part_of_the_map(client: FlaskClient) -> None:
    tell_consumer([make_report(severity="severe"), make_report(lat=51.6), make_report(lat=10.0, lon=10.0)])

    told = client.get("/clusters?bbox=-0.2,51.4,0,51.7")

    assert sum(cluster["count"] for cluster in told.get_json()["clusters"]) == 2
    assert told.headers["Cache-Control"].startswith("public, max-age=15")
    assert set(told.get_json()["clusters"][0]) == {"lat", "lon", "count", "severity", "bbox"}


@pytest.mark.parametrize("cursor", ["x", "", "~" * 3000])
def test_bad_cursor_begins_the_list(client: FlaskClient, cursor: str) -> None:
    tell_consumer([make_report()])

    listed = client.get("/reports", query_string={"cursor": cursor}, headers={"Accept": HTML})

    assert len(entries(listed.text, "report")) == 1


def test_empty_list_claims_nothing_of_a_filter(client: FlaskClient) -> None:
    tell_consumer([make_report(severity="minor")])

    asked = "/reports?lat=51.5&lon=-0.12&severity_min=extreme"

    assert "There is no report of flooding like that here." in client.get(asked, headers={"Accept": HTML}).text


def test_rare_report_among_very_many_is_no_absence(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ends somewhere: what was not looked through is not said to be empty."""
    monkeypatch.setattr(overview, "MOST_PAGES", 1)
    reports = [told._replace(severity="minor") for told in scattered(3000, around=(51.5, -0.12), spread=0.004, seed=8)]
    oldest = min(reports, key=lambda told: told.created_ms)
    reports[reports.index(oldest)] = oldest._replace(severity="moderate")
    with Loaded(reports, has_documents=False).open():
        text = page(client, f"{NEAR}&severity_min=moderate")

    assert entries(text, "report") == []
    assert "There is no report of flooding like that here" not in text
    assert "Not all reports of flooding could be looked through." in text
    assert links(text) != []


def test_number_of_a_crowded_cell_is_at_least_what_was_counted(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_cells, "MOST_COUNTED", 60)
    with Loaded(scattered(150, around=(51.5, -0.12), spread=0.001, seed=9)).open():
        text = page(client, NEAR)

    number = sum(cluster["count"] for cluster in clusters(text))
    assert number < 150
    assert f"At least {number} reports of flooding" in lead(text)
    assert f"{number}+ Reports" in figures(text)


def test_unknown_number_is_null_and_not_none(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_consumer([make_report() for _ in range(60)])
    monkeypatch.setattr(TileDocument, "read", fail)

    assert client.get("/clusters?bbox=-0.2,51.4,0,51.6").get_json() == {"clusters": None}


def fail(*_: object, **__: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.example")


def test_device_that_knows_only_roughly_where_it_is_has_no_reports_within_a_kilometre(client: FlaskClient) -> None:
    make_report(depth_cm=120)

    assert "above the knee" in page(client, "?lat=51.5&lon=-0.12&accuracy_m=20")
    assert "above the knee" not in page(client, "?lat=51.5&lon=-0.12&accuracy_m=5000")


def test_hours_are_counted_by_nobody_and_the_map_loads_what_is_in_view(client: FlaskClient) -> None:
    tell_consumer([make_report() for _ in range(60)])

    text = page(client, f"{NEAR}&hours=6")

    [top] = [one for one in markup.read(text) if one.attributes.get("id") == "now-top"]
    assert top.attributes["data-clusters"] == "[]"
    assert "The map shows the newest 50, and all others when it is close to a few streets." in text
