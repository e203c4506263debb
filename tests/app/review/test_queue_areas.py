"""A responder sees, holds and decides what lies in the areas of the account, and nothing else of the queue."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.areas import Area
from app.geo.box_circle import Box, Circle
from app.geo.polygon import MultiPolygon
from tests.factories import make_report
from tests.queueing import Responder, Streams
from tests.reporting import mistakes_of
from tests.warning_making import announce_at, square

TOWN = Area("the town", Circle(51.5, -0.12, 2.0), "place-1")
COAST = Area("The Coast", Box(0.5, 50.9, 1.0, 51.1))
FIELD = Area("a field", MultiPolygon((((((0.0, 52.0), (0.1, 52.0), (0.1, 52.1), (0.0, 52.0))),),)))


@pytest.fixture
def streams(tables: None, noon: Any) -> Streams:
    return Streams()


def test_only_ones_own_areas_are_listed(client: FlaskClient, streams: Streams) -> None:
    town, coast, field = make_report(), make_report(lat=51.0, lon=0.7), make_report(lat=52.02, lon=0.05)
    outside = make_report(lat=51.53, lon=-0.12), make_report(lat=52.08, lon=0.02), make_report(lat=57.1, lon=-2.1)
    streams.catch_up()

    responder = Responder(client, within=(TOWN, COAST, FIELD))

    assert set(responder.ids()) == {town.id, coast.id, field.id}
    assert responder.ids(area="the town") == [town.id]
    assert responder.ids(area="the coast") == [coast.id]
    assert responder.ids(area="-1,50,1,53") == responder.ids()
    assert responder.ids(area="-3,57,-2,58") == []
    assert set(Responder(client, "admin").ids()) == {town.id, coast.id, field.id, *(one.id for one in outside)}


def test_a_responder_without_areas_has_an_empty_queue(client: FlaskClient, streams: Streams) -> None:
    make_report()
    streams.catch_up()

    assert Responder(client, within=()).page()["items"] == []


def test_an_area_that_is_none_of_ones_own_is_refused(client: FlaskClient, streams: Streams) -> None:
    responder = Responder(client, within=(TOWN,))

    for area in ("the coast", "1,2,3", "0,51,1,95", "x" * 80):
        answer = client.get("/v1/review/queue", query_string={"area": area}, headers=responder.headers)
        assert mistakes_of(answer) == {("area", "area")}, area


def test_what_lies_outside_is_neither_read_nor_held_nor_decided(client: FlaskClient, streams: Streams) -> None:
    public, hidden = make_report(lat=53.0), make_report(lat=53.0, status="rejected")
    responder = Responder(client, within=(TOWN,))

    for report, status in ((public, 403), (hidden, 404)):
        decision = {"report_id": report.id, "version": 1, "decision": "verified", "reason": "seen_by_staff"}
        answers = [responder.one(report.id), responder.hold(report.id), responder.let_go(report.id)]
        assert {answer.status_code for answer in answers} == {status}
        assert responder.decide(decision).json["results"][0]["status"] == status


def test_an_official_warning_over_a_report_makes_it_more_urgent(client: FlaskClient, streams: Streams) -> None:
    announce_at(square())
    dry, warned = make_report(lat=53.0, lon=-0.12), make_report(lat=51.5, lon=-0.12)
    streams.catch_up()
    responder = Responder(client)

    assert responder.ids() == [warned.id, dry.id]
    reasons = [{"code": "severity", "hours": 3}, {"code": "warning", "hours": 3}]
    assert responder.item(warned.id)["priority"]["reasons"] == reasons
    assert responder.one(warned.id).json["priority"]["reasons"] == reasons
