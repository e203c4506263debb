"""Several pages read as one answer: for near me, and for the list of the first phone clients."""

import random
from string import ascii_letters

import pytest

from app.core import clock
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.reports.index.search import ReportQuery, find_active_over_pages
from app.reports.models import Report
from tests.factories import make_report, tell_consumer

FLOOD = Circle(51.5, -0.1, 5)
ALL = frozenset(Severity)


@pytest.fixture
def newest(tables: None) -> list[str]:
    """The ids of a flood's reports, newest first; so many lie together that the first page is short."""
    chance = random.Random(4)
    now_ms = clock.now_ms()
    reports: list[Report] = [
        make_report(
            lat=chance.gauss(51.5, 0.01),
            lon=chance.gauss(-0.1, 0.015),
            created_ms=now_ms - number * clock.MINUTE_MS,
            title="".join(chance.choices(ascii_letters, k=110)),  # few such rows fit into a document
        )
        for number in range(150)
    ]
    tell_consumer(reports)
    inside = [report for report in reports if FLOOD.contains(lat=report.lat, lon=report.lon)]
    return [report.id for report in sorted(inside, key=lambda report: report.sort, reverse=True)]


def ids(entries: list) -> list[str]:
    return [entry.id for entry in entries]


def test_several_pages_are_one_answer(newest: list[str]) -> None:
    question = ReportQuery(FLOOD, ALL, 140)

    whole = find_active_over_pages(question, pages=8)

    assert ids(whole.entries) == newest[:140]
    told, before = list[str](), None
    while before is not None or not told:
        found = find_active_over_pages(ReportQuery(FLOOD, ALL, 70, before), pages=3)
        assert len(found.entries) <= 70
        told, before = told + ids(found.entries), found.next_key
    assert told == newest
    for short in (find_active_over_pages(question, pages=1), find_active_over_pages(question, pages=8, max_seconds=0)):
        assert ids(short.entries) == newest[: len(short.entries)]
        assert short.next_key is not None
