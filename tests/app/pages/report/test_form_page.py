"""Reporting on pages: the form, its mistakes, its review, and one report however often it is sent."""

from itertools import product
from typing import Any

import pytest

from app.api.report_schemas import NewReportSchema
from app.core import clock
from app.pages.report import form as report_form
from app.pages.report.form import EMPTY, SENTENCES
from app.reports import create
from app.reports.entry import Status
from tests.app.pages.conftest import Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import (
    JSON,
    SMALLEST,
    all_reports,
    fields_of,
    id_in,
    mistakes,
    opened,
    reviewed,
    send,
    sent,
    stored,
)
from tests.moments import NOON

# What no field of the form takes.
NASTY = (
    "",
    " ",
    "x" * 5000,
    "<b>bold</b>",
    "a\x07b",
    "\u202e",
    "a\u202eb",
    "-1",
    "1e9",
    "nan",
    "999",
    "1_0",
    "\u0661",
    "no such",
)


def test_two_requests_file_a_report(visitor: Visitor) -> None:
    address = sent(visitor, title="Water over the kerb", description="It rises.\r\nThe road is blocked.", water="waist")

    report = stored(address)
    assert (report.depth_cm, report.severity, report.visibility) == (90, "severe", "home")
    assert (report.title, report.description) == ("Water over the kerb", "It rises.\nThe road is blocked.")
    assert (report.exact_lat, report.exact_lon) == (51.50041, -0.12463)
    assert visitor.get(address).status_code == 200


def test_review_shows_everything_and_files_nothing(visitor: Visitor) -> None:
    form = opened(visitor) | SMALLEST | {"title": "At the mill > 2", "description": "Deep & fast.", "place": "public"}
    text = visitor.post("/report", **form, step="review").text

    said = {element.words() for element in markup.named(text, "dd")}
    for words in ("At the mill > 2", "Deep & fast.", "Up to the knee", "51.50041", "exact place", "Now"):
        assert any(words in one for one in said), words
    assert all_reports(visitor) == []


def test_change_leads_back_to_the_form_with_everything(visitor: Visitor) -> None:
    said = {"title": "At the mill", "description": "One.\nTwo.", "water": "chest", "water_source": "sea"}
    review = reviewed(visitor, place="public", when="3h", **said)

    answer = visitor.post("/report", **review, step="change")

    form = fields_of(answer.text)
    kept = {name: form[name] for name in ("key", "place", "lat", "lon", *said)}
    assert kept == {name: review[name] for name in kept}
    assert '<option value="3h" data-minutes="180" selected>' in answer.text


@pytest.mark.parametrize(
    ("said", "depth", "severity"),
    [
        ({"water": "ankle"}, 10, "moderate"),
        ({"water": "rising"}, 0, "minor"),
        ({"water": "unknown"}, None, "unknown"),
        ({"water": "ankle", "depth_cm": "152"}, 152, "extreme"),
        ({"water": "", "depth_cm": "7,5 cm"}, 7.5, "minor"),
    ],
)
def test_depth_is_the_number_else_what_the_picture_stands_for(
    visitor: Visitor, said: dict[str, str], depth: float | None, severity: str
) -> None:
    report = stored(sent(visitor, **said))

    assert (report.depth_cm, report.severity) == (depth, severity)


@pytest.mark.parametrize("depth_cm", ["", " ", "cm", " CM ", "30 cm"])
@pytest.mark.parametrize("water", ["extreme", "severe", "moderate", "minor", "deep", " knee"])
@pytest.mark.parametrize("step", ["review", "send"])
def test_nothing_but_the_pictures_is_a_choice(visitor: Visitor, step: str, water: str, depth_cm: str) -> None:
    answer = visitor.post("/report", **(opened(visitor) | SMALLEST | {"water": water, "depth_cm": depth_cm}), step=step)

    assert answer.status_code == 422
    assert [field for field, _ in mistakes(answer.text)] == ["#water"]
    assert all_reports(visitor) == []


@pytest.mark.parametrize("depth_cm", [" ", "cm", " Cm", "\t", "\u00a0cm"])
@pytest.mark.parametrize("water", ["unknown", "knee", "rising"])
def test_depth_without_a_number_is_none(visitor: Visitor, water: str, depth_cm: str) -> None:
    answer = visitor.post(
        "/report", **(opened(visitor) | SMALLEST | {"water": water, "depth_cm": depth_cm}), step="review"
    )

    assert answer.status_code == 200
    assert fields_of(answer.text)["depth_cm"] == ""
    depth = stored(send(visitor, fields_of(answer.text)).headers["Location"]).depth_cm
    assert depth == {"unknown": None, "knee": 45, "rising": 0}[water]


