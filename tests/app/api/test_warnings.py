"""/v1/warnings: what is shown, which filters there are, and that a list is whole while others write."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.warnings.sources.message import Act, Place, Text
from tests.app.api.test_description import check
from tests.factories import count_inside, make_report
from tests.moments import NOON
from tests.rig.calls import cut_off
from tests.warning_making import announce, announce_at, message, place, square

NOON_MS = NOON * 1000
HOUR_MS = 3_600_000
SEVERITIES = ["unknown", "minor", "moderate", "severe", "extreme"]


def page(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/warnings?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    check("WarningPage", found)
    return found


def events(client: FlaskClient, **query: Any) -> list[str]:
    """Of which events the listed warnings tell, in order."""
    return [item["headline"].removeprefix("Flood warning for ") for item in page(client, **query)["items"]]


def all_ids(client: FlaskClient, path: str) -> list[str]:
    """The ids of every page, by the links."""
    ids: list[str] = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        ids += [item["id"] for item in answer.json["items"]]
        path = next((link["href"] for link in answer.json["links"] if link["rel"] == "next"), "")
    return ids


def test_warning_is_shown_with_all_that_its_issuer_says(at_noon: FlaskClient) -> None:
    texts = (Text("en", "Flood Warning", "High", "Water.", "Leave."), Text("cy", "Rhybudd", description="Dŵr."))
    ends, expires = NOON_MS + 2 * HOUR_MS, NOON_MS + HOUR_MS
    announce(
        message(
            "E1",
            places=(place("A1", square()),),
            texts=texts,
            onset_at_ms=NOON_MS - 1,
            ends_at_ms=ends,
            expires_at_ms=expires,
        )
    )
    make_report(lat=51.5, lon=-0.1)
    count_inside()

    (shown,) = page(at_noon)["items"]

    alone = at_noon.get(shown["links"]["self"]).json
    assert [source["name"] for source in alone.pop("sources")] == ["ea"]
    assert alone == shown
    check("Warning", shown)
    assert (shown["label"], shown["language"], shown["instruction"]) == ("Flood Warning", "en", "Leave.")
    assert [text["description"] for text in shown["other_languages"]] == ["Dŵr."]
    assert shown["areas"] == [{"id": "ea-A1", "name": "River at A1"}]
    assert (shown["reports_active"], shown["reports_active_as_of"]) == (1, "2026-11-21T11:59:50Z")
    assert (shown["geometry_status"], shown["geometry_reason"], shown["in_force"]) == ("exact", None, True)
    assert (shown["ends_at"], shown["expires_at"]) == ("2026-11-21T14:00:00Z", "2026-11-21T13:00:00Z")
    assert (shown["plain"]["rank"], shown["ended_at"]) == ("act now", None)


def test_message_that_expires_leaves_the_hazard_in_force(at_noon: FlaskClient, noon: Any) -> None:
    announce(message("E1", ends_at_ms=NOON_MS + 2 * HOUR_MS, expires_at_ms=NOON_MS + HOUR_MS))
    announce(message("E2", expires_at_ms=NOON_MS + HOUR_MS), source="nws")
    noon.shift(timedelta(minutes=90))

    assert (events(at_noon, in_force="true"), events(at_noon, in_force="false")) == (["E1"], ["E2"])
    noon.shift(timedelta(hours=1))
    (first, _) = sorted(page(at_noon)["items"], key=lambda item: item["source"])
    assert (first["in_force"], first["ended_at"], first["plain"]["rank"]) == (
        False,
        "2026-11-21T14:00:00Z",
        "over: its time has passed",
    )


def test_ended_warning_is_shown_for_a_day(at_noon: FlaskClient, noon: Any) -> None:
    announce(message("E1"))
    announce(), announce()  # one empty answer alone is not believed

    (shown,) = page(at_noon)["items"]
    assert (shown["in_force"], shown["ended_at"]) == (False, "2026-11-21T12:00:00Z")
    noon.shift(timedelta(hours=24))
    assert (page(at_noon)["items"], at_noon.get(shown["links"]["self"]).status_code) == ([], 404)


def test_area_of_a_message_is_an_item_of_its_own(at_noon: FlaskClient) -> None:
    announce(message("E1", places=tuple(place(f"A{n}", square(n)) for n in range(35))))

    assert (len(page(at_noon, limit=100)["items"]), len(set(all_ids(at_noon, "/v1/warnings?limit=10")))) == (35, 35)


@pytest.mark.parametrize("least", SEVERITIES)
def test_least_severity_filters(at_noon: FlaskClient, least: str) -> None:
    announce(*(message(severity, severity=severity) for severity in SEVERITIES))

    assert set(events(at_noon, severity_min=least)) == set(SEVERITIES[SEVERITIES.index(least) :])


def test_source_and_time_and_place_filter(at_noon: FlaskClient) -> None:
    announce(message("old", sent_at_ms=NOON_MS - HOUR_MS), message("new", sent_at_ms=NOON_MS))
    announce(message("far", places=(place("A", square(30)),)), source="nws")

    assert events(at_noon, source="nws") == ["far"]
    assert events(at_noon, since="2026-11-21T12:00:00Z", source="ea") == ["new"]
    assert events(at_noon, until="2026-11-21T11:00:00Z") == ["old"]
    assert events(at_noon, bbox="-1,51,0,52") == ["new", "old"]
    assert events(at_noon, lat=51.5, lon=30.1, radius_km=1) == ["far"]
    assert events(at_noon, bbox="-180,-90,180,90", source="ea") == ["new", "old"]


def test_place_tells_the_distance_to_the_outline(at_noon: FlaskClient) -> None:
    announce(message("E1", places=(place("A", square(0, 51)),)))

    away = [page(at_noon, lat=lat, lon=0.1, radius_km=50)["items"][0]["distance_m"] for lat in (51.1, 51.0, 50.9)]

    assert away == [0, 0, 11120]


@pytest.mark.parametrize("query", ["", "&bbox=-180,-90,180,90", "&bbox=-1,51,0,52", "&lat=51.5&lon=-0.1&radius_km=9"])
def test_list_pages_to_its_end_while_others_write(at_noon: FlaskClient, noon: Any, query: str) -> None:
    """Updates have later times, which must not shift the pages of a client that is paging."""
    said = [message(f"E{n}", sent_at_ms=NOON_MS - n % 7 * HOUR_MS) for n in range(15)]
    announce(*said)
    announce(*(message(f"N{n}", sent_at_ms=NOON_MS - n * HOUR_MS) for n in range(7)), source="nws")
    wanted = all_ids(at_noon, f"/v1/warnings?limit=100{query}")
    path, found, runs = f"/v1/warnings?limit=3{query}", list[str](), 0

    while path:
        body = at_noon.get(path).json
        found += [item["id"] for item in body["items"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
        runs, noon_ms = runs + 1, NOON_MS + runs
        noon.shift(1)
        updated = [message(one.event, sent_at_ms=noon_ms) if n % 8 == runs else one for n, one in enumerate(said)]
        announce(*updated[:-1], message(f"later-{runs}", sent_at_ms=noon_ms))

    assert len(wanted) == 22
    assert found == wanted


def test_warning_that_comes_back_after_its_end_is_new_in_the_list(at_noon: FlaskClient, noon: Any) -> None:
    announce(message("E1"), message("E2", sent_at_ms=NOON_MS + 1))
    announce(message("E2", sent_at_ms=NOON_MS + 1))
    announce(message("E1", sent_at_ms=NOON_MS + 2), message("E2", sent_at_ms=NOON_MS + 1))

    assert events(at_noon) == ["E1", "E2"]


def test_cursor_of_another_question_is_refused(at_noon: FlaskClient) -> None:
    announce(message(), message())
    cursor = page(at_noon, limit=1)["next_cursor"]

    assert at_noon.get(f"/v1/warnings?source=ea&cursor={cursor}").status_code in (400, 422)


@pytest.mark.parametrize(
    "query",
    ["in_force=maybe", "source=", "severity_min=bad", "lat=1", "radius_km=101&lat=1&lon=1", "limit=0", "status=x"],
)
def test_wrong_parameter_is_named(at_noon: FlaskClient, query: str) -> None:
    assert at_noon.get(f"/v1/warnings?{query}").status_code == 422


@pytest.mark.parametrize(
    "path",
    ["wrn_", "wrn_a", "rep_a", "sources", "tile%237/63/42", "source%23ea", f"wrn_{'a' * 3000}", "wrn_%00", "wrn_é"],
)
def test_id_that_is_none_is_not_found(at_noon: FlaskClient, path: str) -> None:
    announce(message())

    assert [at_noon.get(f"/v1/warnings/{path}{suffix}").status_code for suffix in ("", ".geojson")] == [404, 404]


def test_geojson_and_csv_tell_the_same_as_json(at_noon: FlaskClient) -> None:
    announce(message("drawn"), message("undrawn", places=(place("A2", zones=("Z1",)),)))
    count_inside()
    items = page(at_noon)["items"]

    collection = at_noon.get("/v1/warnings.geojson")
    table = at_noon.get("/v1/warnings.csv")
    assert table.headers["X-Sources"].startswith("ea; state=ok; age_s=0; stale=false, nws; state=unknown")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    single = at_noon.get(f"{items[0]['links']['self']}.geojson").json

    check("OutlinePage", collection.json)
    assert collection.mimetype == "application/geo+json"
    assert [source["stale"] for source in single.pop("sources")] == [False]
    assert single in collection.json["features"]
    kinds = {one["properties"]["headline"]: (one["geometry"] or {}).get("type") for one in collection.json["features"]}
    assert kinds == {"Flood warning for drawn": "Polygon", "Flood warning for undrawn": None}
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert rows[0]["areas"] == items[0]["areas"][0]["name"]


def test_area_without_a_code_is_shown_with_its_name(at_noon: FlaskClient) -> None:
    announce(message(places=(Place("x", (("", "The lower Severn"),), square()),)), source="cap")

    (shown,) = page(at_noon)["items"]
    (entry,) = at_noon.get("/v1/nearby?lat=51.5&lon=-0.1").json["items"]
    assert shown["areas"] == entry["areas"] == [{"id": None, "name": "The lower Severn"}]
    assert at_noon.get("/flood_warnings").status_code == 200


def test_undrawn_warning_says_why(at_noon: FlaskClient) -> None:
    announce(message(places=(place("A2", zones=("Z1",)),)))

    (shown,) = page(at_noon)["items"]
    assert (shown["geometry_status"], shown["reports_active"]) == ("none", None)
    assert "reports_active" not in page(at_noon)["missing"]
    assert "no outline of this area is stored" in shown["geometry_reason"]
    assert "geojson" not in shown["links"]


def test_empty_list_says_that_nobody_knows(at_noon: FlaskClient, noon: Any) -> None:
    told = page(at_noon, source="cap:nowhere")
    assert told["items"] == []
    assert {one["name"]: (one["state"], one["stale"]) for one in told["sources"]} == dict.fromkeys(
        ["ea", "nws", "cap:nowhere"], ("unknown", True)
    )

    announce(source="ea")
    noon.shift(timedelta(minutes=16))
    (source, *_) = page(at_noon)["sources"]
    assert source == {
        "name": "ea",
        "state": "ok",
        "fetched_at": "2026-11-21T12:00:00Z",
        "age_s": 960,
        "stale": True,
    } | {"website": "https://check-for-flooding.service.gov.uk/"}


def test_etag_holds_until_something_happens(at_noon: FlaskClient, noon: Any) -> None:
    announce_at(square())
    paths = ["/v1/warnings", "/v1/warnings.geojson", "/v1/nearby?lat=51.5&lon=-0.1"]
    etags = {path: at_noon.get(path).headers["ETag"] for path in paths}
    noon.shift(30)

    again = [at_noon.get(path, headers={"If-None-Match": etag}).status_code for path, etag in etags.items()]
    announce_at(square(), "other")
    after = [at_noon.get(path, headers={"If-None-Match": etag}).status_code for path, etag in etags.items()]

    assert (again, after) == ([304] * 3, [200] * 3)


def test_answers_may_be_kept_for_as_long_as_the_contract_says(at_noon: FlaskClient) -> None:
    warning = announce_at(square())
    count_inside()

    for path in ("/v1/warnings", "/v1/warnings.csv", f"/v1/warnings/{warning}", f"/v1/warnings/{warning}.geojson"):
        answer = at_noon.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60, stale-if-error=300"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert at_noon.get("/v1/nearby?lat=1&lon=1").headers["Cache-Control"] == "public, max-age=0, s-maxage=1"


def test_list_shows_no_row_that_a_cut_off_run_has_half_changed(at_noon: FlaskClient) -> None:
    announce(message("E1"))
    with cut_off("PutItem", after=2):
        announce(message("E1", act=Act.END, sent_at_ms=NOON_MS + 1))

    assert events(at_noon, in_force="true", bbox="-1,51,1,52") == []
