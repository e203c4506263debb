"""Warnings that begin, end or change: the queue and the confidence of reports inside follow within minutes."""

from dataclasses import replace
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.geo.polygon import MultiPolygon
from app.reports.models import Report
from app.review import warned_areas
from app.review.warned_areas import Area
from app.warnings.sources.message import Act
from handlers.end_expired import handler
from tests.conftest import PREFIX
from tests.factories import make_report
from tests.followed import Stream
from tests.queueing import Responder, Streams, queue_rows, stored
from tests.rated import by_neighbour, confidence, make_trusted, of_trusted, reasons, signed_in
from tests.warning_making import announce, announce_at, message, place, square

SCHEDULE = {"source": "aws.events"}
WARNING = {"code": "warning", "hours": 3}
ELSEWHERE = square(5.0, 45.0)


def minute(noon: Any) -> None:
    """Let a minute pass, at the end of which its function runs."""
    noon.shift(60)
    handler(SCHEDULE, None)


def warn(event: str, shape: MultiPolygon | None = None, **wanted: Any) -> None:
    """Issue, update or end one warning, beside the others of its source."""
    announce_at(shape or square(), event, **wanted)


def is_warned(responder: Responder, report: Report) -> bool:
    return WARNING in responder.item(report.id)["priority"]["reasons"]


