"""Votes and flags from a report's page: plain forms and the phone's queue, for people with and without an account."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import visitors
from app.reports.models import Report
from app.review.settle import settle
from app.review.vote_models import COUNT, FLAG, VoteRow
from tests.app.pages.conftest import OWN_FORM, Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.frame import markup
from tests.app.pages.reporting_form import JSON, id_in, sent
from tests.factories import make_report
from tests.reporting import bearer, filed

HOUR_S = 3600


def key() -> str:
    return secrets.token_urlsafe(16)


def vote(visitor: Visitor, report_id: str, condition: str = "flooded", **more: str) -> TestResponse:
    return visitor.post(f"/reports/{report_id}/votes", condition=condition, **more)


def queued(client: FlaskClient, report_id: str, **fields: str) -> TestResponse:
    """Send a vote as the phone's queue does."""
    said = {"condition": "flooded", "step": "send", "key": key(), "waited_s": "0"} | fields
    return client.post(f"/reports/{report_id}/votes", data=said, headers=JSON)


def page_of(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def counts_on(text: str) -> str:
    [found] = [one for one in markup.named(text, "p") if one.attributes.get("id") == "vote-counts"]
    return found.words()


def persons_of(report_id: str) -> set[str]:
    return {row.person for row in VoteRow.about(report_id)} - {COUNT}


def test_one_press_votes_and_the_page_thanks_with_the_new_count(visitor: Visitor, noon: Any) -> None:
    report = make_report()

    answer = vote(visitor, report.id, depth_cm="40 cm")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/reports/{report.id}?said=flooded#votes")
    text = page_of(visitor, answer.headers["Location"])
    assert counts_on(text) == "2 say it is still flooded."
    assert "Thank you, your answer is counted." in text
    settle(report.id)
    text = page_of(visitor, f"/reports/{report.id}")
    assert "Depths that people gave, the newest first: 40 cm" in " ".join(markup.named(text, "main")[0].words().split())
    assert "Thank you" not in text


def test_first_vote_makes_a_visitor_whose_second_replaces_it(visitor: Visitor, noon: Any) -> None:
    report = make_report()
    first, second = vote(visitor, report.id), vote(visitor, report.id, "receded")

    assert visitors.cookie_name() in first.headers["Set-Cookie"]
    assert "Set-Cookie" not in second.headers
    assert counts_on(page_of(visitor, second.headers["Location"])) == (
        "1 says it is still flooded, 1 says the water has gone."
    )
    assert len(persons_of(report.id)) == 1


def test_with_a_session_the_vote_is_the_accounts(signed_in: Callable[..., Visitor], noon: Any) -> None:
    visitor, report = signed_in(), make_report()

    assert vote(visitor, report.id).status_code == 303
    assert persons_of(report.id) == {visitor.account.id}


def test_who_has_filed_on_the_page_is_the_reporter_from_the_first_report_on(visitor: Visitor) -> None:
    report_id = id_in(sent(visitor, title="At my door"))

    assert counts_on(page_of(visitor, vote(visitor, report_id).headers["Location"])) == "1 says it is still flooded."
    text = page_of(visitor, vote(visitor, report_id, "receded").headers["Location"])

    assert counts_on(text) == "1 says the water has gone."
    assert "The water is said to have gone." in text


def test_private_link_ends_ones_own_report(client: FlaskClient, visitor: Visitor) -> None:
    report = filed(client)
    text = page_of(visitor, f"/reports/{report['id']}/edit?token={report['edit_token']}")
    [form] = [one for one in markup.named(text, "form") if "/votes" in one.attributes["action"]]

    answer = visitor.post(form.attributes["action"], condition="receded")

    assert answer.headers["Location"] == f"/reports/{report['id']}?said=receded#votes"
    assert client.get(f"/v1/reports/{report['id']}").json["condition"] == "receded"


def test_answer_of_the_queue_is_told_in_words(client: FlaskClient, noon: Any) -> None:
    report = make_report()

    told = queued(client, report.id, condition="receded").json

    assert told == {
        "sent": f"/reports/{report.id}?said=receded#votes",
        "counts": "1 says it is still flooded, 1 says the water has gone.",
        "told": "Thank you, your answer is counted. 1 says it is still flooded, 1 says the water has gone.",
    }


def test_answer_that_is_sent_again_after_a_lost_reply_counts_once(app: Any, noon: Any) -> None:
    report, same = make_report(), key()
    for _ in range(3):
        queued(app.test_client(), report.id, key=same)  # each without the cookie that was lost
    queued(app.test_client(), report.id)

    assert queued(app.test_client(), report.id, key=same).json["counts"] == "3 say it is still flooded."


def test_answer_that_waited_too_long_is_not_counted(client: FlaskClient, noon: Any) -> None:
    report = make_report()

    fresh, old = (queued(client, report.id, waited_s=str(wait)) for wait in (6 * HOUR_S, 6 * HOUR_S + 1))

    assert (fresh.status_code, old.status_code) == (200, 422)
    assert "waited on this phone" in old.json["mistakes"][0]["text"]


@pytest.mark.parametrize("status", ["rejected", "withdrawn", "merged"])
def test_answer_about_what_is_gone_is_refused_for_good(client: FlaskClient, noon: Any, status: str) -> None:
    answer = queued(client, make_report(status=status).id)

    assert answer.status_code == 409
    assert "not there any more" in answer.json["mistakes"][0]["text"]


def test_answer_about_what_is_over_is_refused_and_no_question_is_left(visitor: Visitor, noon: Any) -> None:
    report = make_report()
    noon.shift(73 * HOUR_S)

    refused = queued(visitor.client, report.id)
    text = page_of(visitor, f"/reports/{report.id}")

    assert (refused.status_code, vote(visitor, report.id).status_code) == (409, 409)
    assert f'action="/reports/{report.id}/votes"' not in text
    assert "Was shown until" in text


def test_report_that_has_just_ended_can_be_revived_but_not_ended(visitor: Visitor, noon: Any) -> None:
    report = make_report()
    noon.shift(50 * HOUR_S)

    text = page_of(visitor, f"/reports/{report.id}")

    names = [
        one.attributes["value"] for one in markup.named(text, "button") if one.attributes.get("name") == "condition"
    ]
    assert names == ["flooded"]
    vote(visitor, report.id)
    assert "This report is old" not in page_of(visitor, f"/reports/{report.id}")


@pytest.mark.parametrize("fields", [
    {"condition": "flooded", "depth_cm": "deep"},
    {"condition": "flooded", "depth_cm": "-1"},
    {"condition": "flooded", "depth_cm": "1001"},
    {"condition": "may_be_over"},
    {"condition": ""},
    {},
])  # fmt: skip
def test_vote_with_a_mistake_shows_the_page_again_and_counts_nothing(
    visitor: Visitor, noon: Any, fields: dict[str, str]
) -> None:
    report = make_report()

    answer = visitor.post(f"/reports/{report.id}/votes", **fields)

    assert answer.status_code == 422
    assert 'class="mistakes"' in answer.text
    assert f'value="{fields.get("depth_cm", "")}"' in answer.text
    assert persons_of(report.id) == set()
    assert visitors.cookie_name() not in answer.headers.get("Set-Cookie", "")


def test_form_of_another_site_votes_for_nobody(client: FlaskClient, noon: Any) -> None:
    report = make_report()

    for path in ("votes", "flags"):
        answer = client.post(
            f"/reports/{report.id}/{path}",
            data={"condition": "receded", "reason": "other"},
            headers=OWN_FORM | {"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403
    assert persons_of(report.id) == set()


def test_flag_is_stored_for_responders_and_the_page_says_so(visitor: Visitor, noon: Any) -> None:
    report = make_report()

    answer = visitor.post(f"/reports/{report.id}/flags", reason="wrong_place", note="It is\r\nnext door.")

    assert answer.headers["Location"] == f"/reports/{report.id}?said=flag#flag"
    [row] = [row for row in VoteRow.about(report.id) if row.person.startswith(FLAG)]
    assert (row.reason, row.note) == ("wrong_place", "It is\nnext door.")
    text = page_of(visitor, answer.headers["Location"])
    assert "your flag is stored for responders" in text
    assert "next door" not in text


@pytest.mark.parametrize(("fields", "said"), [
    ({"reason": "", "note": "Look"}, "Choose what is wrong with the report."),
    ({"reason": "other", "note": "n" * 501}, "Shorten the note to 500 characters."),
    ({"reason": "other", "note": "<b>look</b>"}, "Write plain words"),
])  # fmt: skip
def test_flag_with_a_mistake_shows_the_form_again(
    visitor: Visitor, noon: Any, fields: dict[str, str], said: str
) -> None:
    report = make_report()

    answer = visitor.post(f"/reports/{report.id}/flags", **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert markup.named(answer.text, "textarea")[0].words() == fields["note"]
    assert 'id="flag" open' in answer.text


def test_answers_of_one_report_are_nobody_elses_business(client: FlaskClient, visitor: Visitor, noon: Any) -> None:
    """The page after a form is for the one who sent it; the page itself is the same for everybody."""
    report = make_report()
    vote(visitor, report.id)

    mine = visitor.get(f"/reports/{report.id}?said=flooded")
    assert mine.headers["Cache-Control"] == "private, no-store"
    plain, stranger = visitor.get(f"/reports/{report.id}?said=x"), client.get(f"/reports/{report.id}", headers=OWN_FORM)
    assert plain.data == stranger.data


def test_edit_token_of_the_report_is_its_reporter_here_too(client: FlaskClient, noon: Any) -> None:
    report = filed(client)

    answer = client.post(
        f"/reports/{report['id']}/votes", data={"condition": "receded"}, headers=JSON | bearer(report["edit_token"])
    )

    assert answer.json["told"].endswith("The report has left the map.")
    stored = Report.find(report["id"])
    assert stored is not None and stored.ended_by == "reporter"
