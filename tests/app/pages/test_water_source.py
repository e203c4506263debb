"""Origin of the water, on the form and on a report's page."""

import pytest

from app.pages.report import form
from app.reports.entry import WaterSource
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import SMALLEST, fields_of, mistakes, opened, reviewed, sent, stored
from tests.factories import make_report

TERM = "Where the water comes from"


def facts(page: str) -> dict[str, str]:
    terms, said = (markup.named(page, name) for name in ("dt", "dd"))
    return {term.words(): one.words() for term, one in zip(terms, said, strict=True)}


def test_form_offers_every_word_and_asks_for_none(visitor: Visitor) -> None:
    page = visitor.get("/report").text
    select = page.split('<select id="water_source"')[1].split("</select>")[0]

    assert [each.attributes["value"] for each in markup.named(select, "option")] == ["", *WaterSource]
    assert "selected" not in select
    assert opened(visitor)["water_source"] == ""


def test_no_answer_is_stored_as_none_and_i_do_not_know_as_an_answer(visitor: Visitor) -> None:
    assert stored(sent(visitor)).water_source is None
    assert stored(sent(visitor, water_source="unknown")).water_source == "unknown"


@pytest.mark.parametrize("word", WaterSource)
def test_review_and_page_say_it_in_words(visitor: Visitor, word: str) -> None:
    review = visitor.post("/report", **(opened(visitor) | SMALLEST | {"water_source": word}), step="review")
    report = make_report(water_source=word)

    assert facts(review.text)[TERM] == form.WATER_SOURCES[word]
    assert facts(visitor.get(f"/reports/{report.id}").text)[TERM] != ""
    assert fields_of(review.text)["water_source"] == word


def test_what_nobody_knows_is_told_as_not_known(visitor: Visitor) -> None:
    report = make_report(water_source="unknown")

    assert facts(visitor.get(f"/reports/{report.id}").text)[TERM] == "Not known"


@pytest.mark.parametrize("word", [None, "snow"], ids=["nobody has said", "a word of a later release"])
def test_page_says_nothing_of_what_it_cannot_tell(visitor: Visitor, word: str | None) -> None:
    report = make_report(water_source=word)

    assert TERM not in facts(visitor.get(f"/reports/{report.id}").text)


def test_review_without_an_answer_has_no_line_for_it(visitor: Visitor) -> None:
    review = visitor.post("/report", **(opened(visitor) | SMALLEST), step="review")

    assert TERM not in facts(review.text)
    assert reviewed(visitor)["water_source"] == ""


@pytest.mark.parametrize("step", ["review", "send"])
def test_other_word_is_a_mistake_of_that_field(visitor: Visitor, step: str) -> None:
    answer = visitor.post("/report", **(opened(visitor) | SMALLEST | {"water_source": "lava"}), step=step)

    assert answer.status_code == 422
    assert mistakes(answer.text) == [("#water_source", "Choose where the water comes from, or give no answer.")]


def test_spanish_page_says_it_in_spanish(visitor: Visitor) -> None:
    report = make_report(water_source="surface")

    page = visitor.get(f"/reports/{report.id}", headers={"Accept-Language": "es"}).text

    assert facts(page)["De dónde viene el agua"] == "Lluvia que no tiene salida"
