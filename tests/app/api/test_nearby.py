"""/v1/nearby: reports and warnings in one answer, exactly those that are there."""

import random
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.core import dynamodb
from app.geo.box_circle import Circle
from app.geo.distance import shape_distance_km
from app.geo.polygon import MultiPolygon
from app.reports.models import Report
from app.warnings.sources.message import Text
from tests.app.api.test_description import check
from tests.factories import count_inside, make_report, tell_consumer
from tests.rig.many_reports import RANKS, Loaded, km_between, scattered
from tests.warning_making import announce, announce_at, message, place, square


def ask(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/nearby?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    check("Nearby", body)
    return body


@pytest.mark.parametrize("has_documents", [True, False])
def test_nearby_is_the_join_of_all_reports_and_warnings(at_noon: FlaskClient, has_documents: bool) -> None:
    chance = random.Random(9)
    reports = [
        make_report(lat=chance.gauss(51.5, 0.2), lon=chance.gauss(-0.1, 0.3), severity="minor") for _ in range(40)
    ]
    squares = [square(chance.gauss(-0.1, 0.5), chance.gauss(51.5, 0.3), side=0.1) for _ in range(25)]
    announce(*(message(f"E{n}", places=(place("A", shape),)) for n, shape in enumerate(squares)))
    if has_documents:
        tell_consumer(reports)

    for _ in range(10):
        circle = Circle(chance.gauss(51.5, 0.2), chance.gauss(-0.1, 0.3), chance.choice([0, 1, 5, 20, 50]))
        items = ask(at_noon, lat=circle.lat, lon=circle.lon, radius_km=circle.radius_km)["items"]
        found = {(item["kind"], item["distance_m"], label_of(item)) for item in items}
        assert found == {*reports_in(circle, reports), *warnings_in(circle, squares)}
        assert [item["distance_m"] for item in items] == sorted(item["distance_m"] for item in items)


def label_of(item: dict[str, Any]) -> str:
    return item["report"]["id"] if item["kind"] == "report" else item["warning"]["headline"].split()[-1]


def reports_in(circle: Circle, reports: list[Report]) -> set[tuple[str, int, str]]:
    """The newest 25 grave ones and the nearest others, 50 in all."""
    away = {report.id: km_between((report.lat, report.lon), (circle.lat, circle.lon)) for report in reports}
    inside = [report for report in reports if away[report.id] <= circle.radius_km]
    newest = sorted(inside, key=lambda report: report.sort, reverse=True)
    grave = [report for report in newest if report.severity in ("severe", "extreme")][:25]
    nearest = sorted((report for report in newest if report not in grave), key=lambda report: away[report.id])
    return {("report", round(away[report.id] * 1000), report.id) for report in (grave + nearest)[:50]}


def warnings_in(circle: Circle, shapes: list[MultiPolygon]) -> set[tuple[str, int, str]]:
    away = {f"E{n}": shape_distance_km(shape, lat=circle.lat, lon=circle.lon) for n, shape in enumerate(shapes)}
    return {("warning", round(km * 1000), event) for event, km in away.items() if km <= circle.radius_km}


def test_copies_of_one_text_over_neighbouring_areas_are_one_entry(at_noon: FlaskClient) -> None:
    text = "Flooding is possible on the Levels."
    said = [
        message(
            f"E{n}",
            severity="moderate",
            texts=(Text("en-GB", "Flood alert", f"Area {n}", text),),
            places=(place(f"A{n}", square(n * 0.01, 51)),),
        )
        for n in range(35)
    ]
    announce(*said, message("graver", texts=said[0].texts, places=(place("B", square(0, 51)),)))
    announce(said[0], source="nws")

    items = ask(at_noon, lat=51.1, lon=0.15, radius_km=50)["items"]

    assert [(item["count"], len(item["areas"])) for item in items] == [(35, 35), (1, 1), (1, 1)]
    assert items[0]["warning"]["areas"] == items[0]["areas"]
    assert {item["warning"]["source"] for item in items} == {"ea", "nws"}
    assert len(at_noon.get("/v1/warnings?source=ea&limit=100").json["items"]) == 36


def test_warnings_without_a_text_are_never_one(at_noon: FlaskClient) -> None:
    bare = (Text("en", "Flood Warning"),)
    announce(*(message(f"E{n}", texts=bare, places=(place(f"A{n}", square()),)) for n in range(3)))

    assert [item["count"] for item in ask(at_noon, lat=51.5, lon=-0.1)["items"]] == [1, 1, 1]


def test_warning_over_the_place_comes_first_and_the_nearest_of_a_group_speaks(at_noon: FlaskClient) -> None:
    report = make_report(lat=51.501, lon=-0.1)
    announce_at(square(0.0, 51.4))
    over = announce_at(square(), source="nws")

    items = ask(at_noon, lat=51.5, lon=-0.1, radius_km=10)["items"]

    assert [item["kind"] for item in items] == ["warning", "report", "warning"]
    assert (items[0]["warning"]["id"], items[0]["distance_m"], items[1]["report"]["id"]) == (over, 0, report.id)


def test_more_than_50_reports_are_cut_and_lead_to_the_list(at_noon: FlaskClient) -> None:
    for _ in range(51):
        make_report(lat=51.5, lon=-0.1)

    body = ask(at_noon, lat=51.5, lon=-0.1, radius_km=1)

    links = {link["rel"]: link["href"] for link in body["links"]}
    assert (len(body["items"]), body["truncated"]) == (50, True)
    assert len(at_noon.get(f"{links['reports']}&limit=100").json["items"]) == 51
    assert at_noon.get(links["warnings"]).status_code == at_noon.get(links["self"]).status_code == 200


def test_radius_is_5_km_unless_said(at_noon: FlaskClient) -> None:
    make_report(lat=51.54, lon=-0.1)
    make_report(lat=51.55, lon=-0.1)

    assert len(ask(at_noon, lat=51.5, lon=-0.1)["items"]) == 1


def test_nothing_nearby_says_whether_anybody_knows(at_noon: FlaskClient) -> None:
    body = ask(at_noon, lat=-89.99, lon=180, radius_km=50)

    assert (body["items"], {one["state"] for one in body["sources"]}) == ([], {"unknown"})


@pytest.mark.parametrize(
    "query", ["", "lat=51", "lat=91&lon=0", "lat=nan&lon=0", "lat=51&lon=0&radius_km=50.1", "lat=51&lon=0&limit=3"]
)
def test_wrong_question_is_refused(at_noon: FlaskClient, query: str) -> None:
    assert at_noon.get(f"/v1/nearby?{query}").status_code == 422


def test_no_way_to_the_database_is_a_503_and_no_empty_answer(
    at_noon: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamodb, "WAIT_S", 0)

    answer = at_noon.get("/v1/nearby?lat=51&lon=0")

    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_grave_reports_come_first_then_the_nearest_of_a_flood(at_noon: FlaskClient) -> None:
    reports = [
        *scattered(150, around=(51.5, -0.1), spread=0.02, seed=4),
        *scattered(80, around=(51.51, -0.12), spread=0.0005, seed=5),
    ]
    with Loaded(reports).open():
        for radius_km in (0.05, 0.5, 1, 2, 5):
            body = ask(at_noon, lat=51.51, lon=-0.12, radius_km=radius_km)
            inside = [told for told in reports if told.km_from(51.51, -0.12) <= radius_km]
            newest = sorted(inside, key=lambda told: -told.created_ms)
            grave = [told.id for told in newest if told.severity in RANKS[3:]][:25]
            nearest = [told.id for told in sorted(newest, key=lambda told: told.km_from(51.51, -0.12))]
            wanted = {*grave, *[report_id for report_id in nearest if report_id not in grave][: 50 - len(grave)]}
            assert {item["report"]["id"] for item in body["items"]} == wanted
            assert (body["truncated"], body["complete_to"]) == (len(inside) > 50, None)
            away = [item["distance_m"] for item in body["items"]]
            assert away == sorted(away)


@pytest.mark.parametrize("has_documents", [True, False])
def test_counts_are_exact_or_say_that_they_are_about(at_noon: FlaskClient, has_documents: bool) -> None:
    reports = [
        *scattered(700, around=(51.5, -0.1), spread=0.004, seed=6),
        *scattered(60, around=(51.6, 0.1), spread=0.01, seed=7),
    ]
    with Loaded(reports, has_documents=has_documents).open():
        for lat, lon, radius_km, has_few in [(51.6, 0.1, 4, True), (51.5, -0.1, 1, False), (51.5, -0.1, 30, False)]:
            counts = ask(at_noon, lat=lat, lon=lon, radius_km=radius_km)["counts"]
            inside = [told for told in reports if told.km_from(lat, lon) <= radius_km]
            by_severity = {word: sum(told.severity == word for told in inside) for word in RANKS}
            assert counts["reports"] == sum(counts["by_severity"].values())
            if counts["is_exact"]:
                assert counts["by_severity"] == by_severity
            elif has_documents:
                assert abs(counts["reports"] - len(inside)) <= len(inside) * 0.25
            assert counts["is_exact"] or not (has_few and has_documents)


def test_more_than_can_be_read_is_said_with_the_radius_that_is_whole(at_noon: FlaskClient) -> None:
    reports = scattered(900, around=(51.5, -0.1), spread=0.002, seed=8)
    with Loaded(reports).open():
        body = ask(at_noon, lat=51.5, lon=-0.18, radius_km=9)

    shown = {item["report"]["id"] for item in body["items"]}
    assert (len(shown), body["truncated"], body["counts"]["is_exact"]) == (50, True, False)
    assert {told.id for told in reports if told.km_from(51.5, -0.18) <= body["complete_to"]} <= shown
    assert 0 < body["complete_to"] < 9


def test_entry_of_several_warnings_counts_the_reports_in_any_of_them(at_noon: FlaskClient) -> None:
    text = (Text("en", "Flood alert", "", "One text.", ""),)
    announce(*(message(f"E{n}", places=(place("A", square(n * 0.2)),), texts=text) for n in range(3)))
    tell_consumer([make_report(lat=51.5, lon=0.1 + n * 0.2) for n in range(3)])
    count_inside()

    (entry,) = [item for item in ask(at_noon, lat=51.5, lon=0.3, radius_km=50)["items"] if item["kind"] == "warning"]

    assert (entry["count"], len(entry["ids"]), entry["warning"]["reports_active"]) == (3, 3, 3)
