"""The list of alerts, as an aggregator follows it from page to page."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.reports.calendar_models import AlertDay
from app.warnings.ingest.roots import warning_id
from app.warnings.sources.cap.index import Entry, read_index
from app.warnings.sources.message import Place, Text
from tests.app.feeds.alerts import alert_at, deploy, taken
from tests.app.feeds.reading import entries as read_entries
from tests.app.feeds.reading import feed, links, root_of
from tests.rated import decide
from tests.reporting import bearer, filed, mistakes_of
from tests.warning_making import announce, announce_at, message, place, square

PATH = "/feeds/cap.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(answer: TestResponse) -> dict[str, Entry]:
    """The entries of a page by the id of the thing, as the product's own reader of CAP indexes finds them."""
    assert answer.status_code == 200, answer.text
    return {entry.id.rpartition("/")[2]: entry for entry in read_index(answer.data).entries}


def followed(client: FlaskClient, path: str) -> tuple[list[str], int]:
    """The ids of all pages in their order, and the number of pages."""
    listed, pages = list[str](), 0
    while path and pages < 50:
        answer = client.get(path)
        listed += list(entries(answer))
        path, pages = links(answer).get("next", ""), pages + 1
    return listed, pages


def ended(answer: TestResponse) -> list[str]:
    """The ids of the entries that say that they have ended."""
    over = [
        one for one in root_of(answer).findall(f"{ATOM}entry") if one.find(f"{ATOM}category[@term='ended']") is not None
    ]
    return [one.findtext(f"{ATOM}id", "").rpartition("/")[2] for one in over]


def verified(client: FlaskClient, **wanted: Any) -> dict[str, Any]:
    report = filed(client, **wanted)
    decide(client, report["id"], decision="verified", reason="photo")
    return report


