"""The first screen: with a place what to do, whom to call and who says so; without one what this is and who runs it."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.gazetteer import search
from tests.app.pages.frame import markup
from tests.app.pages.world import HTML
from tests.factories import make_report, tell_consumer
from tests.warning_making import announce, announce_at, square

LONDON = "/?place=London&lat=51.5&lon=-0.12"


def shown(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers={"Accept": HTML})
    assert answer.status_code == 200
    return answer.text


def one_line(page: str, name: str, kind: str) -> str:
    """The words of the one element of this name and class."""
    [found] = [one for one in markup.named(page, name) if kind in one.attributes.get("class", "").split()]
    return " ".join(found.words().split())


def heard_everywhere() -> None:
    for source in ("ea", "nws"):
        announce(source=source, is_whole=False)


def test_place_rank_advice_number_and_issuer_come_first_and_in_this_order(client: FlaskClient) -> None:
    announce_at(square(), severity="extreme")
    announce_at(square(), severity="minor")

    page = shown(client, LONDON)

    order = [
        "Danger to life: flooding near London", "Get yourself and others to safety now", 'href="tel:999"',
        "check-for-flooding.service.gov.uk", 'class="lead"', 'class="counts"', 'id="map"', 'id="place"', 'id="now"',
    ]  # fmt: skip
    places = [page.index(words, page.index("<main")) for words in order]
    assert places == sorted(places)
    assert page.count('class="to-do') == 1


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ("lat=51.04&lon=-2.83", "999"),
        ("lat=54.6&lon=-5.93", "999"),
        ("lat=53.35&lon=-6.26", "112"),
        ("lat=47.6&lon=-122.3", "911"),
        ("lat=18.46&lon=-66.1", "911"),
        ("lat=-33.86&lon=151.2", "000"),
        ("lat=-41.29&lon=174.78", "111"),
        ("lat=39.47&lon=-0.37", "112"),
        ("lat=35.68&lon=139.69", ""),
        ("lat=50&lon=-20", ""),
        ("lat=90&lon=0", ""),
        ("lat=0&lon=180", ""),
    ],
)
def test_number_to_call_is_that_of_the_country_and_none_over_the_sea(
    client: FlaskClient, where: str, number: str
) -> None:
    page = shown(client, f"/?{where}")

    assert re.findall(r'href="tel:(\d+)"', page) == ([number] if number else [])
    said = one_line(page, "p", "help")
    assert (f"In danger? Call {number}" if number else "In danger? Call your emergency number.") in said


def test_issuers_that_speak_of_the_place_are_named_where_nothing_holds(client: FlaskClient) -> None:
    heard_everywhere()

    assert "check-for-flooding.service.gov.uk" in one_line(shown(client, LONDON), "p", "help")
    assert "www.weather.gov" in one_line(shown(client, "/?lat=47.6&lon=-122.3"), "p", "help")
    assert "Official word" not in shown(client, "/?lat=35.68&lon=139.69")


def test_chosen_place_is_drawn_on_the_map(client: FlaskClient) -> None:
    [picture] = [one for one in markup.named(shown(client, LONDON), "div") if one.attributes.get("id") == "map"]

    assert (picture.attributes["data-lat"], picture.attributes["data-lon"]) == ("51.5", "-0.12")


@pytest.mark.parametrize(("operator", "said"), [
    ("", "Its operators have given no name."),
    ("Levels <b>Flood</b> Group", "It is run by Levels <b>Flood</b> Group."),
])  # fmt: skip
def test_without_a_place_it_says_what_it_is_who_runs_it_and_that_it_sends_no_help(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, operator: str, said: str
) -> None:
    from app.pages.home import page as home

    chosen: Any = home.settings()._replace(operator=operator)
    monkeypatch.setattr(home, "settings", lambda: chosen)

    page = shown(client, "/")

    words = one_line(page, "p", "about-us")
    assert markup.named(page, "h1")[0].words() == "Where are you?"
    assert "FloodManager shows flooding that people report, and official warnings." in words
    assert said in words
    assert "It cannot send help: in danger, call your emergency number." in words
    assert page.index("Where are you?", page.index("<main")) < page.index('id="place"') < page.index("about-us")


def test_what_is_not_known_is_one_line_and_no_row_of_question_marks(client: FlaskClient) -> None:
    page = shown(client, LONDON)

    assert "Whether there are official warnings is not known at the moment." in one_line(page, "p", "lead")
    assert "<strong>?</strong>" not in page + shown(client, "/")


def test_nobody_is_promised_a_check_that_nobody_makes(client: FlaskClient) -> None:
    filed = client.post(
        "/v1/reports",
        json={"location": {"lat": 51.5, "lon": -0.1}, "depth_cm": 5},
        headers={"Idempotency-Key": "a-key-of-twenty-letters"},
    ).json
    assert filed is not None

    page = shown(client, f"/report/sent/{filed['id']}?token={filed['edit_token']}")

    assert "responder" not in page.lower()
    assert "It does not send help" in page


ABSENT = ("No official warning is in force here.", "No reports of flooding at the moment.")


@pytest.mark.parametrize("query", ["TA7 0RB", "ta70rb", "TA7", "TA7 0"])
@pytest.mark.parametrize("path", ["/", "/warnings"])
def test_part_of_a_place_is_said_to_be_a_part_and_claims_no_absence(client: FlaskClient, path: str, query: str) -> None:
    heard_everywhere()

    page = shown(client, f"{path}?place={query}")

    assert not any(claim in page for claim in ABSENT)
    assert "No official warning is known there, but your own place may lie farther out." in page
    if path == "/":
        assert "TA7 is a large area. Within 10 km of its middle:" in one_line(page, "p", "lead")
        is_whole = query == "TA7"
        assert (f"“{query}” itself is not known here." in one_line(page, "p", "lead")) is not is_whole
        assert "No report of flooding is known there, but your own place may lie farther out." in page


def test_part_stays_a_part_when_another_radius_is_chosen(client: FlaskClient) -> None:
    heard_everywhere()

    page = shown(client, "/?place=TA7&lat=51.121&lon=-2.925&radius_km=20")

    assert not any(claim in page for claim in ABSENT)


def test_absence_is_claimed_of_what_was_searched_and_says_how_far(client: FlaskClient) -> None:
    heard_everywhere()

    lead = one_line(shown(client, "/?place=Langport"), "p", "lead")

    assert lead == f"Within 5 km of Langport: {ABSENT[0]} {ABSENT[1]}"


def test_reports_beyond_what_one_page_reads_are_not_denied(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.situation import overview

    tell_consumer([make_report(lat=51.5, lon=-0.12, severity="minor") for _ in range(3)])
    found = overview.find_active_over_pages
    monkeypatch.setattr(overview, "find_active_over_pages", lambda question, pages: found(question, pages=1)._replace(
        entries=[], next_key="more"))  # fmt: skip

    page = shown(client, LONDON)

    assert "No reports of flooding" not in page
    assert "Not all reports of flooding could be looked through." in page


@pytest.mark.parametrize("path", ["/", "/warnings"])
def test_one_of_several_places_is_asked_for_and_never_chosen(client: FlaskClient, path: str) -> None:
    """A person who means the other place would read of danger, or of its absence, at a place far away."""
    page = shown(client, f"{path}?place=Newport")

    offered = [link.words() for link in markup.named(page, "a") if "place=Newport" in link.attributes.get("href", "")]
    assert "There are several places of that name: choose one. Below is everywhere." in page
    assert len(set(offered)) == len(offered) == 5
    assert all(words.startswith("Newport, ") for words in offered)
    if path == "/":
        assert markup.named(page, "h1")[0].words() == "Which “Newport” do you mean?"
        assert markup.named(page, "title")[0].words() == "Which place do you mean? - FloodManager"
        assert 'href="tel:' not in page


def test_one_that_is_chosen_of_several_is_looked_at(client: FlaskClient) -> None:
    page = shown(client, "/?place=Newport")
    links = [link.attributes["href"] for link in markup.named(page, "a") if "lat=" in link.attributes.get("href", "")]

    for address in links:
        assert "near" in markup.named(shown(client, address), "h1")[0].words()
        assert "several places" not in shown(client, address)


@pytest.mark.parametrize(("path", "mistake"), [("/", "Check the spelling"), ("/warnings", "Below is everywhere.")])
def test_place_that_is_not_found_while_not_all_can_be_looked_up_is_no_mistake_of_the_reader(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str, mistake: str
) -> None:
    """The table of places is loaded in the background, and may be away: then only the small list answers."""
    not_all = "Not all places can be looked up at the moment"
    page = shown(client, f"{path}?place=Shillmoor")

    assert not_all in page
    assert "Check the spelling" not in page

    monkeypatch.setattr(search, "search", lambda _text, **_more: search.SearchResult([], is_whole=True))
    page = shown(client, f"{path}?place=Shillmoor")
    assert mistake in page
    assert not_all not in page
