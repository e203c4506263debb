"""Sentences of the first page about the place that was named: how much of it is known, and which one it is."""

import re

import pytest
from flask.testing import FlaskClient

from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.app.pages.test_canonical import canonical_of
from tests.factories import make_report, tell_consumer


def page(client: FlaskClient, place: str) -> str:
    answer = client.get("/", query_string={"place": place}, headers={"Accept": HTML})
    assert answer.status_code == 200
    return answer.text


def headline(text: str) -> str:
    return " ".join(markup.named(text, "h1")[0].words().split())


def test_river_is_known_in_england_only_and_no_absence_is_claimed_of_it(whole_pack: None, client: FlaskClient) -> None:
    text = page(client, "River Tweed")

    assert "Only River Tweed in England is known here." in markup.named(text, "main")[0].words().replace(
        "\u2068", ""
    ).replace("\u2069", "")
    assert "No reports of flooding at the moment" not in text


def test_address_is_looked_at_around_its_postcode(whole_pack: None, client: FlaskClient) -> None:
    words = markup.named(page(client, "Flat 2, 10 Mill Lane, TA7 0RB"), "main")[0].words()

    assert "not the house itself" in words and "large area" not in words


def test_headline_of_a_quiet_place_tells_of_no_flood(whole_pack: None, client: FlaskClient) -> None:
    assert headline(page(client, "Langport")) == "Floods and warnings near Langport"

    tell_consumer([make_report(lat=51.037, lon=-2.828)])

    assert headline(page(client, "Langport")) == "Flooding near Langport"


def test_place_abroad_is_named_with_what_it_lies_in(whole_pack: None, client: FlaskClient) -> None:
    assert "Chicago, Illinois" in headline(page(client, "Chicago"))


def test_typed_position_at_sea_is_asked_about(whole_pack: None, client: FlaskClient) -> None:
    text = page(client, "55.0, 2.3590")

    assert headline(text) == "Is this the place that you mean?"
    assert "This place is at sea." in text
    assert headline(page(client, "51.037, -2.828")) != "Is this the place that you mean?"


def test_place_is_called_by_the_typed_name_too_where_its_own_is_another(whole_pack: None, client: FlaskClient) -> None:
    assert "Gaillimh" in headline(page(client, "Galway")) and "(Galway)" in headline(page(client, "Galway"))
    assert headline(page(client, "Caerdydd")).endswith("Cardiff (Caerdydd)")
    assert "(" not in headline(page(client, "Hull")) + headline(page(client, "LANGPORT"))


def test_address_in_a_town_is_looked_at_around_the_town(whole_pack: None, client: FlaskClient) -> None:
    words = markup.named(page(client, "Flat 3, 14 Mill Lane, Tewkesbury"), "main")[0].words()

    assert "not the house itself" in words and "large area" not in words


def test_list_of_reports_of_a_large_area_says_what_it_looked_through(whole_pack: None, client: FlaskClient) -> None:
    text = client.get("/reports?place=Cornwall", headers={"Accept": HTML}).text

    assert headline(text) == "Reports from people within 50 km of the middle of Cornwall"
    assert "No reports of flooding at the moment" not in text


@pytest.mark.parametrize(
    "name",
    ["Newport, Isle of Wight", "Newport, Telford and Wrekin", "Chicago", "Galway", "Bath", "TA7 0RB", "Cornwall",
     "River Tweed", "BT1", "Lerwick", "12 Mill Lane, Tewkesbury", "Kingston upon Hull", "Low Ham", "60601"],
)  # fmt: skip
def test_name_on_a_poster_leads_to_the_place_of_its_code(whole_pack: None, client: FlaskClient, name: str) -> None:
    sheet = client.get("/poster", query_string={"place": name}, headers={"Accept": HTML}).text
    [told] = re.findall("look for (.+?)[.]</p>", sheet.replace("\u2068", "").replace("\u2069", ""))

    assert told != "Newport"
    assert canonical_of(page(client, told)) == canonical_of(page(client, name)), told
