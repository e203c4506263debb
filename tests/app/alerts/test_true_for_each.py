"""Messages about several places, warnings or ends: each sentence is true of each of them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import alert_letters
from app.core import clock
from app.reports.entry import Status
from app.warnings.sources.message import Act, Text
from tests.factories import make_report
from tests.happenings import Happenings, minutes
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.warning_making import announce, message, place, square

SAME = Text("en", "Flood warning", "Flood warning", "Water is rising.", "Keep away.")
FAR = {"lat": 53.4, "lon": -2.2, "radius_km": 5.0}


@pytest.fixture
def happen(client: FlaskClient, post: Post, noon: Any) -> Happenings:
    return Happenings(client, post)


def two(**second: Any) -> None:
    """Two areas at one place under one text, in two messages; `second` differs in this."""
    for event, wanted in (("A", {}), ("B", second)):
        announce(message(event, places=(place(event, square()),), texts=(SAME,), **wanted), is_whole=False)


def test_digest_names_for_each_thing_the_place_that_it_is_near(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(digest="hourly", severity_min="minor")
    happen.asker(digest="hourly", severity_min="minor", place=FAR, label="Mum")
    for lat, lon in ((51.5, -0.1), (53.41, -2.2)):
        happen.report(make_report(status=Status.VERIFIED, severity="moderate", depth_cm=50, lat=lat, lon=lon))
    noon.shift(timedelta(minutes=58))
    minutes(happen, noon, 6)

    assert post.calls == 1
    [subject] = post.subjects()
    assert subject in [
        f"[test] What came for {one} and 1 more area while messages were held back" for one in ("Home", "Mum")
    ]
    assert "* Near Home: 1 report of water above the knee" in post.text()
    assert "* Near Mum: 1 report of water above the knee" in post.text()
    assert post.text().count("km from the middle of Mum") == 1


def test_digest_that_cannot_hold_all_says_so(
    post: Post, happen: Happenings, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_letters, "MOST_SECTIONS", 1)
    happen.asker(digest="hourly", severity_min="minor")
    for lon in (-0.1, -0.11, -0.12):
        happen.report(make_report(status=Status.VERIFIED, severity="moderate", depth_cm=50, lon=lon))
    noon.shift(timedelta(minutes=58))
    minutes(happen, noon, 6)

    assert post.text().count("1 report of water") == 1
    assert "There are more than this message holds (2). See what holds now: https://floods.example.org/" in post.text()


def test_area_whose_warning_begins_later_is_not_said_to_hold_now(post: Post, happen: Happenings) -> None:
    happen.asker()
    two(onset_at_ms=clock.now_ms() + 30 * clock.HOUR_MS)
    happen.warnings()

    assert post.subjects() == ["[test] River at A: act now (Flood warning)"]
    assert "Under the same text: River at B, from Sunday 22 November, 18:00 GMT: act now." in post.text()
    assert "- River at B" not in post.text()


def test_area_whose_danger_is_only_possible_does_not_get_the_rank_of_another(post: Post, happen: Happenings) -> None:
    happen.asker()
    two(certainty="possible")
    happen.warnings()

    assert post.subjects() == ["[test] River at A: act now (Flood warning)"]
    assert "Under the same text: River at B: be prepared." in post.text()


def test_areas_of_one_rank_are_named_together(post: Post, happen: Happenings) -> None:
    happen.asker()
    two()
    happen.warnings()

    assert post.subjects() == ["[test] River at A and 1 more area: act now (Flood warning)"]
    assert "It is for these areas:\n- River at A\n- River at B" in post.text()
    assert "Under the same text" not in post.text()


def test_each_end_has_its_own_reason(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    two()
    happen.warnings()
    noon.shift(timedelta(minutes=20))
    for _ in range(2):
        announce(message("A", places=(place("A", square()),), texts=(SAME,), act=Act.END))
    happen.warnings()

    assert post.subjects()[1:] == ["[test] No longer in force: River at A and 1 more area"]
    assert "River at A: Environment Agency (England) has cancelled it: Saturday 21 November, 12:20 GMT." in post.text()
    assert "River at B: Environment Agency (England) does not list it any more:" in post.text()


def test_new_warning_is_not_called_graver_because_another_one_under_its_text_is(post: Post, happen: Happenings) -> None:
    happen.asker()
    happen.asker("bob@example.com", place=FAR, label="Mum")
    announce(message("A", places=(place("A", square()),), texts=(SAME,), severity="moderate"), is_whole=False)
    happen.warnings()
    post.accepted.clear()
    announce(message("A", places=(place("A", square()),), texts=(SAME,)), is_whole=False)
    announce(message("B", places=(place("B", square(-2.3, 53.3)),), texts=(SAME,)), is_whole=False)
    happen.warnings()

    said = {post.subjects()[number]: post.text(number) for number in range(len(post.accepted))}
    assert "graver than before" in said["[test] River at A: act now (Flood warning)"]
    assert "graver than before" not in said["[test] River at B: act now (Flood warning)"]


def test_end_of_several_areas_names_them(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker()
    two()
    happen.warnings()
    noon.shift(timedelta(minutes=20))
    ends = [message(one, places=(place(one, square()),), texts=(SAME,), act=Act.END) for one in "AB"]
    announce(*ends)
    happen.warnings()

    assert post.text().count("has cancelled it") == 1
    assert "It was for these areas:\n- River at A\n- River at B" in post.text()


def test_own_end_of_one_area_is_not_told_of_another(post: Post, happen: Happenings) -> None:
    happen.asker()
    two(expires_at_ms=clock.now_ms() + clock.HOUR_MS)
    happen.warnings()

    assert "It ends by itself" not in post.text()
