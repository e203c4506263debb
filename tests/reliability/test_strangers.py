"""Three visitors on two networks try to empty the map: nothing is removed, ended or folded, and others are served."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from tests.factories import make_report
from tests.reporting import file_report
from tests.voices import Visitor

ADDRESSES = ("20.7.1.1", "20.7.1.2", "20.8.1.1")


@pytest.mark.parametrize("number", [12, pytest.param(1000, marks=pytest.mark.long)])
def test_strangers_empty_no_map(client: FlaskClient, noon: Any, number: int) -> None:
    reports = [make_report(title="Words") for _ in range(number)]
    strangers = [Visitor(client, address=address) for address in ADDRESSES]
    statuses = set()
    for report in reports:
        for stranger in strangers:
            statuses.add(stranger.vote(report.id, "receded").status_code)
            statuses.add(stranger.flag(report.id, "offensive" if stranger is strangers[0] else "other").status_code)

    stored = Report.find_all([report.id for report in reports])
    assert [one.id for one in stored if one.is_disputed or one.condition != "flooded" or one.status != "pending"] == []
    assert statuses <= {200, 204, 429}
    neighbour = Visitor(client, address=ADDRESSES[0])
    assert neighbour.vote(reports[0].id).status_code == 200, "the strangers have used up a neighbour's own"
    assert file_report(client, address=ADDRESSES[0]).status_code == 201
