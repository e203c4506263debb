"""People hear of some changes of a report: of which ones, and who they are."""

from typing import Any

import pytest
import time_machine

from app.alerts.report_events import MOST_LIKELY
from app.reports.models import Report
from tests.alerting import Alerts, events, ledger, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture
from tests.factories import make_report

pytestmark = pytest.mark.usefixtures("noon")


def changed(report: Report, **values: Any) -> Report:
    """Store a report with other values, as a decision, a rating or an edit does."""
    for name, value in values.items():
        setattr(report, name, value)
    report.version += 1
    report.save()
    return report


def everybody() -> None:
    subscribe("anna", severity_min="minor")
    subscribe("severe", severity_min=None)
    subscribe("likely", severity_min="minor", reports="likely")
    subscribe("off", severity_min="minor", reports="off")
    subscribe("far", severity_min="minor", place={"lat": 51.5, "lon": 1.0, "radius_km": 2.0})


@pytest.mark.parametrize(
    ("severity", "names"), [("moderate", {"anna", "likely"}), ("severe", {"anna", "likely", "severe"})]
)
def test_verified_report_is_heard_of_near_it(alerts: Alerts, severity: str, names: set[str]) -> None:
    everybody()
    report = make_report(severity=severity)
    alerts.catch_up()
    assert ledger() == []
    changed(report, status="verified")

    alerts.catch_up()

    assert alerts.heard() == {(name, "r") for name in names}


def test_likely_report_is_heard_of_by_those_who_asked_and_when_verified_by_the_others(alerts: Alerts) -> None:
    everybody()
    report = make_report(confidence="likely")
    alerts.catch_up()
    assert alerts.news() == [("likely", "r")]
    changed(report, status="verified", confidence="high")

    alerts.catch_up()

    assert alerts.news() == [("anna", "r")]
    assert len(events()) == 1


def test_rise_to_severe_is_heard_of_by_all_again(alerts: Alerts) -> None:
    everybody()
    report = make_report(status="verified")
    alerts.catch_up()
    alerts.news()
    seen = []
    for severity in ("minor", "moderate", "severe", "extreme", "severe"):
        changed(report, severity=severity)
        alerts.catch_up()
        seen.append([name for name, _ in alerts.news()])

    all_of_them = ["anna", "likely", "severe"]
    assert seen == [[], [], all_of_them, all_of_them, []]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "merged", "confidence": "high"},
        {"status": "rejected"},
        {"status": "withdrawn"},
        {"status": "verified", "condition": "receded"},
        {"status": "verified", "expires_at_ms": 1},
        {"confidence": "likely", "is_disputed": True},
        {"confidence": "low"},
    ],
    ids=str,
)
def test_what_is_no_flood_that_others_see_is_not_heard_of(alerts: Alerts, values: dict[str, Any]) -> None:
    everybody()
    changed(make_report(severity="extreme"), **values)

    alerts.catch_up()

    assert (ledger(), events()) == ([], [])


def test_report_that_is_merged_before_people_are_looked_for_is_not_heard_of(alerts: Alerts) -> None:
    everybody()
    report = make_report(status="verified", severity="severe")
    alerts.hand_over(alerts.changes())
    changed(report, status="merged")

    alerts.search()

    assert ledger() == []


def test_coarse_report_is_heard_of_wherever_it_may_be(alerts: Alerts) -> None:
    subscribe("anna", severity_min="minor", place={"lat": 51.54, "lon": -0.12, "radius_km": 0.5})
    make_report(status="verified", radius_m=5000)
    make_report(status="verified", radius_m=100)

    alerts.catch_up()

    assert len(ledger()) == 1


def test_few_likely_reports_an_hour_are_heard_of_in_a_region(alerts: Alerts, noon: time_machine.Traveller) -> None:
    subscribe("anna", severity_min="minor", reports="likely")
    for _ in range(MOST_LIKELY + 2):
        make_report(confidence="likely")
    held_back = make_report(confidence="likely", id="rep_z")
    alerts.catch_up()
    assert len(ledger()) == MOST_LIKELY

    noon.shift(61 * 60)
    alerts.hand_over([alerts.record(held_back.id, None, alerts.images[held_back.id])])
    alerts.search()
    assert len(ledger()) == MOST_LIKELY + 1

    changed(make_report(lat=51.5, lon=20.0), confidence="likely")
    subscribe("ben", severity_min="minor", reports="likely", place={"lat": 51.5, "lon": 20.0, "radius_km": 1.0})
    alerts.catch_up()
    assert ("ben", "r") in alerts.heard()


def test_verified_ones_are_heard_of_beyond_that(alerts: Alerts) -> None:
    subscribe("anna", severity_min="minor")
    for _ in range(MOST_LIKELY + 2):
        make_report(status="verified")

    alerts.catch_up()

    assert len(ledger()) == MOST_LIKELY + 2
