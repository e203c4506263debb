"""Lists as their callers see them: filters, order, distances, pages, forms, history and deltas."""

import csv
import io
import json

import pytest
from flask.testing import FlaskClient
from pynamodb.connection import Connection

from app.core import clock
from app.geo.coordinates import distance_km
from app.reports.calendar_models import Calendar
from app.reports.models import Report
from tests.factories import make_report

NEAR = "/v1/reports?lat=51.5&lon=-0.12&radius_km=5"
HOUR = clock.HOUR_MS


def ids(client: FlaskClient, address: str, **headers: str) -> list[str]:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def pages(client: FlaskClient, address: str) -> list[str]:
    """The ids of all pages of a list."""
    found = []
    while address:
        page = client.get(address).json
        found += [item["id"] for item in page["items"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    return found


def ago(hours: float) -> int:
    return clock.now_ms() - int(hours * HOUR)


def test_newest_report_comes_first(client: FlaskClient) -> None:
    made = [make_report(created_ms=ago(hours)) for hours in (3, 1, 2)]

    assert ids(client, NEAR) == [made[1].id, made[2].id, made[0].id]


def test_distance_is_great_circle_metres_of_the_place_shown(client: FlaskClient) -> None:
    make_report(lat=51.5123456, lon=-0.1298765, place="home")

    [item] = client.get(NEAR).json["items"]

    away = distance_km(lat=51.5, lon=-0.12, to_lat=item["location"]["lat"], to_lon=item["location"]["lon"])
    assert item["location"] == {"lat": 51.512, "lon": -0.13}
    assert item["distance_m"] == round(away * 1000)


def test_list_without_a_point_has_no_distance(client: FlaskClient) -> None:
    make_report()

    assert "distance_m" not in client.get("/v1/reports?bbox=-1,51,1,52").json["items"][0]


@pytest.mark.parametrize(
    ("least", "count"), [("unknown", 5), ("minor", 4), ("moderate", 3), ("severe", 2), ("extreme", 1)]
)
def test_severity_min_lets_in_that_word_and_worse(client: FlaskClient, least: str, count: int) -> None:
    for word in ("unknown", "minor", "moderate", "severe", "extreme"):
        make_report(severity=word)

    assert len(ids(client, f"{NEAR}&severity_min={least}")) == count


@pytest.mark.parametrize("status", ["rejected", "merged", "withdrawn"])
def test_what_is_not_public_is_in_no_public_list(client: FlaskClient, status: str) -> None:
    make_report(status=status)

    assert ids(client, NEAR) == []
    assert ids(client, f"{NEAR}&since=2026-01-01T00:00:00Z") == []
    assert client.get(f"{NEAR}&status={status}").status_code == 403


def test_responder_lists_what_was_rejected(client: FlaskClient, login_as) -> None:  # type: ignore[no-untyped-def]
    report = make_report(status="rejected")

    assert ids(client, f"{NEAR}&status=rejected", **login_as("responder")) == [report.id]


def test_expired_reports_are_history(client: FlaskClient) -> None:
    report = make_report(created_ms=ago(49))

    assert ids(client, NEAR) == []
    assert ids(client, f"{NEAR}&since=2026-01-01T00:00:00Z") == [report.id]
    assert ids(client, f"{NEAR}&status=pending") == [report.id]


def test_period_takes_in_both_its_ends(client: FlaskClient) -> None:
    made = [make_report(created_ms=at) for at in (1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_000)]
    since, until = clock.rfc3339(1_700_000_001_000), clock.rfc3339(1_700_000_002_000)

    assert ids(client, f"{NEAR}&since={since}") == [made[2].id, made[1].id]
    assert ids(client, f"{NEAR}&until={since}") == [made[1].id, made[0].id]
    assert ids(client, f"{NEAR}&since={since}&until={until}") == [made[2].id, made[1].id]


def test_history_of_many_years_pages_to_its_end(client: FlaskClient) -> None:
    moments = [(year, month) for year in (1953, 1968, 2007, 2014, 2026) for month in (1, 2, 7)]
    made = [make_report(created_ms=clock.midnight_of(f"{year}-{month:02d}-03")) for year, month in moments]

    found = pages(client, f"{NEAR}&since=1900-01-01T00:00:00Z&limit=4")

    assert found == [report.id for report in reversed(made)]


def test_thin_history_is_read_in_few_pages_that_say_how_far_they_are_whole(client: FlaskClient) -> None:
    made = [
        make_report(created_ms=clock.midnight_of(f"2014-{month:02d}-{day:02d}"))
        for month in (1, 2)
        for day in range(1, 16)
    ]
    address, found = f"{NEAR}&since=2014-01-01T00:00:00Z&until=2015-01-01T00:00:00Z", []
    ends = []
    while address:
        page = client.get(address).json
        found += [item["id"] for item in page["items"]]
        ends.append(page["complete_to"])
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        if ends[-1]:
            since = [report.id for report in reversed(made) if clock.rfc3339(report.created_at_ms) >= ends[-1]]
            assert found == since

    assert found == [report.id for report in reversed(made)]
    assert len(ends) <= 4 and ends[-1] is None and ends[:-1] == sorted(set(ends[:-1]), reverse=True)


def test_report_filed_while_paging_neither_doubles_nor_loses_anything(client: FlaskClient) -> None:
    made = [make_report(created_ms=ago(hours)) for hours in (5, 4, 3, 2)]
    first = client.get(f"{NEAR}&limit=2").json
    make_report()

    rest = client.get(f"{NEAR}&limit=2&cursor={first['next_cursor']}").json

    assert [item["id"] for item in first["items"] + rest["items"]] == [report.id for report in reversed(made)]
    assert rest["next_cursor"] is None


def changed_at(report: Report, moment_ms: int, **values: object) -> None:
    """Change a report at a moment of one's choice."""
    for name, value in values.items():
        setattr(report, name, value)
    report.version, report.updated_at_ms = report.version + 1, moment_ms
    report.index(moment_ms, is_change=True)
    Calendar.note(clock.day_of(moment_ms), "changed")
    report.save()


def test_delta_holds_what_is_new_what_changed_and_tombstones(client: FlaskClient) -> None:
    new, changed, gone, still = (make_report(created_ms=ago(hours)) for hours in (0.3, 3, 4, 5))
    changed_at(changed, ago(0.2))
    changed_at(gone, ago(0.1), status="withdrawn")

    items = client.get(f"{NEAR}&updated_since={clock.rfc3339(ago(1))}").json["items"]

    assert [item["id"] for item in items] == [gone.id, changed.id, new.id]
    assert items[0] == {"id": gone.id, "gone": True, "updated_at": clock.rfc3339(clock.minute_of(gone.updated_at_ms))}
    assert still.id not in str(items)


def test_delta_pages_to_its_end_latest_change_first(client: FlaskClient) -> None:
    made = [make_report(created_ms=ago(hours)) for hours in (0.05, 3, 4, 30, 31, 32, 0.45)]
    for number, report in enumerate(made[1:6], start=1):
        changed_at(report, ago(number / 20 + 0.1))

    assert pages(client, f"{NEAR}&updated_since={clock.rfc3339(ago(1))}&limit=2") == [report.id for report in made]


def test_delta_over_days_reaches_what_changed_days_ago(client: FlaskClient) -> None:
    made = [make_report(created_ms=ago(24 * days)) for days in (9, 8, 7)]
    for days, report in zip((1, 2, 3), made, strict=True):
        changed_at(report, ago(24 * days))

    found = pages(client, f"{NEAR}&updated_since={clock.rfc3339(ago(24 * 4))}&limit=1")

    assert found == [report.id for report in made]


def test_delta_page_costs_what_it_returns(dynoxide_client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        changed_at(make_report(created_ms=ago(30)), ago(0.5) + number)
    read = []
    query = Connection.query
    counting = lambda self, *args, **rest: read.append(rest["limit"]) or query(self, *args, **rest)  # noqa: E731
    monkeypatch.setattr(Connection, "query", counting)

    page = dynoxide_client.get(f"{NEAR}&updated_since={clock.rfc3339(ago(1))}&limit=10").json

    assert (len(page["items"]), sum(read) <= 60) == (10, True)


def test_geojson_by_suffix_and_by_accept_is_the_same(client: FlaskClient) -> None:
    report = make_report(lat=51.50001, lon=-0.12002)

    by_suffix = client.get(NEAR.replace("reports?", "reports.geojson?"))
    by_accept = client.get(NEAR, headers={"Accept": "application/geo+json"})

    assert by_suffix.mimetype == by_accept.mimetype == "application/geo+json"
    [feature] = by_suffix.json["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-0.12002, 51.50001]}
    assert feature["id"] == feature["properties"]["id"] == report.id
    assert "Accept" in by_accept.headers["Vary"]


def test_csv_has_a_row_for_each_report_and_no_formulas(client: FlaskClient) -> None:
    titles = ['=HYPERLINK("x")', "+44 20", "-2+3", "@SUM(1)", 'a "quote", a comma', "plain"]
    titles += ["\uff1dSUM(1)", "\uff0b44", "\uff0d2", "\uff20x", "\u200b=1+1", "\u00a0\u2060-3", "\ufe63 4", "\u207a5"]
    for title in titles:
        make_report(title=title)

    rows = list(csv.DictReader(io.StringIO(client.get("/v1/reports.csv").get_data(as_text=True))))

    assert sorted(row["title"].removeprefix("'") for row in rows) == sorted(titles)
    assert {row["title"] for row in rows if not row["title"].startswith("'")} == {'a "quote", a comma', "plain"}
    assert {row["lat"] for row in rows} == {"51.5"}


def test_form_that_is_not_served_is_refused(client: FlaskClient) -> None:
    assert client.get(NEAR, headers={"Accept": "image/png"}).status_code == 406


def test_every_page_links_to_the_next_with_its_filters(client: FlaskClient) -> None:
    for _ in range(3):
        make_report(severity="severe")

    page = client.get(f"{NEAR}&severity_min=severe&limit=2")

    [following] = [link["href"] for link in page.json["links"] if link["rel"] == "next"]
    [delta] = [link["href"] for link in page.json["links"] if link["rel"] == "next-delta"]
    assert page.headers["Link"] == f'<{following}>; rel="next", <{delta}>; rel="next-delta"'
    assert "severity_min=severe" in following
    assert len(ids(client, following)) == 1


@pytest.mark.parametrize("other", ["severity_min=minor", "radius_km=6"])
def test_cursor_serves_only_the_list_it_came_from(client: FlaskClient, other: str) -> None:
    for _ in range(2):
        make_report()
    cursor = client.get(f"{NEAR}&limit=1").json["next_cursor"]
    name = other.partition("=")[0]
    address = "&".join(part for part in NEAR.split("&") if not part.startswith(name))

    bent = client.get(f"{address}&{other}&limit=1&cursor={cursor}")

    assert bent.status_code == 422
    assert bent.json["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("bbox=1,2,3", ["bbox"]),
        ("bbox=1,2,3,4,5", ["bbox"]),
        ("bbox=0,52,1,51", ["bbox"]),
        ("bbox=-181,0,0,1", ["bbox"]),
        ("bbox=nan,0,1,1", ["bbox"]),
        ("lat=51", ["lon", "radius_km"]),
        ("lat=91&lon=181&radius_km=101", ["lat", "lon", "radius_km"]),
        ("lat=1&lon=1&radius_km=1&bbox=1,2,3,4", ["bbox"]),
        ("lat=inf&lon=1&radius_km=-1", ["lat", "radius_km"]),
        ("limit=0&severity_min=bad&foo=1", ["foo", "limit", "severity_min"]),
        ("since=2026-01-05T10:00:00", ["since"]),
        ("since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", ["until"]),
        ("updated_since=2026-02-01T00:00:00Z&since=2026-01-01T00:00:00Z", ["updated_since"]),
        ("limit=5&limit=6", ["limit"]),
    ],
)
def test_each_mistake_in_a_query_is_named(client: FlaskClient, query: str, parameters: list[str]) -> None:
    answer = client.get(f"/v1/reports?{query}")

    assert answer.status_code == 422
    assert sorted(mistake["parameter"] for mistake in answer.json["errors"]) == parameters


def test_radius_zero_finds_what_lies_exactly_there(client: FlaskClient) -> None:
    report = make_report(lat=51.5, lon=-0.12)
    make_report(lat=51.50001, lon=-0.12)

    assert ids(client, "/v1/reports?lat=51.5&lon=-0.12&radius_km=0") == [report.id]


@pytest.mark.parametrize("place", [(90, 0), (-90, 180), (0, 180), (0, -180), (0, 0), (85.06, 7), (-85.06, 7)])
def test_the_edges_of_the_world_are_in_their_own_lists(client: FlaskClient, place: tuple[float, float]) -> None:
    lat, lon = place
    report = make_report(lat=lat, lon=lon)

    assert ids(client, f"/v1/reports?lat={lat}&lon={lon}&radius_km=0.1") == [report.id]
    assert ids(client, f"/v1/reports?lat={lat}&lon={-lon}&radius_km=0.1") == (
        [report.id] if lon in (0, 180, -180) or abs(lat) == 90 else []
    )
    assert ids(client, f"/v1/reports?bbox={lon},{lat},{lon},{lat}") == [report.id]
    assert ids(client, "/v1/reports?bbox=-180,-90,180,90") == [report.id]


def test_public_list_says_nothing_of_who_reported(client: FlaskClient, login_as) -> None:  # type: ignore[no-untyped-def]
    body = {"location": {"lat": 51.50041, "lon": -0.12041}, "severity": "severe"}
    client.post("/v1/reports", json=body, headers=login_as() | {"Idempotency-Key": "a-key-of-mine-and-no-other"})

    text = json.dumps(client.get(NEAR).json)

    assert "acc_" not in text
    assert "51.50041" not in text
    assert "0.12041" not in text
