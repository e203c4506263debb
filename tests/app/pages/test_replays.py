"""A form's key sent again, at once or after weeks, gives no more than the first sending gave."""

from typing import Any

import pytest

from app.accounts import tokens
from tests.app.pages.conftest import Visitor
from tests.app.pages.reporting_form import JSON, id_in, reviewed, send
from tests.moments import NOON

DAY_S = 86_400


@pytest.mark.parametrize("passed_s", [0, 3600, DAY_S - 1])
def test_link_of_a_replay_ends_a_day_after_the_report_was_filed(visitor: Visitor, passed_s: int, noon: Any) -> None:
    review = reviewed(visitor)
    first = send(visitor, review).headers["Location"]
    noon.shift(passed_s)
    again = send(visitor, review).headers["Location"]

    assert id_in(again) == id_in(first)
    token = again.partition("token=")[2]
    assert tokens.read(token, tokens.Use.EDIT).expires_at_s == NOON + DAY_S
    assert visitor.get(again).status_code == 200


@pytest.mark.parametrize("passed_s", [DAY_S, 20 * DAY_S])
def test_later_a_replay_leads_to_what_everybody_sees(visitor: Visitor, passed_s: int, noon: Any) -> None:
    review = reviewed(visitor)
    first = send(visitor, review).headers["Location"]
    noon.shift(passed_s)
    again = send(visitor, review)
    script = visitor.client.post("/report", data=review | {"step": "send"}, headers=JSON)

    assert (again.status_code, again.headers["Location"]) == (303, f"/reports/{id_in(first)}")
    assert script.json == {"sent": f"/reports/{id_in(first)}"}
    assert visitor.get(again.headers["Location"]).status_code == 200


@pytest.mark.parametrize("passed_s", [0, 3600, 40 * DAY_S])
def test_other_words_under_a_key_are_no_right_to_edit(visitor: Visitor, passed_s: int, noon: Any) -> None:
    review = reviewed(visitor)
    first = send(visitor, review).headers["Location"]
    noon.shift(passed_s)
    other = review | {"title": "Other words", "observed_at": reviewed(visitor)["observed_at"], "step": "send"}
    page = visitor.post("/report", **other)
    script = visitor.client.post("/report", data=other, headers=JSON)

    assert (page.status_code, script.status_code) == (422, 422)
    assert "token" not in page.text
    assert script.json["sent"] == f"/reports/{id_in(first)}"


def test_sent_page_says_until_when_its_link_holds(visitor: Visitor, noon: Any) -> None:
    review = reviewed(visitor)
    send(visitor, review)
    noon.shift(20 * 3600)
    text = visitor.get(send(visitor, review).headers["Location"]).text

    assert "It holds until" in text
    assert 'datetime="2026-11-22T12:00:00' in text
    assert "cannot give it out again" not in text
