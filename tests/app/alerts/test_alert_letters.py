"""Alerts as they go out: what holds at that moment, in whose words, to whom, and once."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import tokens
from app.alerts.tokens import Right
from app.core import clock
from app.reports.entry import Status
from app.warnings.sources.message import Act, Text
from tests.factories import make_report
from tests.happenings import HOME, Happenings, state_of
from tests.post import NO_ANSWER, Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.warning_making import announce, announce_at, message, place, square


@pytest.fixture
def happen(client: FlaskClient, post: Post, noon: Any) -> Happenings:
    return Happenings(client, post)


def test_a_warning_names_its_place_its_rank_and_the_issuers_own_words(post: Post, happen: Happenings) -> None:
    happen.asker()
    announce_at(square())
    happen.warnings()

    assert post.subjects() == ["[test] River at A1: act now (Flood warning)"]
    text = post.text()
    assert "Flooding is expected. Move people, pets" in text
    assert "Sent by Environment Agency (England): Saturday 21 November, 12:00 GMT." in text
    assert "In the words of Environment Agency (England):" in text
    assert "> Keep away." in text
    assert "Emergency number there: 999." in text
    assert "The issuer's own page:\nhttps://check-for-flooding.service.gov.uk/" in text
    assert "You get this because you asked here for alerts about Home." in text


def test_every_alert_can_be_stopped_by_its_headers_and_by_its_words(post: Post, happen: Happenings) -> None:
    subscription = happen.asker()
    announce_at(square())
    happen.warnings()
    headers = {one["Name"]: one["Value"] for one in post.accepted[-1]["Content"]["Simple"]["Headers"]}
    stop = tokens.link_token(subscription, Right.STOP)

    assert headers["List-Unsubscribe"] == f"<https://floods.example.org/alerts/stop?token={stop}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"/alerts/stop?token={stop}" in post.text()
    assert f"/alerts#{tokens.link_token(subscription, Right.MANAGE)}" in post.text()


def test_a_stop_holds_for_what_is_queued(post: Post, happen: Happenings) -> None:
    subscription = happen.asker()
    announce_at(square())
    happen.warnings(works=False)
    happen.stop(subscription)
    post.work()

    assert (post.calls, state_of("w-")) == (0, ("expired", "over"))


def test_another_subscription_of_the_same_person_gets_what_the_first_one_left(post: Post, happen: Happenings) -> None:
    first, other = happen.asker(), happen.asker(label="Mother", place=HOME | {"radius_km": 3})
    announce_at(square())
    happen.warnings(works=False)
    happen.stop(first)
    post.work()
    sent = post.subjects()
    happen.stop(other)

    assert len(sent) == 1
    assert "for alerts about" in post.text()


def test_equal_texts_are_one_message_with_the_areas_of_this_person(post: Post, happen: Happenings) -> None:
    happen.asker()
    here, near, far = place("A1", square()), place("A2", square(-0.3)), place("A3", square(5, 45))
    announce(message("E", places=(here, near, far)))
    happen.warnings()

    assert post.subjects() == ["[test] River at A1 and 1 more area: act now (Flood warning)"]
    assert "It is for these areas:\n- River at A1\n- River at A2" in post.text()
    assert "at A3" not in post.text()


def test_what_begins_later_is_never_said_as_if_it_held_now(post: Post, happen: Happenings) -> None:
    happen.asker()
    announce_at(square(), onset_at_ms=clock.now_ms() + 20 * clock.HOUR_MS)
    happen.warnings()

    moment = "from Sunday 22 November, 08:00 GMT"
    assert post.subjects() == [f"[test] River at A1, {moment}: act now (Flood warning)"]
    assert f"It is announced {moment}." in post.text()
    assert "tomorrow" not in post.text()
    assert "In force" not in post.text()


def test_a_rise_says_that_it_is_one_and_what_waited_is_not_told_too(post: Post, happen: Happenings) -> None:
    happen.asker()
    announce_at(square(), "E", severity="moderate")
    happen.warnings(works=False)
    announce_at(square(), "E", severity="extreme")
    happen.warnings()

    assert post.subjects() == ["[test] River at A1: danger to life (Flood warning)"]
    assert "The issuer ranks it graver than before." in post.text()


def test_an_end_is_told_once_in_another_form_with_its_reason(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "E")
    happen.warnings()
    noon.shift(timedelta(hours=2))
    announce_at(square(), "E", act=Act.END)
    happen.warnings()
    happen.warnings()

    assert post.subjects()[1:] == ["[test] No longer in force: River at A1"]
    assert "has cancelled it: Saturday 21 November, 14:00 GMT." in post.text()
    assert "act now" not in post.text()


def test_an_end_that_lies_before_the_message_is_told_all_the_same(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "E")
    happen.warnings()
    noon.shift(timedelta(hours=2))
    announce_at(square(), "E", expires_at_ms=clock.now_ms() - 3 * clock.HOUR_MS)
    happen.warnings()

    assert post.subjects()[1:] == ["[test] No longer in force: River at A1"]


def test_an_end_says_first_what_is_still_in_force_there(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "OLDER", severity="minor")
    noon.shift(timedelta(hours=1))
    announce_at(square(), "E")
    happen.warnings()
    noon.shift(timedelta(hours=1))
    announce_at(square(), "OLDER", severity="extreme")
    announce_at(square(), "E", act=Act.END)
    happen.warnings()

    texts = [post.text(number) for number in range(len(post.accepted))]
    said = next(text for text in texts if "No longer in force" in text)
    assert said.index("Not everything is over: another warning holds there. Home: danger to life.") < said.index(
        "has cancelled it"
    )


def test_what_ends_while_its_message_waits_is_told_to_none(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "E")
    happen.warnings(works=False)
    noon.shift(timedelta(minutes=1))
    announce_at(square(), "E", act=Act.END)
    happen.warnings()

    assert (post.calls, state_of("w-"), state_of("e-")) == (0, ("expired", "over"), ("expired", "over"))


def test_an_end_does_not_overtake_a_warning_that_is_on_its_way(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "E")
    post.faults, post.accepts_in_spite = [NO_ANSWER], True
    happen.warnings()
    noon.shift(timedelta(seconds=30))
    announce_at(square(), "E", act=Act.END)
    happen.warnings()
    early = post.subjects()
    post.report("Send")
    noon.shift(timedelta(minutes=3))
    post.work()

    assert len(early) == 1
    assert post.subjects()[1:] == ["[test] No longer in force: River at A1"]


def test_an_inference_of_ours_is_said_to_be_one(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "E")
    happen.warnings()
    noon.shift(timedelta(minutes=10))
    announce(is_whole=True)
    noon.shift(timedelta(minutes=10))
    announce(is_whole=True)
    happen.warnings()

    assert post.subjects()[1:] == ["[test] No longer in force: River at A1"]
    assert "From this we infer that it is over; the issuer has not said so." in post.text()


def test_the_end_of_its_own_time_says_when_its_source_is_silent(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "E", expires_at_ms=clock.now_ms() + clock.HOUR_MS)
    happen.warnings()
    noon.shift(timedelta(hours=1, minutes=1))
    happen.minute()

    assert "Its own time has passed: Saturday 21 November, 13:00 GMT." in post.text()
    assert "has not been heard since Saturday 21 November, 12:00 GMT: it may have prolonged it" in post.text()


def test_a_report_is_told_in_words_of_water_and_never_in_those_of_an_authority(post: Post, happen: Happenings) -> None:
    happen.asker()
    report = make_report(status=Status.VERIFIED, severity="extreme", depth_cm=120, title="We all drown here", lon=-0.1)
    report.duplicates = ["rep_x"]
    report.save()
    happen.report(report)

    assert post.subjects() == ["[test] Near Home: 2 reports of water above the waist"]
    text = post.text()
    assert "A responder has checked it." in text
    assert "This is what people report, and no official warning." in text
    assert "Close to the middle of Home." in text
    for word in ("xtreme", "anger to life", "ct now", "drown"):
        assert word not in text


@pytest.mark.parametrize("status", [Status.REJECTED, Status.MERGED, Status.WITHDRAWN])
def test_a_report_that_is_gone_when_its_message_goes_is_told_to_none(
    post: Post, happen: Happenings, status: Status
) -> None:
    happen.asker()
    report = make_report(status=Status.VERIFIED, severity="severe", lon=-0.1)
    post.work = lambda: None  # type: ignore[method-assign]
    happen.report(report)
    del post.work
    report.status = status
    report.save()
    post.work()

    assert (post.calls, state_of("r-")) == (0, ("expired", "over"))


def test_a_new_subscription_gets_what_is_in_force_as_no_news(post: Post, happen: Happenings, noon: Any) -> None:
    announce_at(square(), "E")
    noon.shift(timedelta(hours=5))
    happen.confirmed()
    post.work()

    assert post.subjects() == ["[test] River at A1: act now (Flood warning)"]
    assert "Official warnings in force around Home" in post.text()
    assert "This is no news: it was there before you asked." in post.text()
    assert "In force since Saturday 21 November, 12:00 GMT." in post.text()
    assert "* River at A1: act now (Flood warning)" in post.text()


def test_where_nothing_is_in_force_a_new_subscription_gets_no_message(post: Post, happen: Happenings) -> None:
    announce_at(square(5, 45), "E")
    happen.confirmed()
    post.work()

    assert state_of("s-") == ("expired", "over")


def test_words_of_issuers_are_cleaned_and_stay_theirs(post: Post, happen: Happenings) -> None:
    happen.asker()
    evil = Text("en", "Flood <b>warning</b>", "x", "Go to <a href='http://evil.example'>there</a>\n\u202egnp.exe", "")
    announce_at(square(), "E", texts=(evil,))
    happen.warnings()

    assert "<a href='http" not in post.html()
    assert "\u202e" not in post.html() + post.text()
    assert "Go to there" in post.text()


def test_who_joins_an_event_that_a_process_has_read_already_is_not_left_out(post: Post, happen: Happenings) -> None:
    """A text comes to a second area within seconds of the first."""
    happen.asker()
    happen.asker("bob@example.com", place=HOME | {"lat": 45.1, "lon": 5.1})
    announce(message("E", places=(place("A1", square()),)), is_whole=False)
    happen.warnings()
    happen.is_cache_kept = True
    announce(message("E", places=(place("A1", square()), place("A2", square(5, 45)))), is_whole=False)
    happen.warnings()

    assert [one["Destination"]["ToAddresses"][0] for one in post.accepted] == ["anna@example.net", "bob@example.com"]


def test_what_is_in_force_is_told_for_the_new_place_alone(post: Post, happen: Happenings) -> None:
    announce_at(square(), "E")
    happen.asker(label="Mother", place=HOME | {"radius_km": 3})
    new = happen.confirmed()
    happen.stop(new)
    post.work()

    assert (post.calls, state_of(f"s-{new.id}")) == (0, ("expired", "over"))
