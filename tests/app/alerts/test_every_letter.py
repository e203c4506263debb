"""Rules for every letter about events, in every language."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from app.core.translations import translated
from app.mail.letters import Letter, html_of, subject_of, text_of
from app.mail.models import Delivery
from app.mail.smtp import message_of
from app.situation.plain_words import RANKS, WHAT_TO_DO, Standing
from tests.letter_gallery import LANGUAGES, MANAGE, STOP, letters, reader
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

PLACES = ("A1", "River Avon", "Home")
STOP_URL = f"https://floods.example.org/alerts/stop?token={STOP}"
RANKED = [RANKS[standing] for standing in (Standing.EXTREME, Standing.SEVERE, Standing.MODERATE, Standing.MINOR)]
# Names of letters about what people report, and of those that must not say that anything is in force.
OF_PEOPLE, OF_ENDS = ("reports", "likely"), ("cancelled", "unlisted", "expired")


class Resources(HTMLParser):
    """Addresses that opening a page would fetch, and those that links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "background", "srcset", "poster", "data"):
                self.fetched.append(str(value))
            if name == "href":
                (self.links if tag == "a" else self.fetched).append(str(value))


_written: dict[str, dict[str, Letter]] = {}


@pytest.fixture(params=LANGUAGES)
def gallery(post: Post, noon: Any, request: pytest.FixtureRequest) -> dict[str, Letter]:
    """All letters in a language, written once: they are tuples, and no test here looks at what they were made of."""
    if request.param not in _written:
        _written[request.param] = dict(letters(request.param))
    return _written[request.param]


def sentences(letter: Letter) -> list[str]:
    """The lines of a letter, without the words of others, which are marked."""
    return [line for line in text_of(letter).splitlines() if line and not line.startswith(">")]


def test_no_rank_stands_without_its_place(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        ranks = [translated(rank, letter.language) for rank in RANKED]
        advice = [translated(text, letter.language) for text in WHAT_TO_DO.values()]
        for line in [subject_of(letter), *sentences(letter)]:
            if line not in advice and any(rank in line for rank in ranks):
                assert any(place in line for place in PLACES), (name, line)


def test_the_subject_is_one_line_with_a_place(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        subject = subject_of(letter)
        assert "\n" not in subject, name
        assert len(subject) <= 160, (name, subject)
        assert any(place in subject for place in PLACES), (name, subject)


def test_no_letter_fetches_anything_and_links_lead_to_us_or_the_issuer(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        found = Resources(html_of(letter))
        assert found.fetched == [], name
        assert "url(" not in html_of(letter), name
        hosts = {link.split("/")[2] for link in found.links}
        assert hosts <= {"floods.example.org", "check-for-flooding.service.gov.uk"}, (name, hosts)


def test_tokens_stand_only_behind_a_hash_or_as_the_stop_token(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        for text in (text_of(letter), html_of(letter)):
            for token, lead in ((STOP, "/alerts/stop?token="), (MANAGE, "/alerts#")):
                places = [found.start() for found in re.finditer(token, text)]
                assert places, name
                assert all(text[:place].endswith(lead) for place in places), name


def test_one_click_stops_them_also_through_a_mail_server(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        wire = message_of(letter, Delivery("a" * 44, "w-1", kind="alert")).as_bytes()
        assert f"List-Unsubscribe: <{STOP_URL}>".encode() in wire.replace(b"\r\n", b"\n"), name
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in wire, name


def test_text_and_html_say_the_same(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        shown = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html_of(letter)))
        for line in sentences(letter):
            words = re.sub(r"^(\* |- )|:$", "", line).replace("&", "&amp;").replace("'", "&#x27;").strip()
            if words and words != "--" and not line.startswith("http"):
                assert words in shown, (name, line)


def test_every_moment_has_its_weekday_and_its_zone(gallery: dict[str, Letter]) -> None:
    for name, letter in gallery.items():
        for line in sentences(letter):
            for found in re.finditer(r"\d\d:\d\d", line):
                assert re.search(r"(day|lunes|martes|rcoles|jueves|viernes|bado|domingo) ", line), (name, line)
                assert line[found.end() :].startswith(" GMT"), (name, line)


def test_what_people_say_has_no_word_and_no_colour_of_an_authority(gallery: dict[str, Letter]) -> None:
    for name in OF_PEOPLE:
        letter = gallery[name]
        text = text_of(letter).lower()
        assert letter.tone == "water"
        assert "everybody drowns" not in text
        for rank in RANKED:
            assert translated(rank, letter.language) not in text, name


def test_an_end_has_another_form_than_a_warning(gallery: dict[str, Letter]) -> None:
    for name in OF_ENDS:
        letter = gallery[name]
        assert letter.tone == "over"
        assert letter.subject.startswith(translated("No longer in force: %(area)s", letter.language, area="River"))
        for rank in RANKED:
            assert translated(rank, letter.language) not in text_of(letter), name


def test_what_begins_later_is_not_said_as_if_it_held(gallery: dict[str, Letter]) -> None:
    letter = gallery["later"]
    assert translated(WHAT_TO_DO[Standing.SEVERE], letter.language) not in text_of(letter)
    moment = translated("from %(moment)s", letter.language, moment="")
    ranked = [line for line in [letter.subject, *sentences(letter)] if translated("act now", letter.language) in line]
    assert ranked
    assert all(moment in line for line in ranked)


def test_our_advice_is_for_floods_only(gallery: dict[str, Letter]) -> None:
    letter = gallery["other"]
    assert not any(translated(advice, letter.language) in text_of(letter) for advice in WHAT_TO_DO.values())
    assert "> Keep away" in text_of(letter) or "> Move vehicles" in text_of(letter)


def test_a_place_that_was_named_in_foreign_words_stays_in_one_line(post: Post, noon: Any) -> None:
    name = "Home\r\nBcc: all@example.org\u202e<b>x</b>" + "y" * 200
    letter = reader(label=name).letter("Subject")

    assert letter.why.startswith("You get this because you asked here for alerts about Home Bcc: all@example.orgx")
    assert len(letter.why) < 160
