"""Alerts that wait for a time, and what time alone brings about: quiet hours, digests, own ends, silent sources."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import quiet
from app.core import clock
from app.mail.models import Delivery
from app.reports.entry import Status
from app.warnings.models import OfficialWarning
from app.warnings.sources.message import Act
from tests.factories import make_report
from tests.happenings import ADDRESS, HOME, Happenings, at, minutes, state_of, states
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.warning_making import announce, announce_at, square

NIGHT = {"from": "22:00", "to": "07:00", "time_zone": "Europe/London"}
EVENING, MORNING = "2026-11-20T22:30Z", "2026-11-21T06:59Z"


@pytest.fixture
def happen(client: FlaskClient, post: Post, noon: Any, monkeypatch: pytest.MonkeyPatch) -> Happenings:
    """It is half past ten in the evening."""
    monkeypatch.setattr(quiet, "SPREAD_MINUTES", 1)
    at(noon, EVENING)
    happenings = Happenings(client, post)
    happenings.minute()
    return happenings


def heard() -> None:
    """Let the source answer that nothing has changed."""
    announce(is_not_modified=True)


def sleep(happen: Happenings, noon: Any) -> None:
    """Let the night pass until the minutes after seven."""
    at(noon, MORNING)
    heard()
    minutes(happen, noon, 4)


def test_quiet_hours_hold_back_what_is_not_severe_and_it_comes_as_one_digest(
    post: Post, happen: Happenings, noon: Any
) -> None:
    happen.asker(quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    noon.shift(timedelta(hours=1))
    announce_at(square(), "B", severity="minor")
    happen.warnings()
    early = post.calls
    sleep(happen, noon)

    assert (early, post.calls) == (0, 1)
    assert post.subjects() == ["[test] What came for Home while messages were held back"]
    assert "* River at A1: be prepared (Flood warning)" in post.text()
    assert "* River at A1: be aware (Flood warning)" in post.text()
    assert "In force since Friday 20 November, 22:30 GMT." in post.text()
    held = [state for event, state in states().items() if event.startswith("w-")]
    assert held == [("sent", "digest")] * 2


def test_what_is_severe_wakes(post: Post, happen: Happenings) -> None:
    happen.asker(quiet=NIGHT, digest="daily")
    announce_at(square(), "A", severity="severe")
    happen.warnings()

    assert post.subjects() == ["[test] River at A1: act now (Flood warning)"]


def test_what_ended_in_the_night_is_not_in_the_digest_and_gets_no_all_clear(
    post: Post, happen: Happenings, noon: Any
) -> None:
    happen.asker(quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    announce_at(square(), "B", severity="minor")
    happen.warnings()
    noon.shift(timedelta(hours=2))
    announce_at(square(), "A", severity="moderate", act=Act.END)
    happen.warnings()
    sleep(happen, noon)

    assert post.calls == 1
    assert "be prepared" not in post.text()
    assert "be aware" in post.text()
    assert "No longer" not in post.text()


def test_where_all_is_over_by_the_morning_no_digest_comes(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    noon.shift(timedelta(hours=2))
    announce_at(square(), "A", severity="moderate", act=Act.END)
    happen.warnings()
    sleep(happen, noon)

    assert post.calls == 0
    assert {state for state, _ in states().values()} == {"expired"}


def test_an_end_in_quiet_hours_waits_too_and_is_told_in_the_morning(post: Post, happen: Happenings, noon: Any) -> None:
    at(noon, "2026-11-20T20:00Z")
    happen.asker(quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    at(noon, EVENING)
    announce_at(square(), "A", severity="moderate", act=Act.END)
    happen.warnings()
    early = len(post.accepted)
    sleep(happen, noon)

    assert (early, len(post.accepted)) == (1, 2)
    assert "* No longer in force: River at A1" in post.text()
    assert "has cancelled it: Friday 20 November, 22:30 GMT." in post.text()


def test_a_rise_in_the_night_leaves_nothing_old_for_the_morning(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    noon.shift(timedelta(hours=2))
    announce_at(square(), "A", severity="extreme")
    happen.warnings()
    sleep(happen, noon)

    assert post.subjects() == ["[test] River at A1: danger to life (Flood warning)"]


def test_a_stop_in_the_night_holds_for_the_digest(post: Post, happen: Happenings, noon: Any) -> None:
    subscription = happen.asker(quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    happen.stop(subscription)
    sleep(happen, noon)

    assert post.calls == 0


def test_two_people_get_their_digests_in_their_own_languages(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(quiet=NIGHT)
    happen.asker("bob@example.com", quiet=NIGHT, language="es", label="Casa")
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    sleep(happen, noon)

    assert sorted(post.subjects()) == [
        "[test] Lo que llegó para Casa mientras se retenían los mensajes",
        "[test] What came for Home while messages were held back",
    ]


def test_an_hourly_digest_has_reports_and_warnings_each_once(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(digest="hourly", severity_min="minor")
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    report = make_report(status=Status.VERIFIED, severity="moderate", depth_cm=50, lon=-0.1)
    happen.report(report)
    happen.report(report)
    noon.shift(timedelta(minutes=28))
    heard()
    minutes(happen, noon, 5)

    assert post.calls == 1
    assert post.text().count("* River at A1: be prepared") == 1
    assert post.text().count("* Near Home: 1 report of water above the knee") == 1


def test_the_own_end_of_a_warning_is_told_without_any_change_of_its_row(
    post: Post, happen: Happenings, noon: Any
) -> None:
    happen.asker()
    announce_at(square(), "A", expires_at_ms=clock.now_ms() + clock.HOUR_MS)
    happen.warnings()
    noon.shift(timedelta(minutes=58))
    heard()
    minutes(happen, noon, 5)
    happen.warnings()

    assert post.subjects()[1:] == ["[test] No longer in force: River at A1"]
    assert "Its own time has passed: Friday 20 November, 23:30 GMT." in post.text()


def test_a_warning_that_was_prolonged_before_its_end_does_not_end(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "A", expires_at_ms=clock.now_ms() + clock.HOUR_MS)
    happen.warnings()
    noon.shift(timedelta(minutes=50))
    announce_at(square(), "A", expires_at_ms=clock.now_ms() + 5 * clock.HOUR_MS)
    happen.warnings()
    noon.shift(timedelta(minutes=8))
    minutes(happen, noon, 5)

    assert len(post.accepted) == 1


def test_a_source_that_falls_silent_is_told_of_once(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    happen.asker("bob@example.com", place=HOME | {"lat": 45.0})
    announce_at(square(), "A")
    happen.warnings()
    noon.shift(timedelta(minutes=26))
    minutes(happen, noon, 4)
    early = len(post.accepted)
    minutes(happen, noon, 5)

    assert (early, post.subjects()[1:]) == (1, ["[test] River at A1: we cannot say whether the warning still holds"])
    assert "has not been heard since Friday 20 November, 22:30 GMT." in post.text()
    assert "Last known: River at A1: act now." in post.text()


def test_a_silence_that_ends_before_its_message_goes_is_not_told(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(quiet=NIGHT)
    announce_at(square(), "A")
    happen.warnings()
    real = post.work
    post.work = lambda: None  # type: ignore[method-assign]
    noon.shift(timedelta(minutes=29))
    minutes(happen, noon, 3)
    heard()
    post.work = real  # type: ignore[method-assign]
    happen.minute()

    assert len(post.accepted) == 1
    assert state_of("u-") == ("expired", "over")


def test_while_nothing_is_in_force_no_silence_is_told_of(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    announce_at(square(), "A")
    happen.warnings()
    announce_at(square(), "A", act=Act.END)
    happen.warnings()
    noon.shift(timedelta(minutes=40))
    minutes(happen, noon, 2)

    assert [event for event in states() if event.startswith("u-")] == []


def test_a_run_of_the_minute_that_failed_is_made_up_for(
    post: Post, happen: Happenings, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen.asker()
    announce_at(square(), "A", expires_at_ms=clock.now_ms() + clock.HOUR_MS)
    happen.warnings()
    noon.shift(timedelta(minutes=61))
    with monkeypatch.context() as broken, pytest.raises(OSError, match="away"):
        broken.setattr(OfficialWarning, "find_all", _fail)
        happen.minute()
    noon.shift(timedelta(minutes=30))
    happen.minute()

    assert post.subjects()[1:2] == ["[test] No longer in force: River at A1"]


def _fail(*_: Any, **__: Any) -> None:
    raise OSError("away")


def test_messages_are_to_one_person_at_a_time(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(quiet=NIGHT)
    happen.asker("bob@example.com", quiet=NIGHT)
    announce_at(square(), "A", severity="moderate")
    happen.warnings()
    sleep(happen, noon)

    to = sorted(one["Destination"]["ToAddresses"] for one in post.accepted)
    assert to == [[ADDRESS], ["bob@example.com"]]
    assert all(row.due is None for row in Delivery.scan() if row.kind == "alert")
