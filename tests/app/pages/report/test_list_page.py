"""The list of reports: it says no more of its place than was looked through, and stays what its address asked for."""

import pytest
from flask.testing import FlaskClient

from tests.app.pages.frame import markup
from tests.app.pages.test_canonical import asked, linked, page, told
from tests.factories import make_report, tell_consumer

PLACES = ("place=London&lat=51.5&lon=-0.12", "bbox=-1,51,1,52", "")


def heading(text: str) -> str:
    return markup.named(text, "h1")[0].words()


def empty(text: str) -> str:
    [found] = [one for one in markup.named(text, "p") if one.attributes.get("class") == "empty"]
    return found.words()


@pytest.mark.parametrize("place", ["TA7", "TA7 0RB"])
def test_place_looked_through_in_part_is_not_said_to_have_no_reports(client: FlaskClient, place: str) -> None:
    listed, now = (page(client, f"{path}?place={place}") for path in ("/reports", "/"))

    assert heading(listed) == "Reports from people within 10 km of the middle of TA7"
    assert "No report of flooding is known there, but your own place may lie farther out." in empty(listed)
    assert "No report of flooding is known there, but your own place may lie farther out." in now
    assert "No reports of flooding at the moment." not in listed


def test_place_looked_through_as_a_whole_has_no_reports(client: FlaskClient) -> None:
    text = page(client, "/reports?place=Langport")

    assert heading(text) == "Reports from people within 5 km of Langport"
    assert "No reports of flooding at the moment." in empty(text)


def test_part_of_the_map_is_not_the_place_of_its_address(client: FlaskClient) -> None:
    text = page(client, "/reports?place=TA7&bbox=-1,50,0,51")

    assert "No reports of flooding at the moment." in empty(text)


@pytest.mark.parametrize("path", ["/", "/reports"])
@pytest.mark.parametrize("place", PLACES)
def test_links_to_lists_keep_the_language_of_the_link(client: FlaskClient, path: str, place: str) -> None:
    tell_consumer([make_report() for _ in range(60)])

    for language in ("es", ""):
        text = page(client, f"{path}?{place}&lang={language}")
        lists = [one for one in markup.addresses(text) if one.startswith("/reports?")]
        assert any("cursor" in one for one in lists)
        assert {asked(one).get("lang", "") for one in lists} == {language}


@pytest.mark.parametrize("path", ["/reports", "/warnings", "/poster"])
def test_offered_places_keep_the_language_of_the_link(client: FlaskClient, path: str) -> None:
    offered = [one for one in markup.addresses(page(client, f"{path}?place=Newport&lang=es")) if "lat=" in one]

    assert len([one for one in offered if one.startswith(path)]) > 1
    assert {asked(one)["lang"] for one in offered if one.startswith(path)} == {"es"}


@pytest.mark.parametrize("place", PLACES)
def test_later_pages_and_parts_of_the_map_are_kept_out_of_search_engines(client: FlaskClient, place: str) -> None:
    tell_consumer([make_report() for _ in range(60)])

    first = page(client, f"/reports?{place}")
    [following] = [one for one in markup.addresses(first) if "cursor=" in one]
    later = page(client, following)

    for text, is_part in ((first, "bbox" in place), (later, True)):
        in_languages = [one for one in linked(text, "alternate") if "hreflang" in one]
        assert bool(linked(text, "canonical") or in_languages) is not is_part
        assert ("noindex" in text) is is_part
        assert not is_part or told(text, "robots") == "noindex"


@pytest.mark.parametrize("query", ["cursor=x", "cursor=", "bbox=1,2,3", "bbox=x&cursor=y"])
def test_list_of_an_unreadable_cursor_or_box_is_the_whole_list(client: FlaskClient, query: str) -> None:
    text = page(client, f"/reports?{query}")

    assert [one["href"] for one in linked(text, "canonical")] == ["http://localhost/reports?lang=en"]
    assert "noindex" not in text
