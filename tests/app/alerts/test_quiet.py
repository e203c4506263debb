"""Quiet hours and digests, also where clocks are changed in them, and where a zone does not exist."""

from datetime import datetime
from typing import Any

import pytest

from app.alerts import quiet
from app.core import clock

NIGHT = {"from": "22:00", "to": "07:00", "time_zone": "Europe/London"}


def held(noon: Any, now: str, *, severity: str = "moderate", digest: str = "off", **hours: str) -> str | None:
    """When a message of this moment goes, for a person without a share of the spread."""
    noon.move_to(datetime.fromisoformat(now).timestamp())
    asked = NIGHT | hours
    return at(quiet.held_until_ms("anna4", severity=severity, quiet=asked, digest=digest, zone=lambda: "Europe/London"))


def at(held_ms: int | None) -> str | None:
    return None if held_ms is None else clock.rfc3339(held_ms)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "SPREAD_MINUTES", 1)


def test_what_comes_in_quiet_hours_goes_at_their_end(noon: Any) -> None:
    assert held(noon, "2026-11-28T23:10Z") == "2026-11-29T07:00:00Z"
    assert held(noon, "2026-11-29T03:00Z") == "2026-11-29T07:00:00Z"
    assert held(noon, "2026-11-28T22:00Z") == "2026-11-29T07:00:00Z"


def test_what_comes_outside_of_them_goes_now(noon: Any) -> None:
    assert held(noon, "2026-11-28T21:59Z") is None
    assert held(noon, "2026-11-29T07:00Z") is None


def test_what_is_severe_or_extreme_never_waits(noon: Any) -> None:
    for severity in ("severe", "extreme"):
        assert held(noon, "2026-11-28T23:10Z", severity=severity, digest="daily") is None
    for severity in ("unknown", "minor", "moderate"):
        assert held(noon, "2026-11-28T23:10Z", severity=severity)


def test_hours_within_one_day_are_quiet_on_that_day(noon: Any) -> None:
    office = {"from": "09:00", "to": "17:30"}
    assert held(noon, "2026-11-28T12:00Z", **office) == "2026-11-28T17:30:00Z"
    assert held(noon, "2026-11-28T17:30Z", **office) is None
    assert held(noon, "2026-11-28T08:59Z", **office) is None


def test_hours_are_those_of_the_persons_clock(noon: Any) -> None:
    assert held(noon, "2026-07-01T05:30Z") == "2026-07-01T06:00:00Z"
    assert held(noon, "2026-11-28T12:00Z", time_zone="Asia/Kathmandu") is None
    assert held(noon, "2026-11-28T16:30Z", time_zone="Asia/Kathmandu") == "2026-11-29T01:15:00Z"


@pytest.mark.parametrize(
    ("now", "end", "goes"),
    [
        # London, 29 March 2026: 01:00 becomes 02:00. 25 October 2026: 02:00 becomes 01:00.
        ("2026-03-28T23:00Z", "07:00", "2026-03-29T06:00:00Z"),
        ("2026-03-29T00:30Z", "01:30", "2026-03-29T01:00:00Z"),
        ("2026-03-29T01:00Z", "01:30", None),
        ("2026-10-24T23:00Z", "07:00", "2026-10-25T07:00:00Z"),
        ("2026-10-25T00:10Z", "01:30", "2026-10-25T01:30:00Z"),
        ("2026-10-25T01:10Z", "01:30", "2026-10-25T01:30:00Z"),
        ("2026-10-25T01:30Z", "01:30", None),
    ],
)
def test_where_clocks_are_changed_in_quiet_hours_they_end_once(noon: Any, now: str, end: str, goes: str | None) -> None:
    assert held(noon, now, to=end) == goes


def test_hours_that_begin_in_a_gap_begin_when_the_clock_jumps(noon: Any) -> None:
    hours = {"from": "01:30", "to": "05:00"}
    assert held(noon, "2026-03-29T00:59Z", **hours) is None
    assert held(noon, "2026-03-29T01:00Z", **hours) == "2026-03-29T04:00:00Z"


def test_a_day_that_a_zone_leaves_out_ends_its_quiet_hours(noon: Any) -> None:
    """Samoa had no 30 December 2011."""
    assert held(noon, "2011-12-30T09:00Z", time_zone="Pacific/Apia") == "2011-12-30T10:00:00Z"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe/" + "x" * 300])
def test_without_a_zone_that_exists_there_are_no_quiet_hours(noon: Any, zone: str) -> None:
    assert held(noon, "2026-11-28T23:10Z", time_zone=zone) is None
    assert held(noon, "2026-11-28T23:10Z", time_zone=zone, digest="daily") == "2026-11-29T08:00:00Z"


@pytest.mark.parametrize("to", ["", "7:00", "25:00", "soon"])
def test_hours_that_cannot_be_read_are_none(noon: Any, to: str) -> None:
    assert held(noon, "2026-11-28T23:10Z", to=to) is None


def test_hours_without_a_length_are_none(noon: Any) -> None:
    assert held(noon, "2026-11-28T23:10Z", to="22:00") is None


def test_digests_come_with_the_next_hour_or_at_eight(noon: Any) -> None:
    day = {"from": "23:00", "to": "23:01"}
    assert held(noon, "2026-11-28T12:20Z", digest="hourly", **day) == "2026-11-28T13:00:00Z"
    assert held(noon, "2026-11-28T12:20Z", digest="daily", **day) == "2026-11-29T08:00:00Z"
    assert held(noon, "2026-11-28T07:59Z", digest="daily", **day) == "2026-11-28T08:00:00Z"
    assert held(noon, "2026-07-01T07:30Z", digest="daily", **day) == "2026-07-02T07:00:00Z"


def test_a_digest_that_falls_into_quiet_hours_comes_at_their_end(noon: Any) -> None:
    assert held(noon, "2026-11-28T21:20Z", digest="hourly") == "2026-11-29T07:00:00Z"
    assert held(noon, "2026-11-28T21:20Z", digest="daily", to="09:30") == "2026-11-29T09:30:00Z"


def test_people_get_what_was_held_back_spread_over_five_minutes(noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "SPREAD_MINUTES", 5)
    noon.move_to(datetime.fromisoformat("2026-11-28T23:10Z").timestamp())
    times = {
        at(quiet.held_until_ms(f"person{n}", severity="minor", quiet=NIGHT, digest="off", zone=lambda: "UTC"))
        for n in range(100)
    }

    assert times == {f"2026-11-29T07:0{minute}:00Z" for minute in range(5)}
