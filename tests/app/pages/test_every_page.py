"""Rules for every page: each is opened once, with all its optional parts."""

import re
from collections.abc import Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.core import translations
from app.gazetteer import data_credits
from app.http.answers import WORTH_IT_BYTES
from app.pages.frame import language, rendering
from app.warnings.sources.default_sources import KINDS
from tests.app.pages.frame import markup
from tests.app.pages.world import AS_BROWSER, FOR_DEVELOPERS, World, make_world

TEMPLATES = sorted((rendering.TEMPLATES).rglob("*.html"))
DATA = "application/json"
TOLD_IN = ("aria-label", "title", "placeholder", "alt")


@pytest.fixture
def world(client: FlaskClient) -> World:
    return make_world(client)


def pages(world: World, *, with_developers: bool = True) -> Iterator[tuple[str, str]]:
    for path in (*world.open, *world.own, *(FOR_DEVELOPERS if with_developers else ())):
        yield path, world.show(path)


def test_every_link_of_every_page_leads_somewhere(world: World) -> None:
    found = {
        link: path
        for path, text in pages(world)
        for link in markup.addresses(text)
        if not link.startswith(("#", "http", "tel:"))
    }

    answers = {link: world.client.get(link, headers=AS_BROWSER).status_code for link in found}

    wrong = {link: (status, found[link]) for link, status in answers.items() if status not in (200, 303)}
    assert {link: told for link, told in wrong.items() if "nothing-here" not in link} == {}
    assert len(answers) > 40


def test_pages_name_no_other_host_but_issuers_and_licences(world: World) -> None:
    issuers = {urlsplit(site).netloc for site in (kind.website for kind in KINDS.values())}
    licences = {urlsplit(licence.address).netloc for licence in data_credits.PLACES}
    for path, text in pages(world):
        hosts = {urlsplit(link).netloc for link in markup.addresses(text)}
        assert hosts - issuers <= {"", "localhost"} | (licences if path == "/about" else set()), path


def test_pages_hold_no_inline_script_or_style(world: World) -> None:
    for path, text in pages(world):
        for element in markup.read(text):
            assert element.name != "style", path
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")], path
            is_data = element.attributes.get("type") == DATA
            assert element.name != "script" or is_data or (element.attributes["src"] and not element.words()), path


def test_pages_have_a_language_a_title_one_heading_and_each_id_once(world: World) -> None:
    for path, text in pages(world):
        ids = [element.attributes["id"] for element in markup.read(text) if "id" in element.attributes]
        assert markup.named(text, "html")[0].attributes["lang"] == "en", path
        assert markup.named(text, "title")[0].words(), path
        assert len(markup.named(text, "h1")) == 1, path
        assert len(ids) == len(set(ids)), path


def test_headings_go_down_one_step_at_a_time(world: World) -> None:
    for path, text in pages(world):
        levels = [int(element.name[1]) for element in markup.read(text) if re.fullmatch("h[1-6]", element.name)]
        steps = [after - before for before, after in pairwise(levels)]
        assert levels[0] == 1, path
        assert max(steps, default=0) <= 1, (path, levels)


def is_hidden(element: markup.Element) -> bool:
    return element.attributes.get("type") == "hidden" or "hidden" in element.attributes


def test_every_field_has_a_label(world: World) -> None:
    for path, text in pages(world):
        elements = markup.read(text)
        labelled = {element.attributes.get("for") for element in elements if element.name == "label"}
        inside = "".join(re.findall(r"<label[^>]*>(.*?)</label>", text, re.DOTALL))
        for element in elements:
            if element.name in ("select", "textarea", "input") and not is_hidden(element):
                name = element.attributes.get("name", "")
                is_named = element.attributes.get("id") in labelled or f'name="{name}"' in inside
                assert is_named or "aria-label" in element.attributes, (path, element.attributes)


def test_pages_work_behind_a_stage_prefix(world: World) -> None:
    for path in (*world.open, *world.own, *FOR_DEVELOPERS):
        text = world.client.get(path, headers=AS_BROWSER, environ_overrides={"SCRIPT_NAME": "/dev"}).text
        bare = [link for link in markup.addresses(text) if not link.startswith(("/dev/", "#", "http", "tel:"))]
        assert bare == [], path


