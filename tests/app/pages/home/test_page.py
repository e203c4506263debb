"""The first page: what it says of a place, and that nothing in an address breaks it."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.warnings.sources.message import Text
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.factories import make_report, tell_consumer
from tests.warning_making import announce, announce_at, message, place, square

AS_BROWSER = {"Accept": HTML}
LONDON = "?place=London&lat=51.5&lon=-0.12"


def page(client: FlaskClient, query: str = LONDON, **headers: str) -> str:
    answer = client.get(f"/{query}", headers=AS_BROWSER | headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def entries(text: str, kind: str) -> list[markup.Element]:
    """The list's items of one kind."""
    return [one for one in markup.named(text, "li") if one.attributes.get("data-kind") == kind]


def headline(text: str) -> str:
    return markup.named(text, "h1")[0].words()


def lead(text: str) -> str:
    [found] = [one for one in markup.named(text, "p") if one.attributes.get("class") == "lead"]
    return " ".join(found.words().split())


def figures(text: str) -> list[str]:
    """`3 Be prepared` of each figure."""
    named = markup.named(text, "ul")
    counts = [one for one in named if one.attributes.get("class") == "counts"]
    return [" ".join(line.split()) for one in counts for line in one.words().splitlines() if line.strip()]


def test_report_is_on_the_first_page_as_soon_as_it_is_filed(client: FlaskClient) -> None:
    filed = client.post(
        "/v1/reports",
        json={"location": {"lat": 51.501, "lon": -0.121}, "depth_cm": 90, "title": "Water in the lane"},
        headers={"Idempotency-Key": "key-of-the-first-page-1"},
    ).json

    [entry] = entries(page(client), "report")

    assert filed is not None
    assert entry.attributes["data-id"] == filed["id"]
    assert "Water in the lane" in entry.words()
    assert "Bad flooding" in entry.words()
    assert "1 report of flooding, seen just now." in lead(page(client))


def test_gravest_warning_gives_the_headline(client: FlaskClient) -> None:
    announce_at(square(), "mild", severity="moderate")
    announce_at(square(), "grave", severity="extreme")

    text = page(client)

    assert headline(text) == "Danger to life: flooding near London"
    assert [one.attributes["data-severity"] for one in entries(text, "warning")] == ["extreme", "moderate"]
    assert "2 areas with an official warning." in lead(text)


def test_what_lies_outside_the_radius_is_not_shown(client: FlaskClient) -> None:
    far = make_report(lat=51.9, lon=-0.12)
    near = make_report(lat=51.51, lon=-0.12)
    tell_consumer([far, near])

    assert [one.attributes["data-id"] for one in entries(page(client), "report")] == [near.id]
    assert len(entries(page(client, ""), "report")) == 2


def test_markers_can_be_made_of_the_list_alone(client: FlaskClient) -> None:
    make_report(lat=51.51, lon=-0.12, severity="severe")
    announced = announce_at(square())

    text = page(client)

    [report], [warning] = entries(text, "report"), entries(text, "warning")
    assert (report.attributes["data-lat"], report.attributes["data-lon"]) == ("51.51", "-0.12")
    assert report.attributes["data-severity"] == "severe"
    assert warning.attributes["data-ids"].split() == [announced]
    outlines = re.search(r'data-outlines="([^"]+)"', text)
    assert outlines
    drawn = client.get(outlines[1].replace("&amp;", "&")).get_json()
    assert [one["id"] for one in drawn["features"]] == [announced]


def test_home_is_shown_no_finer_than_to_the_public(client: FlaskClient) -> None:
    make_report(lat=51.50041, lon=-0.12463, place="home")

    text = page(client)

    assert "51.5004" not in text
    assert "0.1246" not in text
    assert entries(text, "report")[0].attributes["data-lat"] == "51.5"


def test_place_is_found_by_its_postcode_and_named(client: FlaskClient) -> None:
    make_report(lat=51.50, lon=-0.13)

    text = page(client, "?place=sw1a%201aa")

    assert "near SW1A" in headline(text)
    assert "“sw1a 1aa” itself is not known here. SW1A is a large area. Within 10 km of its middle:" in lead(text)
    assert len(entries(text, "report")) == 1


def test_unknown_place_is_said_to_be_none_and_everything_is_shown(client: FlaskClient) -> None:
    make_report(lat=51.50, lon=-0.13)

    text = page(client, "?place=Xyzzyville-on-Nothing")

    assert headline(text) == "We could not find “Xyzzyville-on-Nothing”"
    assert len(entries(text, "report")) == 1


