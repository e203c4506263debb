"""Photos on the page of responders: shown with what may be done, decided about by plain forms."""

import json
import re
from typing import Any

import boto3
import pytest
from werkzeug.test import TestResponse

from app.factory import create_app
from app.reports.models import Report
from app.review import audit
from tests.app.pages.conftest import OWN_FORM, Visitor
from tests.app.pages.review.conftest import follow, waiting, words_of
from tests.configured import settings_of
from tests.factories import make_account, tell_consumer
from tests.photo_acts import put
from tests.photo_rows import add_photo, alter_photo, photos_of


def send(desk: Visitor, report: Report, photo_id: str, act: str, **said: Any) -> TestResponse:
    """Press a button of the form of a photo; lists are fields that occur several times."""
    fields = {"report_id": report.id, "photo_id": photo_id, "act": act} | said
    return desk.client.post("/review/photo", data=fields, headers=OWN_FORM)


def another(**areas: Any) -> Visitor:
    """Another responder, with a browser of their own."""
    visitor = Visitor(create_app().test_client())
    account = make_account("responder", **areas)
    assert visitor.sign_in(account.username).status_code == 303
    return visitor


def page_of(desk: Visitor, report: Report) -> str:
    return desk.get(f"/review?report={report.id}").text


def seen_in(text: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', text)
    assert found, text
    return found[1]


def test_a_photo_stands_beside_its_report_with_what_may_be_done(desk: Visitor) -> None:
    (report,) = waiting()
    photo = add_photo(report.id, alt="A red car in the water")
    text = page_of(desk, report)

    assert f'src="/v1/reports/{report.id}/photos/{photo.id}-1/large.jpg"' in text
    assert 'alt="A red car in the water"' in text and "Not yet shown to others." in text
    assert [act in text for act in ('value="shown"', 'value="hidden"', 'value="blurred"')] == [True] * 3
    assert "review_photos" in text


def test_before_anything_was_done_nothing_is_told_in_any_language(desk: Visitor) -> None:
    waiting()
    for language in ("en", "es"):
        text = desk.get("/review", headers={"Accept-Language": language}).text
        assert f'<html lang="{language}"' in text
        assert re.search(r'id="told">([^<]*)<', text)[1] == ""  # type: ignore[index]


def test_a_report_without_photos_has_nothing_of_them(desk: Visitor) -> None:
    (report,) = waiting()
    text = page_of(desk, report)

    assert 'id="photos"' not in text and "review_photos" not in text


def test_who_verifies_is_told_that_photos_are_shown_too(desk: Visitor) -> None:
    (report,) = waiting()
    together = desk.get("/review?together=1").text
    assert "Their new photos are not shown with them" not in together
    add_photo(report.id)
    tell_consumer([Report.find(report.id, consistent=True)])

    assert page_of(desk, report).count("Its new photos are shown with it") == 2  # to verify, and to correct and verify
    assert "Their new photos are not shown with them" in desk.get("/review?together=1").text
    with settings_of(FLOOD_PHOTOS="held"):
        assert "Its new photos are shown with it" not in page_of(desk, report)


def test_photo_that_came_after_the_page_is_not_shown_by_verifying_from_it(desk: Visitor, noon: Any) -> None:
    (report,) = waiting()
    seen = add_photo(report.id)
    text = page_of(desk, report)
    found = re.search(r'name="photos" value="([^"]*)"', text)
    assert found and found[1] == seen.name
    add_photo(report.id)

    fields = {"report_id": report.id, "version": "1", "photos": found[1], "decision": "verified"}
    fields |= {"reason": "seen_by_staff"}
    assert desk.client.post("/review/decision", data=fields, headers=OWN_FORM).status_code == 303

    row = Report.find(report.id, consistent=True)
    assert row is not None and [photo.id for photo in row.public_photos()] == [seen.id]


def test_photos_are_shown_and_hidden_and_the_page_says_so(desk: Visitor) -> None:
    (report,) = waiting()
    photo = add_photo(report.id)

    shown = words_of(follow(desk, send(desk, report, photo.id, "shown")))
    assert "The photo is shown" in shown and "Everybody sees it." in shown
    hidden = words_of(follow(desk, send(desk, report, photo.id, "hidden")))

    assert "The photo is hidden" in hidden and "Hidden by a responder." in hidden
    assert photos_of(report.id)[0].decision == "hidden"
    acts = [row.action for row in audit.history_of(report.id)]
    assert sorted(acts) == ["photo.hidden", "photo.shown"]


def test_of_two_responders_the_second_learns_of_the_first_decision(desk: Visitor) -> None:
    (report,) = waiting()
    photo, other = add_photo(report.id), another()
    seen = seen_in(page_of(other, report))
    follow(desk, send(desk, report, photo.id, "hidden", seen=seen))

    answer = send(other, report, photo.id, "shown", seen=seen)

    assert answer.status_code == 409
    assert "another responder has decided about this photo" in words_of(answer.text)
    assert "Hidden by a responder." in words_of(answer.text)
    assert photos_of(report.id)[0].decision == "hidden"
    again = send(other, report, photo.id, "shown", seen=seen_in(answer.text))
    assert again.status_code == 303 and photos_of(report.id)[0].decision == "shown"


def test_places_are_blurred_without_a_script(desk: Visitor, photos_bucket: str) -> None:
    (report,) = waiting()
    photo = add_photo(report.id)
    rows = {"left": ["10", "", "95"], "top": ["20,5", "", "0"], "width": ["30", "", "50 %"], "height": ["5", "", "100"]}

    text = words_of(follow(desk, send(desk, report, photo.id, "blurred", **rows)))

    order = boto3.client("s3").get_object(Bucket=photos_bucket, Key=f"orders/{report.id}/{photo.id}-1.json")
    assert json.loads(order["Body"].read()) == {"blur": [[0.1, 0.205, 0.3, 0.05], [0.95, 0.0, 0.05, 1.0]]}
    (stored,) = photos_of(report.id)
    assert (stored.decision, stored.blur is not None) == ("shown", True)
    assert "Until that is done, no one else sees it." in text


def test_a_blurred_photo_may_be_looked_at_again_before_it_is_shown(desk: Visitor, photos_bucket: str) -> None:
    """Also one that was shown before: no one else sees the new pixels until that."""
    (report,) = waiting()
    for before in (None, "shown"):
        photo = add_photo(report.id, decision=before)
        rows = {"left": "10", "top": "20", "width": "30", "height": "5"}
        follow(desk, send(desk, report, photo.id, "blurred_first", **rows))
        alter_photo(report.id, photo.id, number=2, blur=None)

        text = page_of(desk, report)

        assert photos_of(report.id)[-1].decision == "hidden"
        assert f"/v1/reports/{report.id}/photos/{photo.id}-2/large.jpg" in text
        row = Report.find(report.id, consistent=True)
        assert row is not None and row.public_photos() == []


@pytest.mark.parametrize(
    ("act", "said", "sentence"),
    [
        ("blurred", {}, "Draw at least one place"),
        ("blurred", {"left": "10", "top": "10", "width": "", "height": "5"}, "Give all four numbers of a place"),
        ("blurred", {"left": "100", "top": "10", "width": "5", "height": "5"}, "Give all four numbers of a place"),
        ("blurred", {"left": "nan", "top": "10", "width": "5", "height": "5"}, "Give all four numbers of a place"),
        ("blurred", {name: ["1"] * 21 for name in ("left", "top", "width", "height")}, "at most 20 places"),
        ("described", {"alt": "x" * 301}, "Shorten what can be seen"),
        ("explode", {}, "Choose what is to be done"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(
    desk: Visitor, act: str, said: dict[str, Any], sentence: str
) -> None:
    (report,) = waiting()
    photo = add_photo(report.id)

    answer = send(desk, report, photo.id, act, **said)

    assert answer.status_code == 422 and sentence in words_of(answer.text)
    assert photos_of(report.id) == [photo]
    if said.get("left") == "10":
        assert 'name="left" value="10"' in answer.text


def test_a_photo_is_described_and_removed(desk: Visitor, photos_bucket: str) -> None:
    (report,) = waiting()
    photo = add_photo(report.id)
    put(photos_bucket, f"kept/{report.id}/{photo.name}/large.jpg")

    follow(desk, send(desk, report, photo.id, "described", alt='Water  up to the "kerb"'))
    assert photos_of(report.id)[0].alt == 'Water up to the "kerb"'
    assert "Water up to the &#34;kerb&#34;" in page_of(desk, report)
    text = follow(desk, send(desk, report, photo.id, "removed"))

    assert photos_of(report.id) == [] and "The photo is removed for good." in words_of(text)
    gone = follow(desk, send(desk, report, photo.id, "shown"))
    assert "the photo is not there any more" in words_of(gone)


def test_photos_of_a_joined_report_are_judged_beside_the_one_it_was_joined_to(desk: Visitor) -> None:
    target, joined = waiting(2)
    photo = add_photo(joined.id)
    fields = {"version": "1", "decision": "merged", "into": target.id}
    assert desk.post("/review/decision", report_id=joined.id, **fields).status_code == 303

    text = page_of(desk, target)
    assert f'src="/v1/reports/{joined.id}/photos/{photo.name}/large.jpg"' in text
    assert "It came with a report that was joined to this one." in words_of(text)
    follow(desk, send(desk, target, photo.id, "shown", seen=seen_in(text)))

    assert photos_of(joined.id)[0].decision == "shown"
    assert next(row.action for row in audit.history_of(joined.id)) == "photo.shown"


def test_a_responder_elsewhere_decides_about_no_photo(desk: Visitor) -> None:
    (report,) = waiting()
    photo, elsewhere = add_photo(report.id), another(within=())

    answer = send(elsewhere, report, photo.id, "shown")

    assert answer.status_code == 303 and "told=photo_gone" in answer.headers["Location"]
    assert photos_of(report.id) == [photo]


def test_refused_and_awaited_photos_say_so_and_take_no_decision(desk: Visitor) -> None:
    (report,) = waiting()
    add_photo(report.id, state="refused", reason="broken")
    add_photo(report.id, state="awaiting")
    text = page_of(desk, report)

    assert "Refused, and not kept." in text and "Its upload has not come yet." in text
    assert 'value="shown"' not in text.partition('id="photos"')[2].partition("</section>")[0]
