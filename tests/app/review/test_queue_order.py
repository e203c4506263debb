"""The order of the queue, against one that is computed from the words of the contract alone, page by page."""

import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports.models import Report
from app.review import queue_pages
from app.review.urgency import bonus_h
from tests.factories import make_report, sign_in_as
from tests.queueing import Responder, Streams
from tests.voices import Visitor

SEVERITY_H = {"unknown": 0, "minor": 1, "moderate": 3, "severe": 6, "extreme": 9}
# Corners of four tiles of zoom 6 around 50.736, 0.
SOUTH, WEST, NORTH, EAST = 50.2, -0.8, 51.2, 0.8
AREA = f"{WEST},{SOUTH},{EAST},{NORTH}"


def scattered(dice: random.Random, count: int) -> list[Report]:
    """Reports of the last 40 hours, each minute at most once, with different severities and votes; most in one tile."""
    minutes = dice.sample(range(40 * 60), count)
    places = [(SOUTH, 50.6, WEST, -0.1) if dice.random() < 0.9 else (SOUTH, NORTH, WEST, EAST) for _ in minutes]
    return [
        make_report(
            lat=dice.uniform(south, north),
            lon=dice.uniform(west, east),
            created_ms=clock.now_ms() - minute * clock.MINUTE_MS,
            severity=dice.choice([*SEVERITY_H]),
            flooded_votes=dice.choice([None, 2, 4, 9]),
        )
        for minute, (south, north, west, east) in zip(minutes, places, strict=True)
    ]


def expected(reports: list[Report]) -> list[str]:
    """The ids by the time of filing, moved back by hours for severity, people and flags."""

    def urgency(report: Report) -> tuple[float, str]:
        people = min(sum(report.votes) - 1, 4)
        hours = min(SEVERITY_H[str(report.severity)] + people + min(2 * int(report.flags_waiting or 0), 4), 24)
        return report.created_at_ms / clock.HOUR_MS - (24 if report.is_disputed else hours), report.id

    return [report.id for report in sorted(reports, key=urgency)]


@pytest.mark.parametrize("limit", [7, 20, 50])
def test_pages_follow_the_order_of_urgency(client: FlaskClient, responder: Responder, limit: int) -> None:
    dice = random.Random(limit)
    reports, streams = scattered(dice, 110), Streams()
    streams.catch_up()
    for report in dice.sample(reports, 6):
        for _ in range(dice.randint(1, 3)):
            Visitor(client).flag(report.id)
    streams.catch_up()
    stored = Report.find_all(report.id for report in reports)

    whole = responder.ids(area=AREA, limit=limit)

    assert whole == expected(stored)
    assert any(report.is_disputed for report in stored)


def test_no_report_is_left_out_or_shown_twice_where_very_many_tiles_have_some(
    client: FlaskClient, responder: Responder
) -> None:
    dice, streams = random.Random(4), Streams()
    reports = [make_report(lat=dice.uniform(36, 60), lon=dice.uniform(-10, 25)) for _ in range(60)]
    streams.catch_up()

    ids = responder.ids()

    assert sorted(ids) == sorted(report.id for report in reports)


def test_a_page_of_what_is_not_wanted_goes_on_behind_it(client: FlaskClient, responder: Responder) -> None:
    dice, streams, village = random.Random(5), Streams(), "0.40,50.90,0.60,51.05"  # too wide to be read cell by cell
    for _ in range(240):
        make_report(lat=dice.uniform(51.1, 51.2), lon=dice.uniform(0.1, 0.8))
    last = make_report(lat=51.0, lon=0.5, severity="unknown")
    streams.catch_up()

    page = responder.page(area=village)

    assert page["items"] == [] and page["next_cursor"]
    assert responder.ids(area=village) == [last.id]


def test_each_further_fact_moves_a_report_forward() -> None:
    facts: list[dict[str, Any]] = [
        {"severity": "minor"},
        {"severity": "moderate"},
        {"severity": "moderate", "flooded_votes": 2},
        {"severity": "extreme", "flooded_votes": 2},
        {"severity": "extreme", "flooded_votes": 3, "receded_votes": 2},
        {"severity": "extreme", "flooded_votes": 30, "flags_waiting": 1},
        {"severity": "extreme", "flooded_votes": 30, "flags_waiting": 9},
        {"severity": "unknown", "is_disputed": True},
    ]
    bonuses = [bonus_h(Report(**fact), is_warned=False) for fact in facts]

    assert bonuses == sorted(set(bonuses)) and bonuses[-1] == 24
    assert all(bonus_h(Report(**fact), is_warned=True) >= one for fact, one in zip(facts, bonuses, strict=True))
    assert max(bonuses) <= 24


def test_a_cursor_of_another_list_or_person_is_refused(client: FlaskClient, responder: Responder) -> None:
    for _ in range(3):
        make_report()
    Streams().catch_up()
    cursor = responder.page(limit=1)["next_cursor"]
    asked = {"cursor": cursor, "limit": 1}

    for headers, query in ((sign_in_as("responder"), asked), (responder.headers, asked | {"state": "disputed"})):
        answer = client.get("/v1/review/queue", query_string=query, headers=headers)
        assert answer.status_code == 422


def test_positions_come_back_as_they_were_written() -> None:
    tiles, after = ["6/31/21", "6/32/21"], "063956275200000#rep_abc"

    assert queue_pages.read_position(queue_pages.position_of(tiles, after)) == (tiles, after)