def test_lists_warnings_and_verified_reports_with_links_to_their_alerts(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    warned = warning_id("ea", "avon", "avon")
    report = verified(client)
    filed(client)

    answer = client.get(PATH)

    listed = entries(answer)
    assert list(listed) == [warned, report["id"]]
    for entry in listed.values():
        assert taken(client.get(entry.link)).alert.message_type == "alert"
    assert ended(answer) == []
    assert answer.mimetype == "application/atom+xml"
    assert answer.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=15"


def test_title_of_a_warning_names_its_areas(client: FlaskClient, noon: Any) -> None:
    named = tuple((f"A{number}", f"River {number}") for number in range(5))
    many = Place("A0", named, square(), ())
    words = {"texts": (Text("fr", "Crue", "Crue"),)}
    announce(message("many", places=(many,), **words), message("one", **words))

    titles = {entry.title for entry in read_entries(client.get(PATH))}

    assert titles == {"Exercise: River 0; River 1; River 2; …: Crue", "Exercise: River at one: Crue"}


def test_title_is_for_people_and_the_alert_keeps_the_issuers_spelling(client: FlaskClient, noon: Any) -> None:
    spelled = Text("en", "Flood", "<b>Act</b>&nbsp;&amp;amp; now \u202eevil a<b")
    announce(message("one", texts=(spelled,)))

    [entry] = read_entries(client.get(PATH))

    assert entry.title == "Exercise: River at one: Act & now evil a<b"
    assert "<b>Act</b>" in alert_at(client, entry.alerts[0]).text


def test_title_says_what_is_not_now(client: FlaskClient, noon: Any) -> None:
    later = message("later", onset_at_ms=clock.now_ms() + 30 * clock.HOUR_MS)
    spanish = message("es", urgency="past", texts=(Text("es", "Aviso", "Crecida"),))
    announce(later, message("past", urgency="past"), spanish)

    assert {entry.title for entry in read_entries(client.get(PATH))} == {
        "Exercise: River at later: from Sunday 22 November, 18:00 GMT: Flood warning for later",
        "Exercise: River at past: past, as the issuer says: Flood warning for past",
        "Exercise: River at es: ya pasado, según el organismo emisor: Crecida",
    }


def test_names_are_those_of_the_other_feeds(client: FlaskClient, noon: Any) -> None:
    report = verified(client)

    ids = {entry.id for path in (PATH, "/feeds/reports.atom") for entry in entries(client.get(path)).values()}

    assert ids == {f"tag:floodmanager-test.invalid,2026:reports/{report['id']}"}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_everything_once(client: FlaskClient, noon: Any, limit: int) -> None:
    made = [announce_at(square(), f"event-{number}") for number in range(3)]
    standing = [verified(client)["id"] for _ in range(3)]
    withdrawn = verified(client)
    headers = bearer(withdrawn["edit_token"])
    assert client.delete(f"/v1/reports/{withdrawn['id']}", headers=headers).status_code == 204

    listed, pages = followed(client, f"{PATH}?limit={limit}")

    assert sorted(listed) == sorted([*made, *standing, withdrawn["id"]])
    assert pages >= len(listed) // limit
    assert len({feed(client.get(f"{PATH}?limit={limit}")).id, feed(client.get(PATH)).id}) == 1


@pytest.mark.parametrize(
    ("filters", "sizes"),
    [("", [1, 1, 1, 1]), ("&bbox=9,9,11,11", [1, 1]), ("&bbox=-180,-90,180,-89", [0]), ("&bbox=-1,51,1,52", [1, 1])],
)
def test_no_page_in_the_middle_is_empty(client: FlaskClient, noon: Any, filters: str, sizes: list[int]) -> None:
    announce_at(square())
    verified(client)
    for lat in (10.0, 10.1):
        verified(client, location={"lat": lat, "lon": 10.0})
    for day, name in ((20, "a"), (20, "z"), (21, "a"), (21, "z")):
        for number in range(15):  # as of reports that are erased
            AlertDay.note(f"2026-11-{day}", f"rep_{name}{number}")

    path, seen = f"{PATH}?limit=1{filters}", list[int]()
    while path:
        answer = client.get(path)
        seen.append(len(entries(answer)))
        path = links(answer).get("next", "")

    assert seen == sizes


def test_what_has_ended_stays_for_a_day_and_says_so(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    kept, rejected = verified(client), verified(client)
    unverified = filed(client)
    noon.shift(3600)
    decide(client, rejected["id"], decision="rejected", reason="spam")
    decide(client, unverified["id"], decision="rejected", reason="spam")
    announce(message("other"))
    over = [warning_id("ea", "avon", "avon"), rejected["id"]]

    answer = client.get(PATH)

    assert sorted(ended(answer)) == sorted(over)
    assert {*entries(answer)} == {*over, warning_id("ea", "other", "other"), kept["id"]}
    for name in over:
        assert alert_at(client, entries(answer)[name].link).alert.message_type == "cancel"
    noon.shift(47 * 3600)  # now the other report has ended by itself
    answer = client.get(PATH)
    assert kept["id"] in ended(answer) and not {*over} & {*entries(answer)}
    assert alert_at(client, entries(answer)[kept["id"]].link).alert.message_type == "cancel"
    noon.shift(24 * 3600)
    assert kept["id"] not in entries(client.get(PATH))


def test_cancel_within_the_minute_of_its_alert_is_seen_to_be_later(client: FlaskClient, noon: Any) -> None:
    report = verified(client)
    before = read_entries(client.get(PATH))[0]
    noon.shift(5)
    decide(client, report["id"], decision="rejected", reason="spam")

    after = read_entries(client.get(PATH))[0]

    assert before.updated < after.updated


def test_place_and_severity_choose(client: FlaskClient, noon: Any) -> None:
    announce(message("avon", places=(place("avon", square(10.0, 10.0)),)), message("thames", severity="minor"))
    near = verified(client, severity="extreme")
    verified(client, location={"lat": 10.1, "lon": 10.1}, severity="minor")

    by_place = entries(client.get(f"{PATH}?lat=51.5&lon=-0.12&radius_km=5"))
    by_severity = entries(client.get(f"{PATH}?severity_min=severe"))

    assert {*by_place} == {warning_id("ea", "thames", "thames"), near["id"]}
    assert {*by_severity} == {warning_id("ea", "avon", "avon"), near["id"]}


@pytest.mark.parametrize("path", [PATH, "/feeds/reports.atom"])
@pytest.mark.parametrize(
    ("filters", "is_listed"),
    [
        ("bbox=0.101,10.101,0.102,10.102", True),  # beside its place, in its cell
        ("bbox=0.101,10.101,0.102,10.102&severity_min=extreme", True),
        ("lat=10.18&lon=0.11&radius_km=0.5", True),
        ("bbox=0.15,10.21,0.16,10.22", False),
    ],
)
def test_place_and_severity_of_what_is_gone_cannot_be_found_by_asking(
    client: FlaskClient, noon: Any, path: str, filters: str, is_listed: bool
) -> None:
    report = verified(client, location={"lat": 10.15, "lon": 0.15}, severity="minor")
    assert report["id"] not in entries(client.get(f"{path}?{filters}"))
    assert client.delete(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"])).status_code == 204

    assert (report["id"] in entries(client.get(f"{path}?{filters}"))) == is_listed


def test_unchanged_list_is_not_sent_again(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    verified(client)
    noon.shift(60)
    first = client.get(PATH)
    noon.shift(60)

    again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("limit=0", ("limit", "range")),
        ("limit=10000", ("limit", "range")),
        ("cursor=abc", ("cursor", "cursor")),
        ("status=verified", ("status", "unknown")),
        ("bbox=1,2", ("bbox", "box")),
    ],
)
def test_mistakes_are_named(client: FlaskClient, query: str, mistake: tuple[str, str]) -> None:
    assert mistake in mistakes_of(client.get(f"{PATH}?{query}"))


def test_alerts_take_no_parameters(client: FlaskClient, noon: Any) -> None:
    report = verified(client)

    assert mistakes_of(client.get(f"/feeds/reports/{report['id']}.cap.xml?limit=1")) == {("limit", "unknown")}


def test_foreign_host_is_not_believed(client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(message("avon"))

    answer = client.get(PATH, headers={"Host": "evil.example"})
    deploy(monkeypatch, public_base_url="https://floods.example.org")
    there = client.get(PATH, headers={"Host": "evil.example"})

    assert b"evil" not in answer.data + there.data
    assert all(entry.link.startswith("https://floods.example.org/feeds/") for entry in entries(there).values())


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"is_demo": True}, "Exercise: demonstration with invented data"),
        ({}, "Exercise: trial of this service"),
        ({"prefix": "floodmanager-prod"}, ""),
    ],
)
def test_exercise_is_said_wherever_an_alert_is_shown(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any], said: str
) -> None:
    deploy(monkeypatch, **wanted)
    announce(message("avon"))
    verified(client)

    answer = client.get(PATH)

    assert feed(answer).title == "Alerts of FloodManager as CAP 1.2" + (f" ({said})" if said else "")
    listed = read_entries(answer)
    assert len(listed) == 2
    for entry in listed:
        assert entry.title.startswith("Exercise: ") == bool(said)
        assert entry.text.startswith(f"{said}.") or not said
    for found in entries(answer).values():
        note = taken(client.get(found.link)).note
        assert note.startswith(f"{said}. ") if said else "Exercise" not in note


def test_empty_list_is_valid(client: FlaskClient, noon: Any) -> None:
    answer = client.get(PATH)

    assert entries(answer) == {} and "next" not in links(answer)
    assert "ea" in answer.headers["X-Missing"]  # nothing was heard of it yet


def test_other_feeds_lead_to_the_alerts_too(client: FlaskClient, noon: Any) -> None:
    announce(message("avon"))
    report, unverified = verified(client), filed(client)

    links_of = {
        name: entry.link
        for path in ("/feeds/warnings.atom", "/feeds/reports.atom")
        for name, entry in entries(client.get(path)).items()
    }

    assert links_of[warning_id("ea", "avon", "avon")].endswith(".cap.xml")
    assert links_of[report["id"]].endswith(f"/feeds/reports/{report['id']}.cap.xml")
    assert not links_of[unverified["id"]].endswith(".cap.xml")