def test_policy_of_every_page_lets_nothing_in(world: World) -> None:
    for path in (*world.open, *world.own, *FOR_DEVELOPERS):
        policy = world.client.get(path, headers=AS_BROWSER).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, path
        assert "unsafe" not in policy, path


@pytest.mark.parametrize("host", ['a"><script>alert(1)</script>', "evil.example", "[::1]"])
def test_forged_host_is_escaped_and_not_shared(world: World, host: str) -> None:
    for path in world.open:
        answer = world.client.get(path, headers=AS_BROWSER | {"Host": host})
        assert "<script>alert" not in answer.text
        assert answer.status_code < 500
        assert "s-maxage" not in answer.headers["Cache-Control"], path


def test_pages_are_packed_for_who_can_unpack(world: World) -> None:
    for path in world.open:
        packed = world.client.get(path, headers=AS_BROWSER | {"Accept-Encoding": "gzip"})
        plain = world.client.get(path, headers=AS_BROWSER | {"Accept-Encoding": "identity"})
        is_large = len(plain.data) >= WORTH_IT_BYTES
        assert (packed.headers.get("Content-Encoding") == "gzip") == is_large, path
        assert "Content-Encoding" not in plain.headers
        assert (len(packed.data) < len(plain.data)) == is_large
        assert "accept-encoding" in packed.vary.as_set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_templates_switch_no_escaping_off(template: Path) -> None:
    source = template.read_text().replace(" ", "").replace("{{words|tojson}}", "")

    for forbidden in ("|safe", "autoescape", "|tojson", "Markup", "<style", "style=", "<script>"):
        assert forbidden not in source


class Marked(NullTranslations):
    """A language in which every text is marked, so that what is not translated stands out."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class Words(HTMLParser):
    """Return all text of a page that a person reads or hears."""

    SILENT = ("script", "style", "code", "time", "bdi", "kbd", "option", "text")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in TOLD_IN and tag != "time"]
        self.silent += tag in self.SILENT

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


# Names, formats and units, which are the same in every language.
SAME = re.compile(
    r"FloodManager|GeoJSON|JSON|CSV|Atom|RSS|API|English|Español|UTC|OpenAPI|WCAG|\bkm\b|\bcm\b|\bm\b|rep_\w+|req_\w+|river-watcher"
    r"|/status\.json|Newport(, [A-Z][a-z]+[A-Za-z ]*)*|London|Ilford|Westminster|Lambeth|River at \w+|SW1A"
    r"|Nowhere-at-all|England|Wales|Scotland"
)
# What a licence asks to be said stays in its own words.
CREDITS = {text for licence in data_credits.PLACES for text in (licence.name, *licence.lines)}
CREDITS |= {kind.credit for kind in KINDS.values()}


def left_out(text: str) -> list[str]:
    """Return the text of a page that belongs to no language: unmarked, no user's or issuer's word, no name."""
    reader = Words()
    reader.feed(text)
    said = (one for one in reader.said if one.strip() not in CREDITS)
    unmarked = [re.sub(r"⟦[^⟦⟧]*⟧|§[^§]*§", "", re.sub(r"⟦[^⟦⟧]*⟧|§[^§]*§", "", one)) for one in said]
    return [one.strip() for one in unmarked if re.search(r"[^\W\d_]{2,}", SAME.sub("", one))]


def test_no_text_of_any_page_is_left_out_of_the_translations(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (language, translations):
        monkeypatch.setattr(module, "translations", lambda _: Marked())

    wrong = {path: left for path, text in pages(world, with_developers=False) if (left := left_out(text))}

    assert wrong == {}


def test_sweep_finds_a_text_that_is_left_out() -> None:
    assert left_out("<p>⟦Marked⟧ §data§ and this</p><b title='that too'>1</b>") == ["and this", "that too"]


@pytest.mark.parametrize("path", ["/", "/warnings", "/report"])
def test_field_of_a_place_says_where_suggestions_come_from(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers=AS_BROWSER).text

    assert page.count('data-suggest="/v1/places"') == 1
    assert page.count("suggest.js") == 1
