"""The schedule: expired reports leave the tiles even when no report is filed."""

import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock
from handlers.end_expired import handler
from tests.factories import make_report, tell_consumer

SCHEDULE = json.loads((Path(__file__).parents[1] / "events" / "schedule.json").read_text())


class Context:
    """Lambda's context: the time that is left."""

    def __init__(self, left_ms: int) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


def test_expired_report_leaves_its_tile_by_the_clock_alone(client: FlaskClient) -> None:
    client.get("/tiles/6/31/21")
    report = make_report()
    tell_consumer([report])
    later = (clock.now_ms() + 49 * clock.HOUR_MS) / 1000

    with time_machine.travel(later, tick=False):
        answer = handler(SCHEDULE, Context(50_000))
        shown = client.get("/tiles/6/31/21").get_data(as_text=True)

    assert answer == {"cells": 1}
    assert report.id not in shown
    assert '"moderate": 1' not in shown and '"moderate":1' not in shown


def test_quiet_minute_does_nothing(client: FlaskClient) -> None:
    assert handler(SCHEDULE, Context(50_000)) == {"cells": 0}


def test_it_ends_before_its_time_and_goes_on_a_minute_later(client: FlaskClient) -> None:
    tell_consumer([make_report(lat=51 + step / 10) for step in range(60)])
    later = (clock.now_ms() + 49 * clock.HOUR_MS) / 1000

    with time_machine.travel(later, tick=False):
        first = handler(SCHEDULE, Context(1_000))["cells"]
        rest = handler(SCHEDULE, Context(50_000))["cells"]

    assert 0 < first < 60
    assert first + rest == 60


@pytest.mark.parametrize("event", [{}, None, [], {"source": "aws.s3"}, {"Records": []}])
def test_any_other_event_is_refused(event: Any) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        handler(event, None)
