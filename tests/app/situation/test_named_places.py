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


def items(client: FlaskClient, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/places", query_string={"query": text}).json["items"]
    return found


@pytest.mark.parametrize("text", [HUNDRED, "hundred of hoo", "HUNDRED OF  HOO northern marshes"])
def test_area_of_a_warning_is_found_by_its_name(client: FlaskClient, warned: None, text: str) -> None:
    [first, *_] = items(client, text)

    assert (first["name"], first["kind"], first["match"]) == (HUNDRED, "flood_area", "exact")


def test_page_of_the_area_shows_its_warning(client: FlaskClient, warned: None) -> None:
    text = client.get("/", query_string={"place": HUNDRED}, headers={"Accept": HTML}).text

    assert HUNDRED in markup.named(text, "h1")[0].words()
    assert "1 area with an official warning" in markup.named(text, "main")[0].words()


def test_form_of_a_report_takes_it(client: FlaskClient, warned: None) -> None:
    found = named_places.find_places(HUNDRED).places

    assert [place.name for place in found][:1] == [HUNDRED]
    assert found[0].radius_km >= 1


def test_town_of_that_name_is_found_as_ever(client: FlaskClient, warned: None) -> None:
    outlines.store("ea", [Outline("LON", "London", square(), "", None)])

    assert [one["kind"] for one in items(client, "London")][:1] != ["flood_area"]


def test_places_are_found_although_warnings_cannot_be_read(
    client: FlaskClient, warned: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(named_places.overview, "warnings_anywhere", fail)

    assert items(client, HUNDRED) == []
    assert client.get("/", query_string={"place": HUNDRED}, headers={"Accept": HTML}).status_code == 200
