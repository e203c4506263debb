"""Feeds of reports as their readers see them."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.config import settings
from app.warnings.area_models import Area
from tests.app.feeds.reading import ATOM, entries, feed, items, links, root_of, terms_of
from tests.factories import make_report
from tests.rated import decide
from tests.reporting import bearer, filed, mistakes_of
from tests.warning_making import square

NEAR = "lat=51.5&lon=-0.12&radius_km=5"
HOUR = clock.HOUR_MS
FORMS = ("atom", "rss", "geojson", "csv")


def ago(hours: float) -> int:
    return clock.now_ms() - int(hours * HOUR)


def test_atom_lists_what_the_list_lists(client: FlaskClient) -> None:
    made = [make_report(title=f"Road under water {number}") for number in range(3)]

    listed = [item["id"] for item in client.get(f"/v1/reports?{NEAR}").json["items"]]

    read = entries(client.get(f"/feeds/reports.atom?{NEAR}"))
    assert [entry.id.rpartition("/")[2] for entry in read] == listed
    assert {entry.title for entry in read} == {f"Report: {report.title}" for report in made}
    assert {entry.point for entry in read} == {"51.5 -0.12"}
    assert [entry.pages for entry in read] == [[f"/reports/{each}"] for each in listed]


@pytest.mark.parametrize("kind", ["reports", "warnings"])
def test_list_is_a_feed_by_its_suffix_and_by_accept(client: FlaskClient, kind: str) -> None:
    make_report(title="Road under water")
    of_the_feed = client.get(f"/feeds/{kind}.atom?{NEAR}")

    by_suffix = client.get(f"/v1/{kind}.atom?{NEAR}")
    led = client.get(f"/v1/{kind}?{NEAR}", headers={"Accept": "application/atom+xml"})

    assert (led.status_code, led.headers["Location"]) == (307, f"/v1/{kind}.atom?{NEAR}")
    assert "Accept" in led.vary
    assert (by_suffix.status_code, by_suffix.content_type) == (200, of_the_feed.content_type)
    assert entries(by_suffix) == entries(of_the_feed)
    assert root_of(by_suffix).findtext(f"{ATOM}id") == root_of(of_the_feed).findtext(f"{ATOM}id")
    assert links(by_suffix)["self"] == f"/v1/{kind}.atom?{NEAR}"
    mixed = {"Accept": "application/json, application/atom+xml;q=0.9"}
    assert client.get(f"/v1/{kind}?{NEAR}", headers=mixed).content_type == "application/json"


def test_report_is_never_told_as_an_authority_tells(client: FlaskClient) -> None:
    make_report(title=None, severity="extreme", depth_cm=120)

    [entry] = entries(client.get("/feeds/reports.atom"))

    assert entry.title == "Report: Very bad flooding (51.5, -0.12)"
    assert "Water 1.2 m deep" in entry.text
    assert "This is what people report, and no official warning." in entry.text
    assert entry.terms == {"severity": "extreme", "status": "pending", "condition": "flooded"}


def test_rss_has_the_same_entries_under_the_same_names(client: FlaskClient) -> None:
    make_report(title="Bridge closed"), make_report(title="Ford too deep")

    in_atom = entries(client.get("/feeds/reports.atom"))
    in_rss = items(client.get("/feeds/reports.rss"))

    assert [item.guid for item in in_rss] == [entry.id for entry in in_atom]
    assert [item.title for item in in_rss] == [entry.title for entry in in_atom]
    assert [item.point for item in in_rss] == [entry.point for entry in in_atom]
    assert {item.is_permanent for item in in_rss} == {"false"}
    assert all(parsedate_to_datetime(item.published).tzinfo for item in in_rss)


def test_pages_of_a_feed_are_linked_and_have_one_name(client: FlaskClient) -> None:
    made = {make_report().id for _ in range(3)}

    first = client.get(f"/feeds/reports.atom?{NEAR}&limit=2")
    second = client.get(links(first)["next"])

    assert {entry.id.rpartition("/")[2] for entry in entries(first) + entries(second)} == made
    assert "next" not in links(second)
    assert feed(first).id == feed(second).id
    assert f'<{links(first)["next"]}>; rel="next"' == first.headers["Link"]


@pytest.mark.parametrize("form", FORMS)
def test_unchanged_feed_is_not_sent_again(client: FlaskClient, form: str) -> None:
    make_report()
    address = f"/feeds/reports.{form}?{NEAR}"
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    make_report()
    changed = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data, changed.status_code) == (304, b"", 200)
    assert first.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=15"
    assert first.headers["Access-Control-Allow-Origin"] == "*"


def test_validator_lasts_longer_than_a_cursor(client: FlaskClient, noon: Any) -> None:
    make_report(), make_report()
    tag = client.get("/feeds/reports.atom?limit=1").headers["ETag"]

    noon.shift(3600)

    assert client.get("/feeds/reports.atom?limit=1", headers={"If-None-Match": tag}).status_code == 304


def test_name_of_an_entry_outlives_its_content(client: FlaskClient) -> None:
    made = filed(client, title="Water on the road")
    before = entries(client.get("/feeds/reports.atom"))[0]

    client.patch(
        f"/v1/reports/{made['id']}",
        json={"title": "Water in the house"},
        headers=bearer(made["edit_token"]) | {"If-Match": "*"},
    )

    after = entries(client.get("/feeds/reports.atom"))[0]
    assert after.id == before.id == f"tag:floodmanager-test.invalid,2026:reports/{made['id']}"
    assert (after.title, after.updated >= before.updated) == ("Report: Water in the house", True)


def test_report_whose_time_has_passed_stays_for_a_day_and_says_so(client: FlaskClient, noon: Any) -> None:
    report = make_report(title="Ford too deep", created_ms=ago(47))
    noon.shift(2 * 3600)

    [entry] = entries(client.get(f"/feeds/reports.atom?{NEAR}"))
    noon.shift(24 * 3600)

    assert entry.id.endswith(report.id)
    assert entry.terms["state"] == "ended"
    assert entry.title == "Over: Report: Ford too deep"
    assert entry.text.startswith("It has ended: ")
    assert entry.updated == clock.rfc3339(int(report.expires_at_ms))
    assert entries(client.get(f"/feeds/reports.atom?{NEAR}")) == []


@pytest.mark.parametrize(("place", "reach"), [("public", 50), ("home", 130), ("area", 1050)])
def test_place_is_said_no_finer_than_it_is_known(client: FlaskClient, place: str, reach: int) -> None:
    filed(client, place=place, radius_m=50)

    [entry] = entries(client.get("/feeds/reports.atom"))

    assert f", within {reach} m." in entry.text


def test_report_that_a_responder_has_checked_leads_to_its_alert(client: FlaskClient, noon: Any) -> None:
    made = filed(client)
    decide(client, made["id"], decision="verified", reason="seen_by_staff")

    [entry] = entries(client.get("/feeds/reports.atom"))

    assert entry.terms["status"] == "verified"
    assert [client.get(href).mimetype for href in entry.alerts] == ["application/cap+xml"]


def test_report_that_was_taken_back_stays_for_a_day_without_its_words(client: FlaskClient, noon: Any) -> None:
    made = filed(client, title="My own cellar")
    assert client.delete(f"/v1/reports/{made['id']}", headers=bearer(made["edit_token"])).status_code == 204

    answer = client.get("/feeds/reports.atom")

    [entry] = entries(answer)
    assert (entry.id.rpartition("/")[2], entry.terms, entry.point) == (made["id"], {"state": "ended"}, "")
    assert "My own cellar" not in answer.text


@pytest.mark.parametrize("hours", [49, 60, 71])
@pytest.mark.parametrize("hour_of_day", [0, 6, 23])
def test_ended_reports_come_after_all_that_is_active(
    client: FlaskClient, noon: Any, hours: int, hour_of_day: int
) -> None:
    noon.shift((hour_of_day - 12) * 3600)
    make_report(created_ms=ago(hours))
    active = [make_report().id for _ in range(2)]

    read = [entries(client.get(f"/feeds/reports.atom?limit={limit}")) for limit in (1, 2, 3)]

    assert [len(page) for page in read] == [1, 2, 3]
    assert {entry.id.rpartition("/")[2] for entry in read[1]} == set(active)
    assert terms_of(read[2], "state") == ["ended"]


def test_feed_of_an_area_holds_what_lies_surely_inside_its_outline(client: FlaskClient) -> None:
    area = Area("ea-A1", source="ea", code="A1", name="River at A1")
    area.put_outline(square(side=0.1), reason="", centre=None)
    Area.store([area])
    inside = make_report(lat=51.45, lon=-0.15)
    make_report(lat=51.55, lon=-0.15), make_report(lat=51.45, lon=-0.15, radius_m=3000)

    for form in ("atom", "rss"):
        assert inside.id in client.get(f"/feeds/reports.{form}?area=ea-A1").text
    assert [one["id"] for one in client.get("/feeds/reports.geojson?area=ea-A1").json["features"]] == [inside.id]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("limit=0", ("limit", "range")),
        ("limit=10000", ("limit", "range")),
        ("limit=101", ("limit", "range")),
        ("area=ea-nowhere", ("area", "unknown-area")),
        (f"area=ea-A1&{NEAR}", ("area", "conflict")),
        ("cursor=abc", ("cursor", "cursor")),
        ("colour=red", ("colour", "unknown")),
    ],
)
def test_mistake_in_a_query_is_named(client: FlaskClient, form: str, query: str, mistake: tuple[str, str]) -> None:
    answer = client.get(f"/feeds/reports.{form}?{query}", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert mistakes_of(answer) == {mistake}


@pytest.mark.parametrize("form", FORMS)
def test_host_of_a_stranger_is_in_no_link(client: FlaskClient, form: str) -> None:
    make_report(), make_report()

    answer = client.get(f"/feeds/reports.{form}?limit=1", headers={"Host": "evil.example"})

    assert answer.status_code == 200
    assert "evil.example" not in f"{answer.text}{answer.headers}"


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("", "/reports"),
        (f"?{NEAR}&severity_min=severe&limit=10", f"/reports?{NEAR}&severity_min=severe"),
        ("?bbox=-1,51,1,52", "/reports?bbox=-1%2C51%2C1%2C52"),
        ("?area=ea-A1", "/areas/ea-A1"),
    ],
)
def test_feed_leads_to_the_page_of_the_same_list(client: FlaskClient, query: str, page: str) -> None:
    area = Area("ea-A1", source="ea", code="A1", name="River at A1")
    area.put_outline(square(), reason="", centre=None)
    Area.store([area])

    told = links(client.get(f"/feeds/reports.atom{query}"))["alternate"]

    assert told == page
    assert client.get(told, headers={"Accept": "text/html"}).status_code == 200


def test_links_lead_to_the_public_address(public_address: None, client: FlaskClient) -> None:
    made = make_report()

    answer = client.get("/feeds/reports.atom", headers={"Host": "evil.example"})

    [entry] = entries(answer)
    assert entry.id == f"tag:floods.example.org,2026:reports/{made.id}"
    assert entry.pages == [f"https://floods.example.org/reports/{made.id}"]
    assert links(answer)["self"] == "https://floods.example.org/feeds/reports.atom"


def test_demonstration_says_in_feed_and_entries_that_it_is_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_report()
    monkeypatch.setattr("app.feeds.documents.settings", lambda: settings()._replace(is_demo=True))

    answer = client.get("/feeds/reports.atom")

    assert feed(answer).title == "Reports of flooding (Demonstration: invented data)"
    assert entries(answer)[0].text.startswith("Demonstration: invented data\n")


def test_feed_without_anything_is_a_whole_document(client: FlaskClient) -> None:
    root = root_of(client.get("/feeds/reports.atom"))

    assert root.findall(f"{ATOM}entry") == []
    assert all(root.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert client.get("/feeds/reports.csv").text.count("\n") == 1
