"""Areas of warnings in force are found by their names, where the gazetteer has none of that name."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.situation import named_places
from app.warnings.ingest import outlines
from app.warnings.sources.message import Place
from app.warnings.sources.outline import Outline
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.warning_making import announce, message, square

HUNDRED = "Hundred of Hoo, northern marshes"


@pytest.fixture
def warned(client: FlaskClient, noon: Any) -> None:
    """A warning in force for an area of which only its issuer knows the name."""
    outlines.store("ea", [Outline("HOO", HUNDRED, square(), "", None)])
    announce(message(places=(Place("HOO", (("HOO", HUNDRED),), square()),)))


@pytest.mark.parametrize("text", [HUNDRED, "hundred of hoo", "HUNDRED OF  HOO northern marshes"])
def test_area_of_a_warning_is_found_by_its_name(warned: None, text: str) -> None:
    [first, *_] = named_places.find_places(text).places

    assert (first.name, first.kind, first.match) == (HUNDRED, "flood_area", "exact")
    assert first.radius_km >= 1


def test_page_of_the_area_shows_its_warning(client: FlaskClient, warned: None) -> None:
    text = client.get("/", query_string={"place": HUNDRED}, headers={"Accept": HTML}).text

    assert HUNDRED in markup.named(text, "h1")[0].words()
    assert "1 area with an official warning" in markup.named(text, "main")[0].words()


def test_town_of_that_name_is_found_as_ever(warned: None) -> None:
    outlines.store("ea", [Outline("LON", "London", square(), "", None)])

    assert named_places.find_places("London").places[0].kind != "flood_area"


def test_places_are_found_although_warnings_cannot_be_read(
    client: FlaskClient, warned: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(named_places.overview, "warnings_anywhere", fail)

    assert named_places.find_places(HUNDRED).places == []
    assert client.get("/", query_string={"place": HUNDRED}, headers={"Accept": HTML}).status_code == 200
