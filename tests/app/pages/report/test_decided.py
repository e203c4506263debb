"""The page of a report that a decision has hidden: what its reporter reads there, and what all others do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens, visitors
from app.accounts.models import Account
from app.reports.models import Report
from tests.app.pages.conftest import HTML, Visitor
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import sent, stored
from tests.factories import make_account, make_report, sign_in_as

AS_BROWSER = {"Accept": HTML}
TOLD = "A responder decided: It tells something private of a person."
JOINED = "A responder decided: Another report is about the same flood."


@pytest.fixture
def responder(client: FlaskClient, noon: Any) -> Callable[..., None]:
    """Decide about a report, as a responder does by the API."""
    headers = sign_in_as("responder")

    def decide(report: Report, **decision: Any) -> None:
        seen = {"If-Match": f'"v{report.public_version}"'}
        path = f"/v1/reports/{report.id}/verification"
        answer = client.put(path, json=decision, headers=headers | seen) if decision else None
        answer = answer or client.delete(path, headers=headers | {"If-Match": f'"v{report.public_version + 1}"'})
        assert answer.status_code == 200, answer.text

    return decide


def filed_on_the_page(visitor: Visitor, **typed: str) -> Report:
    """A report that this browser has filed without an account, and which made it a visitor."""
    report = stored(sent(visitor, title="Water at number 12", **typed))
    assert isinstance(report, Report)
    assert visitor.client.get_cookie(visitors.cookie_name())
    return report


def words_of(text: str) -> str:
    return " ".join(markup.named(text, "main")[0].words().split())


def test_the_browser_that_filed_it_reads_the_decision_with_its_reason(
    visitor: Visitor, responder: Callable[..., None]
) -> None:
    report = filed_on_the_page(visitor)
    responder(report, decision="rejected", reason="personal_data", note="for responders only")

    answer = visitor.get(f"/reports/{report.id}")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert TOLD in words_of(answer.text) and "Water at number 12" in answer.text
    assert "for responders only" not in answer.text and "token=" not in answer.text


def test_of_a_joined_one_it_reads_why_and_the_way_to_the_other(
    visitor: Visitor, responder: Callable[..., None]
) -> None:
    report = filed_on_the_page(visitor)
    target = make_report(lat=report.lat, lon=report.lon)
    responder(report, decision="merged", into=target.id)

    text = visitor.get(f"/reports/{report.id}").text

    assert JOINED in words_of(text)
    assert f'href="/reports/{target.id}"' in text


@pytest.mark.parametrize("language", ["en", "es"])
def test_all_others_read_that_it_was_removed_and_nothing_else(
    app: Any, visitor: Visitor, responder: Callable[..., None], language: str
) -> None:
    report = filed_on_the_page(visitor)
    responder(report, decision="rejected", reason="personal_data")
    stranger = Visitor(app.test_client())
    filed_on_the_page(stranger, lat="51.6")

    for other in (Visitor(app.test_client()), stranger):
        answer = other.get(f"/reports/{report.id}", headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
        told = {"en": "This report was removed", "es": "Este informe se ha quitado"}[language]
        assert markup.named(answer.text, "h1")[0].words() == told
        assert "number 12" not in answer.text and "private of a person" not in answer.text


def test_a_token_of_another_kind_or_a_bent_one_shows_nothing(
    app: Any, visitor: Visitor, responder: Callable[..., None]
) -> None:
    report = filed_on_the_page(visitor)
    responder(report, decision="rejected", reason="spam")
    other = Visitor(app.test_client())
    edit = tokens.edit_token("rep_" + "a" * 26, since_ms=report.created_at_ms)

    for cookie in ("bent", edit, tokens.edit_token(report.id, since_ms=report.created_at_ms)):
        other.client.set_cookie(visitors.cookie_name(), cookie)
        assert other.get(f"/reports/{report.id}").status_code == 404
    assert other.get(f"/reports/{report.id}?token={edit}").status_code == 404


def test_the_account_and_the_private_link_read_it_too(
    app: Any, signed_in: Callable[..., Visitor], responder: Callable[..., None]
) -> None:
    visitor = signed_in()
    assert isinstance(visitor.account, Account)
    own, linked = make_report(account_id=visitor.account.id), make_report()
    for report in (own, linked):
        responder(report, decision="rejected", reason="personal_data")
    token = tokens.edit_token(linked.id, since_ms=linked.created_at_ms)

    assert TOLD in words_of(visitor.get(f"/reports/{own.id}").text)
    assert TOLD in words_of(Visitor(app.test_client()).get(f"/reports/{linked.id}?token={token}").text)
    assert visitor.get(f"/reports/{linked.id}").status_code == 404


def test_undone_it_is_everybodys_page_again_with_what_was_decided(
    visitor: Visitor, responder: Callable[..., None]
) -> None:
    report = filed_on_the_page(visitor)
    responder(report, decision="rejected", reason="spam")
    responder(report)

    answer = visitor.get(f"/reports/{report.id}")

    assert answer.status_code == 200
    words = words_of(answer.text)
    assert "What was decided" in words and "Decision undone" in words and "Removed: It is not about flooding." in words
    assert "no-store" not in answer.headers["Cache-Control"]


def test_responders_of_the_area_are_led_to_their_own_page(
    app: Any, client: FlaskClient, responder: Callable[..., None]
) -> None:
    report = make_report()
    responder(report, decision="rejected", reason="spam")

    for within, expected in (({}, 302), ({"within": ()}, 404)):
        staff = Visitor(app.test_client())
        staff.sign_in(make_account("responder", **within).username)
        answer = staff.get(f"/reports/{report.id}")
        assert answer.status_code == expected
    assert "Location" not in answer.headers
