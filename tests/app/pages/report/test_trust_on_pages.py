"""Condition, doubt, decision and confidence of a report, on every page that shows it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.pages.frame import trust_words
from app.reports.entry import Condition, Confidence
from app.reports.judged import Decision
from app.reports.models import Report
from app.review import flags, verification
from tests.app.pages.conftest import HTML, Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.frame import markup
from tests.factories import make_report
from tests.moments import NOON

AS_BROWSER = {"Accept": HTML}
HERE = "lat=51.5&lon=-0.12"
LISTS = (f"/?{HERE}", "/", f"/reports?{HERE}", "/reports?bbox=-1,51,1,52")


def main_of(client: FlaskClient, path: str, **headers: str) -> str:
    answer = client.get(path, headers=AS_BROWSER | headers)
    assert answer.status_code == 200, answer.text
    return " ".join(markup.named(answer.text, "main")[0].words().split())


def entry_of(client: FlaskClient, path: str, report: Report) -> markup.Element:
    text = client.get(path, headers=AS_BROWSER).text
    [found] = [one for one in markup.named(text, "li") if one.attributes.get("data-id") == report.id]
    return found


def decide(report: Report, decision: str, reason: str, *, into: str | None = None) -> Report:
    report.verdict = Decision(decision, reason, NOON * 1000, "acc_1", "for responders only")
    report.status, report.merged_into = decision, into
    report.save()
    return report


@pytest.mark.parametrize(("wanted", "said"), [
    ({"condition": "may_be_over"}, "May be over"),
    ({"condition": "receded"}, "Water has gone down"),
    ({"is_disputed": True}, "Disputed"),
    ({"status": "verified"}, "Checked by a responder"),
    ({"confidence": "likely"}, "Likely"),
    ({"confidence": "high"}, "Well supported"),
    ({"condition": "may_be_over", "status": "verified", "confidence": "high"}, "May be over Checked by a responder"),
])  # fmt: skip
def test_every_list_says_what_is_known(client: FlaskClient, noon: Any, wanted: dict[str, Any], said: str) -> None:
    report = make_report(title="Water in the lane", **wanted)

    for path in LISTS:
        assert said in " ".join(entry_of(client, path, report).words().split()), path
    assert said in main_of(client, f"/reports/{report.id}")


@pytest.mark.parametrize(("wanted", "is_filled"), [
    ({}, False), ({"status": "verified"}, True), ({"confidence": "likely"}, True), ({"confidence": "high"}, True),
])  # fmt: skip
def test_marks_are_filled_by_what_supports_the_report(
    client: FlaskClient, noon: Any, wanted: dict[str, Any], is_filled: bool
) -> None:
    report = make_report(**wanted)

    for path in LISTS:
        assert ("data-firm" in entry_of(client, path, report).attributes) == is_filled, path
    text = client.get(f"/reports/{report.id}", headers=AS_BROWSER).text
    [small] = [one for one in markup.named(text, "div") if "data-small" in one.attributes]
    [dot] = [one for one in markup.named(text, "circle") if "dot" in one.attributes["class"].split()]
    assert ("data-firm" in small.attributes, "hollow" not in dot.attributes["class"]) == (is_filled, is_filled)


def test_words_of_a_disputed_report_are_on_no_page(client: FlaskClient, noon: Any) -> None:
    report = make_report(title="Mr Smith drowned", description="At number nine", depth_cm=30, is_disputed=True)

    for path in (*LISTS, f"/reports/{report.id}"):
        text = client.get(path, headers=AS_BROWSER).text
        assert "Smith" not in text and "number nine" not in text, path
        assert "Water 30 cm deep" in text, path
    assert "Several people doubt this report; its words are hidden" in main_of(client, f"/reports/{report.id}")


def test_reporter_of_a_disputed_report_sees_the_own_words(signed_in: Callable[..., Visitor], noon: Any) -> None:
    visitor = signed_in()
    report = make_report(title="At my door", is_disputed=True, account_id=visitor.account.id)

    assert "At my door" in visitor.get("/me").text
    assert "Several people doubt this report" in visitor.get(f"/report/sent/{report.id}").text


def test_preview_says_that_it_may_be_over(client: FlaskClient, noon: Any) -> None:
    report = make_report(status="verified", condition="may_be_over", is_disputed=True)

    text = client.get(f"/reports/{report.id}", headers=AS_BROWSER).text

    told = {one.attributes.get("property"): one.attributes.get("content") for one in markup.named(text, "meta")}
    assert "Disputed. It may be over: several people say" in str(told["og:description"])


def test_decision_is_told_with_its_reason_and_time_but_not_its_note(client: FlaskClient, noon: Any) -> None:
    report = decide(make_report(), "verified", "corroborated")

    text = main_of(client, f"/reports/{report.id}")

    assert "Checked by a responder. Other reports and facts agree with it. Saturday 21 November, 12:00 GMT" in text
    assert "for responders only" not in text


def test_joined_report_leads_on_with_a_sentence(client: FlaskClient, noon: Any) -> None:
    target = make_report(title="The same water")
    report = decide(make_report(), "merged", "same_flood", into=target.id)

    answer = client.get(f"/reports/{report.id}", headers=AS_BROWSER)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/reports/{target.id}?said=joined")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "was joined to this one" in main_of(client, answer.headers["Location"])


def test_removed_report_says_that_it_was_removed(client: FlaskClient, noon: Any) -> None:
    report = decide(make_report(title="Not for everybody"), "rejected", "personal_data")

    for language, said in (("en", "This report was removed"), ("es", "Este informe se ha quitado")):
        answer = client.get(f"/reports/{report.id}", headers=AS_BROWSER | {"Accept-Language": language})
        assert answer.status_code == 404
        assert markup.named(answer.text, "h1")[0].words() == said
        assert "Not for everybody" not in answer.text and "private of a person" not in answer.text


@pytest.mark.parametrize(("decision", "reason", "said"), [
    ("verified", "seen_by_staff", "Staff have seen it on the spot."),
    ("rejected", "not_flooding", "There is no flooding there."),
    ("merged", "same_flood", "Another report is about the same flood."),
])  # fmt: skip
def test_reporter_learns_what_became_of_it_and_why(
    signed_in: Callable[..., Visitor], client: FlaskClient, noon: Any, decision: str, reason: str, said: str
) -> None:
    visitor, target = signed_in(), make_report()
    into = target.id if decision == "merged" else None
    report = decide(make_report(account_id=visitor.account.id), decision, reason, into=into)
    token = tokens.edit_token(report.id, since_ms=NOON * 1000)

    for text in (
        visitor.get("/me").text,
        visitor.get(f"/report/sent/{report.id}").text,
        client.get(f"/report/sent/{report.id}?token={token}", headers=AS_BROWSER).text,
    ):
        words = " ".join(markup.named(text, "main")[0].words().split())
        assert f"A responder decided: {said}" in words
        assert "for responders only" not in text
        assert (f"/reports/{target.id}" in text) == bool(into)


@pytest.mark.parametrize(("flooded", "receded", "said"), [
    (4, 1, "4 say it is still flooded, 1 says the water has gone."),
    (1, 0, "1 says it is still flooded."),
    (0, 1, "1 says the water has gone."),
    (2, 3, "2 say it is still flooded, 3 say the water has gone."),
    (0, 0, "There is no answer yet."),
])  # fmt: skip
def test_votes_are_told_in_words(client: FlaskClient, noon: Any, flooded: int, receded: int, said: str) -> None:
    report = make_report(flooded_votes=flooded, receded_votes=receded)

    assert said in main_of(client, f"/reports/{report.id}")


def test_each_code_has_its_words(app: Any) -> None:
    assert set(trust_words.FLAG_REASONS) == set(flags.REASONS)
    assert set(trust_words.DECISION_REASONS) == {code for codes in verification.REASONS.values() for code in codes}
    assert {*trust_words.CONDITIONS, Condition.FLOODED} == set(Condition)
    assert set(trust_words.CONFIDENCES) == set(Confidence)


def test_reasons_of_a_confidence_are_the_apis_words(client: FlaskClient, noon: Any) -> None:
    report = make_report(
        confidence="likely", confidence_tenths=7, confidence_reasons='[["trusted_account", 4], ["votes", 2]]'
    )

    for language in ("en", "es"):
        said = {"Accept-Language": language}
        told = client.get(f"/v1/reports/{report.id}", headers=said).json["confidence"]["reasons"]
        text = main_of(client, f"/reports/{report.id}", **said)
        assert all(reason["text"] in text for reason in told)
        assert [reason["code"] for reason in told] == ["trusted_account", "votes"]


def test_codes_of_a_later_release_are_no_mistake(client: FlaskClient, noon: Any) -> None:
    report = decide(make_report(confidence="certain", confidence_reasons='[["tea_leaves", 9]]'), "verified", "by_owl")

    text = main_of(client, f"/reports/{report.id}")

    assert "Little supports it yet" in text
    assert "tea_leaves" not in text and "by_owl" not in text