@pytest.mark.parametrize(("when", "minutes"), [("now", 0), ("30m", 30), ("12h", 720), ("1d", 1440)])
def test_time_is_when_it_was_seen_by_the_review_not_when_it_was_sent(
    visitor: Visitor, when: str, minutes: int, noon: Any
) -> None:
    review = reviewed(visitor, when=when)
    noon.shift(600)
    report = stored(send(visitor, review).headers["Location"])

    assert report.observed_at_ms == NOON * 1000 - minutes * clock.MINUTE_MS
    assert report.created_at_ms == (NOON + 600) * 1000


def test_every_mistake_is_named_at_once_beside_its_field_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    typed = {"where": "Nowhereatall", "water": "", "depth_cm": "deep", "title": "A <b>bold</b> title", "lat": ""}
    typed |= {"water_source": "sewer"}

    answer = visitor.post("/report", **(opened(visitor) | SMALLEST | typed), step="review")

    assert answer.status_code == 422
    links = [field for field, _ in mistakes(answer.text)]
    assert links == ["#where", "#depth_cm", "#title"]
    for field in links:
        [shown] = [one for one in markup.read(answer.text) if one.attributes.get("id") == field[1:]]
        assert shown.attributes["aria-invalid"] == "true"
        assert f"{field[1:]}-mistake" in shown.attributes["aria-describedby"].split()
    assert {name: fields_of(answer.text).get(name, "") for name in typed} == typed


def test_summary_of_mistakes_takes_the_focus(visitor: Visitor) -> None:
    text = visitor.post("/report", **(opened(visitor) | {"where": ""}), step="review").text

    [summary] = [one for one in markup.read(text) if "mistakes" in one.attributes.get("class", "").split()]
    assert summary.attributes["role"] == "alert"
    assert {"tabindex", "autofocus"} <= summary.attributes.keys()


def test_every_mistake_that_the_form_can_provoke_has_words_of_its_own(client: Any) -> None:
    provoked = set()
    for name in EMPTY:
        for text in NASTY:
            typed = EMPTY | SMALLEST | {name: text}
            location = {"lat": report_form.number(typed["lat"]), "lon": report_form.number(typed["lon"])}
            for place in (location, None):
                said = report_form.said_by(typed) | (
                    {"location": place, "radius_m": typed["radius_m"]} if place else {}
                )
                provoked |= {(one.pointer, one.code) for one in report_form.load(NewReportSchema(), said)[1]}

    assert provoked - SENTENCES.keys() == set()
    assert len(provoked) > 15


@pytest.mark.parametrize("step", ["review", "send", "change", "no such"])
def test_no_field_of_the_form_breaks_the_page(visitor: Visitor, step: str) -> None:
    """Each field with each text at the review; at the other steps, which read a form alike, with some of them."""
    every = 1 if step == "review" else 3
    for number, (name, text) in enumerate(product(sorted(EMPTY.keys() - {"version"}), NASTY)):
        if number % every == 0:
            answer = visitor.post("/report", **(SMALLEST | {"key": "k" * 22, name: text}), step=step)

            assert answer.status_code in (200, 303, 422), (name, text)
            assert "<b>bold" not in answer.text


def test_sending_again_finds_the_first(visitor: Visitor) -> None:
    review = reviewed(visitor)

    answers = [send(visitor, review) for _ in range(3)]

    assert len({id_in(answer.headers["Location"]) for answer in answers}) == 1
    assert len(all_reports(visitor)) == 1


def test_other_words_under_the_same_key_are_told_with_the_way_to_the_first(visitor: Visitor) -> None:
    review = reviewed(visitor)
    first = send(visitor, review).headers["Location"]

    again = send(visitor, review | {"title": "Other words"})

    assert again.status_code == 422
    assert "has been sent before" in again.text
    assert f'href="/reports/{id_in(first)}"' in again.text
    assert fields_of(again.text)["title"] == "Other words"
    assert len(all_reports(visitor)) == 1


def test_each_form_has_a_key_of_its_own(visitor: Visitor) -> None:
    keys = {opened(visitor)["key"] for _ in range(5)}

    assert len(keys) == 5
    assert all(report_form.is_key(key) for key in keys)


@pytest.mark.parametrize("key", ["", "short", "k" * 21, "k" * 23, "k" * 21 + " ", "k" * 21 + "\n"])
def test_form_without_a_key_of_ours_is_reviewed_again_and_not_sent(visitor: Visitor, key: str) -> None:
    answer = send(visitor, SMALLEST | {"key": key})

    assert answer.status_code == 200
    assert report_form.is_key(fields_of(answer.text)["key"])
    assert all_reports(visitor) == []


