"""The chain of alerts that a report's row keeps, after each write of this release and of earlier ones."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from pynamodb.exceptions import UpdateError

from app.core import clock
from app.reports import alert_chain
from app.reports.alert_chain import LATE_MINUTES, MOST, AlertChain, PublishedAlert
from app.reports.calendar_models import ALERT_DAYS, AlertDay

NOON_MS = 29_666_160 * clock.MINUTE_MS
HOUR_MS = clock.HOUR_MS
# As this release stores it. Later releases read it too, so it is never edited.
STORED = (
    '{"alerts":[[2,29666160],[4,29666170],[4,29669040,1]],"expires":29669040,"ends":29669040,"over":1,"digest":"",'
    '"version":5}'
)


@dataclass
class Row:
    """A report's row, as far as its alerts follow from it."""

    status: str = "verified"
    version: int = 2
    updated_at_ms: int = NOON_MS
    expires_at_ms: int = NOON_MS + 48 * HOUR_MS
    alerts: Any = None
    packed: Any = None
    id: str = "rep_a"
    lat: float = 51.5
    lon: float = -0.12
    visibility: str = "home"
    radius_m: int = 50
    severity: str = "severe"
    depth_cm: Any = None
    title: Any = "Ford"
    description: Any = None
    condition: str = "flooded"
    observed_at_ms: int = NOON_MS
    is_disputed: Any = None


def written(row: Row, at_ms: int, **changed: Any) -> Row:
    """The row after a write of this release."""
    new = replace(row, version=row.version + 1, **changed)
    alert_chain.note(new, seen_version=row.version, now_ms=at_ms)
    return replace(new, updated_at_ms=at_ms)


def keys(row: Row, at_ms: int) -> list[str]:
    return [alert.key for alert in alert_chain.chain_of(row, at_ms).alerts]


FIRST = written(Row(status="pending", version=1), NOON_MS, status="verified")


def test_stored_chain_of_this_release_is_read() -> None:
    chain = alert_chain.read(STORED)

    ends = PublishedAlert(4, 29_669_040, is_end_of_life=True)
    alerts = (PublishedAlert(2, 29_666_160), PublishedAlert(4, 29_666_170), ends)
    assert chain == AlertChain(alerts, True, 29_669_040, 29_669_040, "", 5)
    assert alert_chain.pack(chain) == STORED
    assert [alert.key for alert in alerts] == ["2", "4", "4.over"]


def test_members_of_a_later_release_are_ignored() -> None:
    assert alert_chain.read(STORED.replace('"over"', '"later":[1],"over"')) == alert_chain.read(STORED)


@pytest.mark.parametrize("name", ["title", "description", "severity", "depth_cm", "radius_m", "lat", "condition"])
def test_each_shown_field_makes_a_new_alert(name: str) -> None:
    row = written(FIRST, NOON_MS + HOUR_MS, **{name: 3})

    assert keys(row, NOON_MS + HOUR_MS) == ["2", "3"]


def test_write_that_changes_nothing_shown_makes_none() -> None:
    row = written(FIRST, NOON_MS + HOUR_MS)

    assert keys(row, NOON_MS + HOUR_MS) == ["2"]


@pytest.mark.parametrize(
    ("by_minutes", "expected"),
    [(0, ["2"]), (LATE_MINUTES - 1, ["2"]), (LATE_MINUTES, ["2", "3"]), (-1, ["2", "3"])],
)
def test_end_that_moves_far_or_nearer_makes_a_new_alert(by_minutes: int, expected: list[str]) -> None:
    row = written(FIRST, NOON_MS + HOUR_MS, expires_at_ms=FIRST.expires_at_ms + by_minutes * clock.MINUTE_MS)

    assert keys(row, NOON_MS + HOUR_MS) == expected


def test_votes_that_each_move_the_end_a_little_make_an_alert_in_time() -> None:
    row = FIRST
    for number in range(60):
        at_ms = NOON_MS + number * clock.MINUTE_MS
        row = written(row, at_ms, expires_at_ms=row.expires_at_ms + clock.MINUTE_MS)

    chain = alert_chain.chain_of(row, NOON_MS + HOUR_MS)

    assert len(chain.alerts) == 1 + 60 // LATE_MINUTES
    assert 0 <= row.expires_at_ms - chain.expires_at_ms < LATE_MINUTES * clock.MINUTE_MS


