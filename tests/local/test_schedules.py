"""The clock of a local run: every scheduled function, each at its own rate, whatever one of them does."""

import pytest

from infra.local import schedules


def test_every_schedule_of_the_menu_has_its_turn() -> None:
    assert schedules.timetable()["handlers/end_expired.handler"] == 60


def test_each_comes_at_once_and_then_at_its_rate() -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    turns = schedules.turns({"often": 60, "seldom": 150}, now=lambda: clock[0], sleep=sleep)
    came = [(next(turns), clock[0]) for _ in range(6)]

    assert [at for name, at in came if name == "often"] == [0, 60, 120, 180]
    assert [at for name, at in came if name == "seldom"] == [0, 150]


def test_failing_function_does_not_end_the_clock(caplog: pytest.LogCaptureFixture, tables: None) -> None:
    schedules.call("handlers/erase_accounts.handler")

    assert "handlers/erase_accounts.handler failed" in caplog.text


def test_real_handler_is_called_with_the_schedules_event(tables: None, caplog: pytest.LogCaptureFixture) -> None:
    schedules.call("handlers/end_expired.handler")

    assert "failed" not in caplog.text


@pytest.mark.parametrize("rate", ["rate(5 minutes)", {"rate": "rate(5 minutes)", "enabled": True}])
def test_both_spellings_of_a_rate_are_read(rate: str | dict[str, object]) -> None:
    assert schedules._seconds(rate) == 300
