"""Lists while what makes the tile documents has stood still, for a moment or for days."""

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock
from app.reports.models import Report
from tests.app.reports.index.test_lists import pages
from tests.factories import make_report, tell_consumer


@pytest.mark.parametrize("days", [1, 2, 3, 4, 12])
@pytest.mark.parametrize("view", ["lat=51.5&lon=-0.12&radius_km=2", "bbox=-10,40,10,60", "bbox=-180,-90,180,90"])
def test_reports_of_all_days_are_listed_while_documents_are_days_behind(
    client: FlaskClient, noon: time_machine.Traveller, days: int, view: str
) -> None:
    lasting = {"expires_at_ms": clock.now_ms() + 30 * clock.DAY_MS}
    reports: list[Report] = [make_report(**lasting)]
    tell_consumer(reports)

    for _ in range(days):
        noon.shift(24 * 3600)
        reports.append(make_report(**lasting))

    assert pages(client, f"/v1/reports?{view}&limit=100") == [report.id for report in reversed(reports)]
