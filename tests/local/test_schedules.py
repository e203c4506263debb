"""The clock of a local run: every scheduled function, each at its own rate, whatever one of them does."""

from pathlib import Path

import pytest

from infra.local import schedules
from infra.local.data_folder import DataFolder
from infra.local.gateway_menu import read_functions
from infra.local.serve import SCHEDULE, _workers


def test_every_schedule_of_the_menu_has_its_turn() -> None:
    assert schedules.timetable()["handlers/end_expired.handler"] == 60


def test_without_sources_what_asks_none_still_has_its_turn() -> None:
    folder = DataFolder(Path("data"))
    quiet, live = (
        _workers(folder, "db", "http://localhost:5000", has_stream=True, is_live=live) for live in (False, True)
    )
    names = [str(part) for part in quiet[SCHEDULE][quiet[SCHEDULE].index("infra.local.schedules") + 1 :]]

    often = {"handlers/alerts_due.handler": 60, "handlers/end_expired.handler": 60}
    assert schedules.timetable(*names) == often | {"handlers/clean_photo.handler": 3600}
    assert str(live[SCHEDULE][-1]) == "infra.local.schedules"
    assert "FLOOD_PUBLIC_BASE_URL=http://localhost:5000" in map(str, quiet[SCHEDULE])


def test_functions_of_another_file_are_among_those_of_the_menu() -> None:
    """Else neither the local gateway nor the clock of a local run could read the menu."""
    assert read_functions()["fan_out"]["handler"] == "handlers/fan_out.handler"


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