def test_nothing_known_is_said_as_such_and_not_as_no_warnings(client: FlaskClient) -> None:
    text = page(client)

    assert "Whether there are official warnings is not known at the moment." in lead(text)
    assert "Official warnings may be missing." in text
    assert "not heard yet" in text
    assert figures(text) == []


def test_every_source_heard_lets_the_page_say_that_there_are_no_warnings(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce_at(square(west=10), source="ea")
    announce_at(square(west=10), source="nws")

    text = page(client)

    assert "No official warning is in force here." in lead(text)
    assert "may be missing" not in text
    hour_later = clock.now_ms() + clock.HOUR_MS
    monkeypatch.setattr(clock, "now_ms", lambda: hour_later)
    assert "may be missing" in page(client)


@pytest.mark.parametrize(
    ("query", "reports", "warnings"),
    [
        ("&show=reports", 2, 0),
        ("&show=warnings", 0, 1),
        ("&severity_min=severe", 1, 1),
        ("&severity_min=extreme", 0, 0),
    ],
)
def test_filters_choose_what_is_shown(client: FlaskClient, query: str, reports: int, warnings: int) -> None:
    make_report(lat=51.51, lon=-0.12, severity="minor")
    make_report(lat=51.51, lon=-0.12, severity="severe")
    announce_at(square(), severity="severe")

    text = page(client, LONDON + query)

    assert (len(entries(text, "report")), len(entries(text, "warning"))) == (reports, warnings)
    drawn = client.get(f"/outlines.geojson{LONDON}{query}").get_json()
    assert len(drawn["features"]) == warnings


def test_many_reports_are_counted_and_the_newest_fifty_listed(client: FlaskClient) -> None:
    tell_consumer(
        [make_report(lat=51.51, lon=-0.12, created_ms=clock.now_ms() - number * 1000) for number in range(60)]
    )

    text = page(client, "")

    assert len(entries(text, "report")) == 50
    assert "60 reports of flooding" in lead(text)


@pytest.mark.parametrize(
    ("less_grave", "words"),
    [(["moderate"], "Be prepared"), (["moderate", "minor", "unknown"], "Other flood warnings")],
)
def test_each_warning_is_counted_once_by_what_there_is_to_do(
    client: FlaskClient, less_grave: list[str], words: str
) -> None:
    """The third figure counts what is less grave too, and is not named by a rank that some of it has not."""
    for number, severity in enumerate(("extreme", "severe", "severe", *less_grave)):
        announce_at(square(), f"event-{number}", severity=severity)

    text = page(client)

    assert len(entries(text, "warning")) == 3 + len(less_grave)
    assert figures(text) == ["1 Danger to life", "2 Act now", f"{len(less_grave)} {words}"]


def test_test_never_stands_for_a_warning_of_the_same_text(client: FlaskClient) -> None:
    same = {"description": "The river is rising.", "label": "Flood warning", "language": "en", "instruction": ""}
    for name, headline_of_it in (("drill", "TEST: the Ford"), ("real", "The Ford")):
        announce_at(square(), name, severity="extreme", texts=(Text(**same, headline=headline_of_it),))

    ranks = [entry.words() for entry in entries(page(client), "warning")]

    assert len(ranks) == 2
    assert sum("Test:" in words for words in ranks) == 1


def test_words_of_reporters_stay_words(client: FlaskClient) -> None:
    make_report(lat=51.51, lon=-0.12, title='<img src=x onerror="alert(1)">\u202e')

    text = page(client)

    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


@pytest.mark.parametrize(
    "query",
    [
        "?lat=nan&lon=inf", "?lat=91&lon=0", "?lat=1e999&lon=1", "?lat=51.5", "?lat=51_0&lon=1", "?lat=٥١&lon=٠",
        "?radius_km=-1&lat=1&lon=1", "?radius_km=nan&lat=1&lon=1", "?severity_min=%00", "?show[]=x", "?place=%F0%9F",
        "?place=" + "A" * 5000, "?place=%3Cscript%3E", "?lat=-90&lon=180&radius_km=50", "?lat=0&lon=-180&radius_km=50",
        "?place=&lat=&lon=", "?fbclid=IwAR&utm_source=x", "?place=%00%0A", "?lat=51.5&lat=x&lon=1", "?cursor=!!",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/warnings", "/outlines.geojson"])
def test_bent_address_shows_a_page_all_the_same(client: FlaskClient, path: str, query: str) -> None:
    answer = client.get(path + query, headers=AS_BROWSER)

    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_address_is_kept_coarse_and_in_few_spellings(client: FlaskClient) -> None:
    text = page(client, "?lat=51.5004123&lon=-0.1246321&radius_km=4.2")

    assert 'data-outlines="/outlines.geojson?lat=51.500&amp;lon=-0.125&amp;radius_km=5"' in text.replace(
        "place=London&amp;", ""
    )
    assert ('value="51.5"' in text, 'value="-0.125"' in text, 'value="5" selected' in text) == (True, True, True)


def test_town_of_the_deployment_is_looked_at_first(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.pages.home import view

    chosen: Any = view.settings()._replace(place=(51.5, -0.12, "Riverton"))
    monkeypatch.setattr(view, "settings", lambda: chosen)
    make_report(lat=51.51, lon=-0.12)
    make_report(lat=55.0, lon=-3.0)

    text = page(client, "")

    assert headline(text) == "Flooding near Riverton"
    assert len(entries(text, "report")) == 1


def heard_everywhere() -> None:
    """Both sources of a fresh deployment have answered, and warn of nothing near London."""
    for source in ("ea", "nws"):
        announce_at(square(west=10), source=source)


@pytest.mark.parametrize("query", ["&severity_min=extreme", "&show=reports", "&show=warnings"])
def test_filter_hides_from_the_list_and_never_from_what_is_said(client: FlaskClient, query: str) -> None:
    heard_everywhere()
    announce_at(square(), severity="severe")
    make_report(lat=51.51, lon=-0.12)

    text = page(client, LONDON + query)

    assert headline(text) == "Act now: flooding near London"
    assert "1 area with an official warning. 1 report of flooding" in lead(text)
    assert figures(text) == ["1 Act now", "1 Reports"]
    assert "No official warning is in force here" not in text
    assert "No reports of flooding" not in text


@pytest.mark.parametrize(
    ("where", "is_watched"),
    [
        ("lat=51.5&lon=-0.12", True),
        ("lat=47.6&lon=-122.3", True),
        ("lat=51.48&lon=-3.18", False),
        ("lat=55.95&lon=-3.19", False),
        ("lat=48.85&lon=2.35", False),
        ("lat=-6.2&lon=106.8", False),
    ],
)
def test_none_is_said_only_of_places_that_somebody_watches(client: FlaskClient, where: str, is_watched: bool) -> None:
    heard_everywhere()

    for path in (f"/?{where}", f"/warnings?{where}"):
        text = client.get(path, headers=AS_BROWSER).text
        assert ("No official warning is in force here" in text) is is_watched, path
        assert ("No source of official warnings for this place" in text) is not is_watched, path


def test_warning_that_nobody_can_place_is_told_of_wherever_one_looks(client: FlaskClient) -> None:
    announce(message("undrawn", places=(place("Z1"),)))

    assert "1 warning in force has no outline that we know" in page(client)
    assert "has no outline that we know" not in page(client, "")


def test_name_that_nobody_has_is_asked_about(client: FlaskClient) -> None:
    make_report(lat=51.04, lon=-2.83, title="At Langport")
    make_report(lat=55.0, lon=-3.0, title="Elsewhere")

    text = page(client, "?place=Langprt")

    assert "Did you mean:" in text
    assert "Langport" in text
    assert headline(text) == "We could not find “Langprt”"
    assert "Elsewhere" in text


def test_watch_is_a_reason_to_prepare_and_not_to_act(client: FlaskClient) -> None:
    announce_at(square(), severity="severe", certainty="possible")

    text = page(client)

    assert headline(text) == "Flooding near London"
    assert "Be prepared" in entries(text, "warning")[0].words()
    assert entries(text, "warning")[0].attributes["data-severity"] == "moderate"
    [drawn] = client.get(f"/outlines.geojson{LONDON}").get_json(force=True)["features"]
    assert drawn["properties"]["severity"] == "moderate"


def test_place_told_roughly_is_told_roughly(client: FlaskClient) -> None:
    wide = make_report(lat=51.5, lon=-0.12, radius_m=5000, place="home")

    text = page(client)
    told = client.get(f"/reports/{wide.id}", headers=AS_BROWSER).text

    assert "somewhere around here" in entries(text, "report")[0].words()
    assert "about 5 km around: the place is known only roughly" in " ".join(told.split())
    assert "Within about 100 m" not in told


def test_what_was_long_ago_has_its_day(client: FlaskClient) -> None:
    announce_at(square(), sent_at_ms=clock.to_ms(datetime(2015, 12, 10, 9, tzinfo=UTC)))

    assert "Thursday 10 December 2015" in entries(page(client), "warning")[0].words()
