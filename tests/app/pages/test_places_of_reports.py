"""Place of a report: a pin, coordinates, or the middle of a named place, and a true statement of which."""

from typing import Any

import pytest

from app.gazetteer import search
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import JSON, SMALLEST, fields_of, mistakes, opened, reviewed, send, sent, stored

TYPED = {"lat": "", "lon": "", "radius_m": "", "settled": ""}


@pytest.mark.parametrize("text", ["51.0375, -2.8290", "51.0375 -2.829", "51.0375\u00b0N 2.829\u00b0W"])
def test_coordinates_are_an_exact_place(visitor: Visitor, text: str) -> None:
    report = stored(sent(visitor, **TYPED | {"where": text, "place": "public"}))

    assert (report.lat, report.lon, report.radius_m) == (51.0375, -2.829, 50)


@pytest.mark.parametrize("text", ["TA10 9PR", "Langport"])
def test_named_place_stands_at_its_middle_and_says_how_exact(visitor: Visitor, text: str) -> None:
    form = opened(visitor) | SMALLEST | TYPED | {"where": text}
    review = visitor.post("/report", **form, step="review")

    assert "will be placed in the middle of it" in review.text
    report = stored(send(visitor, fields_of(review.text)).headers["Location"])
    assert 2000 <= report.radius_m <= 5000
    assert abs(report.lat - 51.04) < 0.1


def test_pin_says_nothing_of_a_middle(visitor: Visitor) -> None:
    review = visitor.post("/report", **(opened(visitor) | SMALLEST), step="review")

    assert "in the middle of" not in review.text
    assert "near " in review.text


def test_name_of_several_places_asks_which(visitor: Visitor) -> None:
    form = opened(visitor) | SMALLEST | TYPED | {"where": "Newport"}
    asked = visitor.post("/report", **form, step="review")
    radios = [one.attributes for one in markup.named(asked.text, "input") if one.attributes.get("name") == "pick"]
    chosen = radios[2]["value"]

    review = visitor.post("/report", **(form | {"pick": chosen}), step="review")

    assert asked.status_code == 422
    assert [field for field, _ in mistakes(asked.text)] == ["#pick"]
    assert len(radios) > 2
    assert f"{float(fields_of(review.text)['lat']):g},{float(fields_of(review.text)['lon']):g}" == chosen


def test_choice_of_another_name_does_not_count(visitor: Visitor) -> None:
    form = opened(visitor) | SMALLEST | TYPED | {"where": "Newport", "pick": "51.5,-0.12"}

    assert visitor.post("/report", **form, step="review").status_code == 422


@pytest.fixture
def all_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As once the table of places is loaded: what is not found is nowhere."""
    monkeypatch.setattr(search, "search", lambda _text, **_more: search.SearchResult([], is_whole=True))


@pytest.mark.usefixtures("all_known")
def test_unknown_name_is_told_with_an_example(visitor: Visitor) -> None:
    answer = visitor.post("/report", **(opened(visitor) | SMALLEST | TYPED | {"where": "Zzyzxburgh"}), step="review")

    [(field, words)] = mistakes(answer.text)
    assert (field, "BA2 4AA" in words) == ("#where", True)
    assert client_says(visitor.client) == {"places": [], "knows_all": True}


def test_name_that_cannot_be_looked_up_yet_is_no_mistake_of_the_reporter(visitor: Visitor) -> None:
    answer = visitor.post("/report", **(opened(visitor) | SMALLEST | TYPED | {"where": "Shillmoor"}), step="review")

    [(field, words)] = mistakes(answer.text)
    assert (field, "Not all places can be looked up at the moment." in words) == ("#where", True)
    assert client_says(visitor.client) == {"places": [], "knows_all": False}


def client_says(client: Any) -> Any:
    return client.get("/report", query_string={"place": "Shillmoor"}, headers=JSON).json


def test_text_typed_after_the_pin_was_set_wins(visitor: Visitor) -> None:
    review = reviewed(visitor, where="51.0375, -2.8290")

    assert (review["lat"], review["lon"]) == ("51.0375", "-2.829")


@pytest.mark.parametrize(
    ("query", "where", "lat"),
    [
        ("?lat=51.04&lon=-2.83", "51.04, -2.83", "51.04"),
        ("?place=51.04,-2.83", "51.04,-2.83", "51.04"),
        ("?place=Zzyzxburgh", "Zzyzxburgh", ""),
        ("?lat=no&lon=no", "no, no", ""),
        ("?lat=51.04", "", ""),
    ],
)
def test_address_names_the_place(visitor: Visitor, query: str, where: str, lat: str) -> None:
    form = opened(visitor, query)

    assert (form["where"], form["lat"]) == (where, lat)


@pytest.mark.parametrize(("text", "number"), [("Langport", 1), ("Newport", 5), ("51.04, -2.83", 1), ("Zzyzxburgh", 0)])
def test_script_looks_a_name_up_in_few_bytes(client: Any, text: str, number: int) -> None:
    answer = client.get("/report", query_string={"place": text}, headers=JSON)

    assert len(answer.json["places"]) == number
    assert len(answer.data) < 1500
    assert "Accept" in answer.headers["Vary"]