def test_report_that_a_vote_brings_back_goes_on_after_its_end() -> None:
    later_ms = FIRST.expires_at_ms + HOUR_MS
    assert keys(FIRST, later_ms) == ["2", "2.over"]

    row = written(FIRST, later_ms, expires_at_ms=later_ms + 24 * HOUR_MS)

    assert keys(row, later_ms) == ["2", "2.over", "3"]
    assert [alert.sent_at_ms for alert in alert_chain.read(row.alerts).alerts] == [
        NOON_MS,
        FIRST.expires_at_ms,
        later_ms,
    ]


def test_clock_that_goes_back_sends_nothing_before_what_it_names() -> None:
    row = written(FIRST, NOON_MS - HOUR_MS, title="Another")

    assert [alert.sent_at_ms for alert in alert_chain.read(row.alerts).alerts] == [NOON_MS, NOON_MS + 1000]


def test_alerts_of_one_minute_follow_each_other_by_a_second_each_whenever_they_were_made() -> None:
    row = FIRST
    for at_ms in (1, 20_500, 59_999):
        row = written(row, NOON_MS + at_ms, title=str(at_ms))

    stored = alert_chain.read(row.alerts).alerts
    assert [alert.sent_at_ms - NOON_MS for alert in stored] == [0, 1000, 2000, 3000]
    assert len({alert.key for alert in stored}) == 4


def test_minute_with_more_alerts_than_seconds_runs_into_the_next() -> None:
    row = FIRST
    for number in range(70):
        row = written(row, NOON_MS + number, title=str(number))
    row = written(row, NOON_MS + clock.MINUTE_MS, title="in the next minute")

    sent = [alert.sent_at_ms for alert in alert_chain.read(row.alerts).alerts]
    assert sent == [NOON_MS + 1000 * number for number in range(72)]


def test_end_forgets_what_was_shown() -> None:
    row = written(FIRST, NOON_MS + HOUR_MS, status="withdrawn")

    chain = alert_chain.read(row.alerts)
    assert (chain.is_over, chain.digest) == (True, "")
    assert keys(written(row, NOON_MS + 2 * HOUR_MS), NOON_MS + 2 * HOUR_MS) == ["2", "3"]


def test_report_that_was_never_verified_keeps_nothing() -> None:
    row = written(written(Row(status="pending"), NOON_MS), NOON_MS, status="rejected")

    assert row.alerts is None and keys(row, NOON_MS) == []


def test_chain_is_bounded() -> None:
    row = FIRST
    for number in range(MOST + 5):
        row = written(row, NOON_MS + number, title=str(number))

    assert len(keys(row, NOON_MS)) == MOST
    assert len(row.alerts) < 5_000


class TestDays:
    def test_report_is_listed_under_the_day_of_its_newest_alert(self, tables: None, noon: Any) -> None:
        now_ms = clock.now_ms()
        today, before = clock.day_of(now_ms), clock.day_of(now_ms - clock.DAY_MS)
        AlertDay.note(before, "rep_a")
        AlertDay.note(before, "rep_b")
        AlertDay.note(today, "rep_a")
        AlertDay.note(clock.day_of(now_ms - ALERT_DAYS * clock.DAY_MS), "rep_c")

        assert AlertDay.newest(now_ms) == [(today, "rep_a"), (before, "rep_b")]

    def test_day_ends_by_itself(self, tables: None, noon: Any) -> None:
        AlertDay.note("2026-11-21", "rep_a")

        assert AlertDay.get("alerts:2026-11-21").purge_at_s == clock.midnight_of("2026-12-03") // 1000

    def test_report_is_stored_even_if_its_alert_cannot_be_listed(
        self, tables: None, noon: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise UpdateError("no room in this item")

        monkeypatch.setattr(AlertDay, "update", fail)

        AlertDay.note("2026-11-21", "rep_a")