def test_a_warning_that_begins_moves_what_waits_inside_and_its_end_moves_it_back(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    dry, wet = make_report(lat=53.0), make_report(lat=51.5)
    streams.catch_up()
    assert not is_warned(responder, wet)

    warn("E")
    minute(noon)
    assert (is_warned(responder, wet), is_warned(responder, dry)) == (True, False)
    assert responder.ids() == [wet.id, dry.id]

    warn("E", act=Act.END)
    minute(noon)
    assert not is_warned(responder, wet)
    assert len(queue_rows()) == 2


def test_a_warning_that_moves_leaves_the_one_place_and_comes_to_the_other(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    before, after = make_report(lat=51.5), make_report(lat=45.1, lon=5.1)
    warn("E")
    streams.catch_up()
    minute(noon)
    assert (is_warned(responder, before), is_warned(responder, after)) == (True, False)

    warn("E", ELSEWHERE)
    minute(noon)

    assert (is_warned(responder, before), is_warned(responder, after)) == (False, True)


def test_of_two_warnings_over_one_place_the_end_of_one_changes_nothing(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    report = make_report()
    streams.catch_up()
    warn("E1")
    warn("E2", square(-0.3, 51.3))
    minute(noon)
    [before] = queue_rows()

    warn("E1", act=Act.END)
    minute(noon)
    assert queue_rows() == [before] and is_warned(responder, report)

    warn("E2", square(-0.3, 51.3), act=Act.END)
    minute(noon)
    assert not is_warned(responder, report)


def test_a_warning_ends_and_begins_by_its_own_times_though_no_message_comes(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    report = make_report()
    streams.catch_up()
    in_ten_minutes = clock.now_ms() + 10 * clock.MINUTE_MS
    warn("E", expires_at_ms=in_ten_minutes)
    minute(noon)
    assert is_warned(responder, report)

    noon.shift(10 * 60)
    minute(noon)

    assert not is_warned(responder, report)


def test_confidence_follows_a_warning_that_begins_and_one_that_ends(client: FlaskClient, noon: Any) -> None:
    stream = Stream()
    account = make_trusted(client, noon, stream)
    report = of_trusted(client, signed_in(account))
    by_neighbour(client, 1)
    stream.run()
    assert confidence(client, report)["level"] == "low"

    warn("E")
    minute(noon)
    assert reasons(client, report) == {"trusted_account": 0.4, "in_warning": 0.2, "neighbours": 0.1}
    stream.run()

    noon.shift(60)
    warn("E", act=Act.END)
    minute(noon)
    stream.run()
    assert confidence(client, report)["level"] == "low"


def test_a_flood_that_begins_later_supports_a_report_from_then_on(client: FlaskClient, noon: Any) -> None:
    stream = Stream()
    report = of_trusted(client, signed_in(make_trusted(client, noon, stream)))
    by_neighbour(client, 1)
    stream.run()
    warn("E", onset_at_ms=clock.now_ms() + 30 * clock.MINUTE_MS)
    minute(noon)
    assert confidence(client, report)["level"] == "low"

    noon.shift(30 * 60)
    minute(noon)

    assert confidence(client, report)["level"] == "likely"


def test_a_message_that_comes_again_or_only_says_it_anew_looks_at_no_report(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    make_report()
    streams.catch_up()
    said = message("E", places=(place("A1", square()),))
    announce(said, is_whole=False)
    minute(noon)
    minute(noon)
    before = stored("review")

    announce(said, is_whole=False)
    assert followed(noon) == 0
    announce(replace(said, severity="extreme", sent_at_ms=clock.now_ms()), is_whole=False)
    assert followed(noon) == 0

    assert stored("review") == before


def followed(noon: Any) -> int:
    """Let a minute pass; return how many reports were looked at."""
    noon.shift(60)
    return warned_areas.follow()


def test_many_reports_are_done_so_many_in_a_run_and_each_is_looked_at_twice(
    responder: Responder, streams: Streams, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warned_areas, "MOST_REPORTS", 8)
    monkeypatch.setattr(warned_areas, "AT_ONCE", 3)
    reports = [make_report(lat=51.45 + 0.004 * (number % 12)) for number in range(30)]
    streams.catch_up()
    warn("E")

    looked_at, warned = [], []
    for _ in range(9):
        looked_at.append(followed(noon))
        warned.append(sum(WARNING in item["priority"]["reasons"] for item in responder.items(limit=100)))

    assert max(looked_at) <= 8 + 2 and sum(looked_at) == 60
    assert warned[:3] == sorted(warned[:3]) and 8 <= warned[0] <= 10 and warned[4:] == [len(reports)] * 5
    assert followed(noon) == 0


def test_a_row_that_a_late_process_has_put_back_is_put_right_at_the_second_look(
    responder: Responder, streams: Streams, noon: Any
) -> None:
    report = make_report()
    streams.catch_up()
    [as_before] = queue_rows()
    warn("E")
    minute(noon)
    boto3.client("dynamodb").put_item(TableName=f"{PREFIX}-review", Item=as_before)
    assert len(queue_rows()) == 2

    minute(noon)

    assert len(queue_rows()) == 1 and is_warned(responder, report)


def test_a_run_that_is_cut_short_is_made_up_for(
    responder: Responder, streams: Streams, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report()
    streams.catch_up()
    warn("E")

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(warned_areas, "_bring_up_to_date", interrupted)
        minute(noon)
    assert not is_warned(responder, report)
    minute(noon)

    assert is_warned(responder, report)


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_report_that_cannot_be_read_stops_no_other(
    responder: Responder, streams: Streams, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make_report(), make_report()
    streams.catch_up()
    warn("E")
    put_right = warned_areas.queue.put_right

    def failing(reports: list[Report]) -> int:
        if any(report.id == bad.id for report in reports):
            raise TypeError("a column of another kind")
        return put_right(reports)

    monkeypatch.setattr(warned_areas.queue, "put_right", failing)
    minute(noon)

    assert (is_warned(responder, good), is_warned(responder, bad)) == (True, False)


def test_very_many_areas_become_one_that_holds_them_all() -> None:
    squares = [square(west, 40.0, side=0.5) for west in range(101)]
    joined = warned_areas._joined([Area(warned_areas.EVERYWHERE, cell="13/0/0")], [shape.box for shape in squares])

    assert joined == [Area(warned_areas.EVERYWHERE, cell="13/0/0"), Area(warned_areas.EVERYWHERE)]


def test_a_hold_goes_with_the_row_that_a_warning_moves(responder: Responder, streams: Streams, noon: Any) -> None:
    report = make_report()
    streams.catch_up()
    responder.hold(report.id)
    warn("E")
    minute(noon)

    assert responder.item(report.id)["hold"]["by_you"] and is_warned(responder, report)