def test_late_report_is_refused_unless_its_first_try_was_in_time(visitor: Visitor, noon: Any) -> None:
    review, other = reviewed(visitor), reviewed(visitor)
    first = send(visitor, review)
    noon.shift(8 * 86400)
    again, late = send(visitor, review), send(visitor, other)

    assert (again.status_code, id_in(again.headers["Location"])) == (303, id_in(first.headers["Location"]))
    assert late.status_code == 422
    assert mistakes(late.text)[0][0] == "#when"


@pytest.fixture
def thirty_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that a test reaches soon."""
    chosen = create.settings()._replace(anonymous_writes_hard=30)
    monkeypatch.setattr(create, "settings", lambda: chosen)


@pytest.mark.usefixtures("thirty_an_hour")
def test_limit_of_people_without_an_account_holds_and_replays_do_not_count(visitor: Visitor, noon: Any) -> None:
    review = reviewed(visitor)
    send(visitor, review)  # makes the browser a visitor, whose own 30 begin with the next one
    assert {send(visitor, review | {"key": f"{number:022d}"}).status_code for number in range(30)} == {303}

    assert send(visitor, review | {"key": "z" * 22}).status_code == 429
    assert send(visitor, review).status_code == 303


@pytest.mark.usefixtures("thirty_an_hour")
def test_limit_shows_the_report_again_and_how_long_to_wait(visitor: Visitor, noon: Any) -> None:
    review = reviewed(visitor, title="At the mill", description="One.\nTwo.", water="waist", when="1h")
    assert {send(visitor, review | {"key": f"{number:022d}"}).status_code for number in range(31)} == {303}

    refused = send(visitor, review)
    script = visitor.client.post("/report", data=review | {"step": "send"}, headers=JSON)
    noon.shift(int(refused.headers["Retry-After"]))
    later = send(visitor, fields_of(refused.text))

    assert refused.status_code == script.status_code == 429
    assert script.mimetype == "application/problem+json"
    assert "Try again in 60 minutes." in refused.text
    assert fields_of(refused.text) == review
    assert (stored(later.headers["Location"]).title, later.status_code) == ("At the mill", 303)
    assert stored(later.headers["Location"]).observed_at_ms == (NOON - 3600) * 1000


def test_form_of_another_site_files_nothing(visitor: Visitor) -> None:
    said = SMALLEST | {"key": "k" * 22, "step": "send"}

    answer = visitor.client.post("/report", data=said, headers={"Sec-Fetch-Site": "cross-site", "Accept": "text/html"})

    assert answer.status_code == 403
    assert all_reports(visitor) == []


def test_script_is_answered_in_json(visitor: Visitor) -> None:
    said = SMALLEST | {"key": "k" * 22, "step": "send", "observed_at": clock.rfc3339(clock.now_ms())}

    taken = visitor.client.post("/report", data=said, headers=JSON)
    refused = visitor.client.post("/report", data=said | {"key": "j" * 22, "water": "", "lat": "999"}, headers=JSON)

    assert taken.status_code == 200
    assert visitor.get(taken.json["sent"]).status_code == 200
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["mistakes"]] == ["where", "water"]
    assert "private" in taken.headers["Cache-Control"]


def test_sent_page_tells_what_comes_next_and_sends_its_address_nowhere(visitor: Visitor) -> None:
    address = sent(visitor)

    answer = visitor.get(address)

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert id_in(address) in answer.text
    [link] = [one.attributes["value"] for one in markup.named(answer.text, "input")]
    assert link.startswith("http://localhost/reports/rep_")
    assert visitor.get(link.removeprefix("http://localhost")).status_code == 200


def test_sent_page_is_for_its_reporter_alone(visitor: Visitor) -> None:
    address, other = sent(visitor), sent(visitor)
    token = address.partition("token=")[2]

    assert visitor.get(address.partition("?")[0]).status_code in (303, 401)
    assert visitor.get(f"/report/sent/{id_in(other)}?token={token}").status_code == 404
    assert visitor.get(f"/report/sent/{id_in(address)}?token={token[:-4]}AAAA").status_code == 401


def test_sent_page_of_a_withdrawn_report_says_so(visitor: Visitor) -> None:
    address = sent(visitor)
    report = stored(address)
    report.status = Status.WITHDRAWN
    report.save()

    assert "Your report is taken back" in visitor.get(address).text


def test_form_can_be_kept_by_a_phone_only_without_anybody_in_it(visitor: Visitor) -> None:
    own = visitor.get("/report")
    shell = visitor.get("/report?offline=1")

    assert "private" in own.headers["Cache-Control"]
    assert shell.headers["Cache-Control"] == "no-cache"
    assert (fields_of(shell.text)["key"], fields_of(shell.text)["begun_as"]) == ("", "")
    assert "data-now" not in shell.text
