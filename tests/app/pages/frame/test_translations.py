"""Languages: every text of the pages has its translation, and no page holds a text that cannot have one."""

import re

import pytest
from babel.messages.catalog import Message
from flask.testing import FlaskClient

from app.core.translations import LANGUAGES, SOURCE
from infra import translations

OTHERS = [code for code in LANGUAGES if code != SOURCE]
FILLED = re.compile(r"%\(\w+\)s|\{\w+\}")


def texts_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("code", OTHERS)
def test_catalogue_holds_what_the_pages_say_and_nothing_else(code: str) -> None:
    catalogue, said = translations.read(code), translations.said()

    assert {one.id for one in said} == {one.id for one in catalogue}
    assert not catalogue.obsolete
    assert [one.id for one in catalogue if one.id and one.fuzzy] == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_lacks_its_translation(code: str) -> None:
    assert [one.id for one in translations.missing(translations.read(code))] == []


@pytest.mark.parametrize("code", OTHERS)
def test_what_a_text_fills_in_its_translation_fills_in_too(code: str) -> None:
    wrong = []
    for message in translations.read(code):
        ids = message.id if isinstance(message.id, list | tuple) else [message.id]
        wanted = set(FILLED.findall(ids[-1]))
        *ones, last = texts_of(message)
        wrong += [text for text in [last] if message.id and set(FILLED.findall(text)) != wanted]
        # "One thing to look over" needs no number.
        wrong += [text for text in ones if not wanted - {"%(num)s"} <= set(FILLED.findall(text)) <= wanted]

    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_says_the_same_twice(code: str) -> None:
    said = [text for message in translations.read(code) if message.id for text in texts_of(message)]

    assert [text for text in said if len(text) > 60 and text.count(text[:30]) > 1] == []


@pytest.mark.parametrize("code", OTHERS)
def test_what_the_app_reads_is_made_of_the_catalogue(code: str) -> None:
    file = translations.file_of(code)

    assert file.with_suffix(".mo").read_bytes() == translations.compiled(translations.read(code))


@pytest.mark.parametrize("code", OTHERS)
def test_translation_is_another_text(code: str) -> None:
    """A catalogue filled with its own keys would pass every other test."""
    catalogue = translations.read(code)
    same = [one.id for one in catalogue if one.id and one.string == one.id and len(str(one.id)) > 12]

    assert len(same) <= len(list(catalogue)) / 50


def test_language_is_what_was_chosen_else_what_the_browser_asks_for(client: FlaskClient) -> None:
    def spoken(**headers: str) -> str:
        answer = client.get("/privacy", headers={"Accept": "text/html"} | headers)
        return answer.headers["Content-Language"]

    assert spoken() == "en"
    assert spoken(**{"Accept-Language": "es-MX,es;q=0.9,en;q=0.8"}) == "es"
    assert spoken(**{"Accept-Language": "de, fr;q=0.5"}) == "en"
    client.set_cookie("lang", "es")
    assert spoken(**{"Accept-Language": "en"}) == "es"
    client.set_cookie("lang", "../../etc")
    assert spoken(**{"Accept-Language": "en"}) == "en"
