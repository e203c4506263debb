"""Many decisions at once on the page of responders, their numbers on the picture, and undoing all of them."""

import re

import pytest

from app.reports.models import Report
from app.review import audit
from tests.app.pages.conftest import Visitor
from tests.app.pages.review.conftest import fields_of, follow, send_many, status_of, waiting, words_of


def verify(desk: Visitor, reports: list[Report]) -> str:
    """Verify reports at once; return the page that follows."""
    ticked = [f"{report.id}@1" for report in reports]
    return follow(desk, send_many(desk, "/review/decisions", ticked, reason="corroborated"))


def undoing(text: str) -> list[str]:
    """The reports that the undo bar would send."""
    form = re.search(r'<form[^>]*id="undo".*?</form>', text, re.DOTALL)
    return re.findall(r'name="report" value="([^"]+)"', form[0]) if form else []


def test_all_of_many_are_undone_with_one_press(desk: Visitor) -> None:
    reports = waiting(4)
    text = verify(desk, reports[:3])
    assert [status_of(report) for report in reports] == ["verified"] * 3 + ["pending"]
    assert "3 decisions are stored." in text and "Undo all 3 decisions" in text
    assert undoing(text) == [f"{report.id}@2" for report in reports[:3]]
    assert text.index('id="undo"') < text.index('id="results"')  # in view for its ten seconds

    after = follow(desk, send_many(desk, "/review/undo", undoing(text)))

    assert [status_of(report) for report in reports] == ["pending"] * 4
    assert "3 decisions are undone." in after and after.count("</a>: Undone.") == 3
    assert [row.action for row in audit.history_of(reports[0].id)] == ["report.undone", "report.verified"]
    assert undoing(after) == []


def test_each_has_its_own_result_and_one_stops_no_other(desk: Visitor) -> None:
    first, second, third = waiting(3)
    text = verify(desk, [first, second, third])
    desk.post("/review/decision", report_id=second.id, version="2", decision="rejected", reason="spam")

    after = follow(desk, send_many(desk, "/review/undo", undoing(text)))

    assert [status_of(report) for report in (first, second, third)] == ["pending", "rejected", "pending"]
    assert "2 of 3 decisions are undone." in after
    assert "Water 1</a>: Not stored: it has changed meanwhile." in after


def test_a_decision_that_fails_is_told_and_only_the_others_can_be_undone(desk: Visitor) -> None:
    first, second = waiting(2)
    desk.post("/review/decision", report_id=first.id, version="1", decision="rejected", reason="spam")

    text = verify(desk, [first, second])

    assert "1 of 2 decisions are stored." in text
    assert "Water 0</a>: Not stored: it has changed meanwhile." in text
    assert undoing(text) == [f"{second.id}@2"]


def test_no_more_than_fifty_are_undone_in_one_call(desk: Visitor) -> None:
    reports = waiting(51)
    verify(desk, reports[:50])
    verify(desk, reports[50:])

    text = follow(desk, send_many(desk, "/review/undo", [f"{report.id}@2" for report in reports]))

    assert [status_of(report) for report in reports].count("verified") == 1
    assert "50 decisions are undone." in text
    before, _, each = text.partition("Each result")  # so that fifty lines do not come before the queue
    assert (before.count("Undone."), each.count("Undone.")) == (0, 50)


def test_an_address_made_by_a_stranger_tells_no_titles_of_what_one_may_not_judge(desk: Visitor) -> None:
    (report,) = waiting()
    assert desk.account is not None
    desk.account.packed_areas = None
    desk.account.save()

    text = desk.get(f"/review?results={report.id}.2.verified~{report.id}.x.verified~<b>.1.undone").text

    assert "Water 0" not in text and report.id in text
    assert "<b>" not in text


def test_the_numbers_on_the_picture_are_those_of_the_list(desk: Visitor) -> None:
    waiting(3, lat=51.5)
    waiting(1, lat=51.51, title="Far")

    text = desk.get("/review?together=1").text

    numbers = re.findall(r'data-pick="(\d+)"> <span class="key">(\d+)</span>', text)
    assert [one for one, _ in numbers] == ["1", "2", "3", "4"] == [other for _, other in numbers]
    assert re.findall(r'data-mark="(\d+)"', text) == ["1", "2", "3", "4"]
    discs = re.findall(r'class="disc" cx="(\d+)" cy="(\d+)" r="22"', text)
    places = [(int(x), int(y)) for x, y in discs]
    apart = [(a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for a in places for b in places if a is not b]
    assert min(apart) >= 44**2  # also those at the same place


@pytest.mark.parametrize("number", [1, 50])
def test_fifty_numbers_stay_apart_and_within_the_picture(desk: Visitor, number: int) -> None:
    waiting(number)

    text = desk.get("/review?together=1").text

    places = [(int(x), int(y)) for x, y in re.findall(r'class="disc" cx="(\d+)" cy="(\d+)"', text)]
    assert len(set(places)) == number
    assert all(22 <= x <= 618 and 22 <= y <= 338 for x, y in places)


def test_neighbours_are_on_the_picture_of_a_report_by_their_numbers(desk: Visitor) -> None:
    waiting(3)

    text = desk.get("/review").text

    assert re.findall(r'data-mark="(\d+)"', text) == ["1", "2"]
    assert fields_of(text, "merge")["into"]


def test_what_speaks_for_and_against_it_is_told(desk: Visitor) -> None:
    waiting(confidence="low", confidence_tenths=1, confidence_reasons='[["votes", 2], ["flags", -1]]')

    words = words_of(desk.get("/review").text)

    assert "Speaks for itOther people say that it is flooded there." in words
    assert "Speaks against itOther people have flagged it as wrong." in words
