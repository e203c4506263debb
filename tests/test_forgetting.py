"""No test begins with what one before it left in the process: clocks of tests stand at the same noon."""

from typing import Any

from app.accounts import throttle
from app.alerts import present
from tests.forgetting import forget_what_is_known


def test_counts_and_alerts_of_the_process_are_forgotten(tables: None) -> None:
    there: Any = object()
    throttle._in_process["reports 192.0.2.1"] += 1
    present._kept["event"] = there
    forget_what_is_known()

    assert not throttle._in_process
    assert not present._kept
