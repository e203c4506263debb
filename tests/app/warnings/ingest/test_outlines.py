"""Outlines are fetched once, a few in a run, and a failed one is fetched again."""

from typing import Any

import pytest

from app.core import clock
from app.warnings.ingest import outlines
from app.warnings.ingest.outcome import Outcome
from app.warnings.ingest.outlines import MAX_FAILURES, NOT_FETCHED_YET, NOT_GIVEN
from app.warnings.ingest.run import ingest
from app.warnings.models import OfficialWarning, SourceMemory
from app.warnings.sources.message import Place
from app.warnings.sources.registry import Source
from tests.rig.official import EA_PATH, SQUARE, EnvironmentAgency, WeatherService, alert, flood
from tests.rig.upstream import Asked, Reply, Upstream

ZONE = {"type": "Feature", "geometry": SQUARE, "properties": {"id": "WAC007", "name": "Chelan"}}


def run(host: Upstream, source: str = "ea") -> Outcome:
    path = "/flood-monitoring" if source == "ea" else ""
    return ingest(Source(source, f"{host.address}{path}"), contact="https://floods.example")


def areas_asked(host: Upstream) -> list[str]:
    return [one.path for one in host.asked if "floodAreas" in one.path or "/zones/" in one.path]


@pytest.mark.usefixtures("tables")
def test_outline_is_asked_for_once_and_kept() -> None:
    agency = EnvironmentAgency(floods=[flood("061FWF10"), flood("061FWF11")], polygons={"061FWF10": SQUARE})
    with Upstream(agency) as host:
        first, asked = run(host), len(areas_asked(host))
        again = run(host)

    assert (first.in_force, first.drawn, again.changed) == (2, 1, 0)
    assert (asked, len(areas_asked(host))) == (3, 3)
    reasons = {row.root: row.geometry_reason for row in OfficialWarning.of_source("ea")}
    assert reasons == {"061FWF10": None, "061FWF11": "061FWF11: the issuer knows no such area"}


@pytest.mark.usefixtures("tables")
def test_zone_draws_an_alert_without_a_geometry() -> None:
    now = clock.rfc3339(clock.now_ms() + clock.DAY_MS)
    with Upstream(WeatherService(alerts=[alert(1, expires=now)], zones=[ZONE])) as host:
        outcome = run(host, "nws")

    assert (outcome.in_force, outcome.drawn) == (1, 1)


class Failing:
    """The agency, whose areas answer 500 for as long as one wants."""

    def __init__(self, count: int) -> None:
        self.is_down = True
        codes = [f"061FWF{n:03d}" for n in range(count)]
        self.agency = EnvironmentAgency(floods=[flood(code) for code in codes], polygons=dict.fromkeys(codes, SQUARE))

    def __call__(self, asked: Asked) -> Reply:
        is_area = asked.path.startswith(f"{EA_PATH}floodAreas")
        if self.is_down and is_area:
            return Reply(b"", 500)
        reply = self.agency(asked)
        is_known = asked.headers.get("If-None-Match") == '"one"'
        return Reply(b"", 304) if is_known else Reply(reply.body, reply.status, {**reply.headers, "ETag": '"one"'})


@pytest.mark.usefixtures("tables")
def test_outlines_that_fail_are_left_for_the_next_run_although_nothing_else_has_changed() -> None:
    failing = Failing(50)
    with Upstream(failing) as host:
        first, asked = run(host), len(areas_asked(host))
        failing.is_down = False
        drawn = [run(host).drawn for _ in range(3)]

    assert (first.in_force, first.drawn, asked) == (50, 0, MAX_FAILURES)
    assert drawn == [40, 50, 50]
    assert "etag" in SourceMemory.of("ea").validators


@pytest.mark.usefixtures("tables")
def test_run_without_a_connection_says_that_nobody_was_asked() -> None:
    known = outlines.resolve(Source("ea", ""), [Place("A1", (("A1", "River"),), zones=("A1",))], fetcher=None)

    assert (known.areas, known.missing) == ({}, {"A1": NOT_GIVEN})


@pytest.mark.usefixtures("tables")
def test_time_for_outlines_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "BUDGET_S", -1)
    with Upstream(EnvironmentAgency(floods=[flood("A1")], polygons={"A1": SQUARE})) as host:
        outcome: Any = run(host)

    (row,) = OfficialWarning.of_source("ea")
    assert (outcome.in_force, areas_asked(host), row.geometry_reason) == (1, [], f"A1: {NOT_FETCHED_YET}")
