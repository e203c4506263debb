"""Figures of the service: what came in, how long it waited, what is warned and what waits; each part by itself."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from pynamodb.exceptions import QueryError

from app.accounts import tokens
from app.core import clock
from app.reports.imported import ImportedReport, store_imported
from app.reports.models import Report
from app.review import figures, queue_length
from app.review.audit_models import AuditRow
from app.review.figure_models import CountedRow
from app.warnings.sources.message import Hazard
from handlers import end_expired, report_changed
from tests.factories import make_account, make_report, sign_in_as, stream_record, tell_consumer
from tests.photo_rows import add_photo
from tests.queueing import Responder, Streams
from tests.reporting import DOOR, bearer, filed
from tests.voices import Visitor
from tests.warning_making import announce, message, place

SCHEDULE = {"source": "aws.events"}
MINUTE_S, HOUR_S = 60, 3600
Read = Callable[[], dict[str, Any]]


@pytest.fixture
def read(client: FlaskClient, noon: time_machine.Traveller) -> Read:
    admin = make_account("admin")

    def ask() -> dict[str, Any]:
        answer = client.get("/v1/admin/figures", headers=bearer(tokens.issue_access(admin)))
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
        found: dict[str, Any] = answer.json
        return found

    return ask


def by_hour(answer: dict[str, Any]) -> list[tuple[str, int, int, int]]:
    """The hours in which anything came in: of which hour, with an account, without one, from a file."""
    hours = [(h["begins_at"][11:16], h["account"], h["anonymous"], h["file"]) for h in answer["reports"]["hours"]]
    return [hour for hour in hours if any(hour[1:])]


def bring(number: int, observed_ms: int) -> Report:
    """Store a report from a file."""
    told = ImportedReport(
        f"rep_{number:026d}", 51.5, -0.12, observed_ms, "minor", None, "Water", None, 50, observed_ms, "a-file"
    )
    assert store_imported(told, clock.now_ms())
    report = Report.find(told.id)
    assert report is not None
    return report


def decide(client: FlaskClient, report_id: str, *, undo: bool = False) -> None:
    headers = sign_in_as("admin")
    headers["If-Match"] = client.get(f"/v1/reports/{report_id}", headers=headers).headers["ETag"]
    path = f"/v1/reports/{report_id}/verification"
    body = {"decision": "verified", "reason": "seen_by_staff"}
    done = client.delete(path, headers=headers) if undo else client.put(path, json=body, headers=headers)
    assert done.status_code == 200


def sweep() -> None:
    end_expired.handler(SCHEDULE, None)


def test_nothing_has_come_in_and_nothing_was_decided(read: Read) -> None:
    answer = read()

    assert answer["missing"] == [] and answer["begins_at"] == "2026-11-20T13:00:00Z"
    assert len(answer["reports"]["hours"]) == 24 and by_hour(answer) == []
    assert answer["reports"]["is_whole"] and answer["decisions"] == {
        "number": 0, "median_minutes": None, "is_whole": True,
    }  # fmt: skip
    assert answer["areas_warned"]["total"] == 0 and not answer["areas_warned"]["is_at_least"]
    nothing = {"number": 0, "is_at_least": False}
    assert answer["queue"] == {"waiting": nothing, "disputed": nothing, "may_be_over": nothing, "photos": nothing}


def test_reports_count_in_their_hour_by_origin_also_when_taken_back(
    client: FlaskClient, read: Read, noon: time_machine.Traveller
) -> None:
    filed(client, headers=sign_in_as())
    make_report(account_id=f"acc_{'p' * 26}", is_from_partner=True)
    gone = filed(client)
    client.delete(f"/v1/reports/{gone['id']}", headers=bearer(gone["edit_token"]))
    noon.shift(2 * HOUR_S)
    bring(1, clock.now_ms() - 90 * clock.MINUTE_MS)
    filed(client)

    counted = [("12:00", 1, 1, 1), ("14:00", 0, 1, 0)]
    assert by_hour(read()) == counted

    noon.shift(30 * MINUTE_S)
    sweep()
    sweep()
    answer = read()
    assert by_hour(answer) == counted and answer["reports"]["is_whole"]
    assert [answer["reports"][name] for name in ("account", "anonymous", "partner", "file")] == [1, 2, 1, 1]


def test_what_is_stored_is_not_read_again(
    client: FlaskClient, read: Read, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day with very many reports costs the reader what a quiet one does."""
    for _ in range(3):
        filed(client)
    noon.shift(HOUR_S)
    for _ in range(25):
        sweep()
    read_ids: list[str] = []
    origins = Report.find_origins
    monkeypatch.setattr(Report, "find_origins", lambda ids: read_ids.extend(ids) or origins(ids))
    make_report()

    assert by_hour(read()) == [("12:00", 0, 3, 0), ("13:00", 0, 1, 0)]
    assert len(read_ids) == 1


def test_more_than_may_be_read_is_said_to_be_unknown(
    read: Read, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the sweep does not run, as on one machine: the newest are counted, and the rest is not called zero."""
    monkeypatch.setattr(figures, "MOST_READ", 10)
    for _ in range(40):
        make_report()
    noon.shift(6 * HOUR_S)
    make_report()

    answer = read()

    assert by_hour(answer)[-1] == ("18:00", 0, 1, 0) and not answer["reports"]["is_whole"]
    hours = {hour["begins_at"][11:16]: hour for hour in answer["reports"]["hours"]}
    assert hours["17:00"]["anonymous"] == 0 and hours["17:00"]["is_whole"]
    assert hours["11:00"]["anonymous"] is None and not hours["12:00"]["is_whole"]


def test_more_than_is_counted_of_five_minutes_is_at_least_that(
    read: Read, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_OF_STEP", 5)
    for number in range(40):
        make_report(created_ms=clock.now_ms() + number)
    noon.shift(10 * MINUTE_S)
    sweep()

    hour = read()["reports"]["hours"][-1]

    assert 0 < hour["anonymous"] <= 20 and not hour["is_whole"]


def test_sweep_counts_backwards_and_fills_what_an_outage_has_left(
    client: FlaskClient, noon: time_machine.Traveller
) -> None:
    filed(client)
    noon.shift(2 * HOUR_S)
    sweep()
    first = {row.begin_ms for row in CountedRow.between(0, clock.now_ms())}
    for _ in range(25):
        sweep()
    rows = {row.begin_ms: row.counts for row in CountedRow.between(0, clock.now_ms())}

    assert len(first) == figures.STEPS_AT_ONCE and max(first) == clock.now_ms() - 10 * clock.MINUTE_MS
    assert len(rows) == (23 * 60 - 5) // 5 and min(rows) == figures.since(clock.now_ms())
    assert json.loads(rows[clock.now_ms() - 2 * clock.HOUR_MS] or "")["filed"] == {"anonymous": 1}


def test_report_from_a_file_is_counted_in_an_hour_that_was_counted_before(
    read: Read, noon: time_machine.Traveller
) -> None:
    noon.shift(HOUR_S)
    sweep()
    late = bring(1, clock.now_ms() - 20 * clock.MINUTE_MS)
    for _ in range(2):  # the stream may bring a change twice
        tell_consumer([late])

    assert by_hour(read()) == [("12:00", 0, 0, 1)]
    noon.shift(3 * MINUTE_S)
    sweep()
    tell_consumer([late])
    noon.shift(3 * MINUTE_S)
    sweep()
    assert by_hour(read()) == [("12:00", 0, 0, 1)]


def test_numbers_counted_before_a_late_report_do_not_replace_those_with_it(
    noon: time_machine.Traveller, tables: None
) -> None:
    noon.shift(HOUR_S)
    begin_ms = clock.now_ms() - 20 * clock.MINUTE_MS
    CountedRow.have_counted_again(begin_ms)

    assert not CountedRow.store(begin_ms, "{}", seen_late_ms=None)


def test_change_of_a_report_has_nothing_counted_again(noon: time_machine.Traveller, tables: None) -> None:
    noon.shift(HOUR_S)
    report = bring(1, clock.now_ms() - 20 * clock.MINUTE_MS)

    report_changed.handler({"Records": [stream_record(old=report, new=report)], "shardId": "shard-1"}, None)

    assert list(CountedRow.between(0, clock.now_ms())) == []


def test_median_is_of_first_decisions_about_reports_of_people(
    client: FlaskClient, read: Read, noon: time_machine.Traveller
) -> None:
    early, late, other = filed(client)["id"], filed(client)["id"], filed(client)["id"]
    from_file = bring(1, clock.now_ms() - 3 * clock.HOUR_MS)
    noon.shift(10 * MINUTE_S)
    decide(client, early)
    decide(client, from_file.id)
    noon.shift(10 * MINUTE_S)
    decide(client, late)
    assert read()["decisions"] == {"number": 2, "median_minutes": 15, "is_whole": True}

    decide(client, early, undo=True)
    noon.shift(40 * MINUTE_S)
    decide(client, early)  # not for the first time
    decide(client, other)
    assert read()["decisions"] == {"number": 3, "median_minutes": 20, "is_whole": True}

    noon.shift(HOUR_S)
    for _ in range(3):
        sweep()
    assert read()["decisions"] == {"number": 3, "median_minutes": 20, "is_whole": True}


def test_decisions_leave_after_a_day(client: FlaskClient, read: Read, noon: time_machine.Traveller) -> None:
    decide(client, filed(client)["id"])
    noon.shift(24 * HOUR_S)

    assert read()["decisions"]["number"] == 0


def test_area_counts_once_by_its_gravest_warning(read: Read) -> None:
    both, one, past = place("BOTH"), place("ONE"), place("PAST")
    announce(
        message("a", places=(both,), severity="moderate"),
        message("b", places=(both,), severity="extreme"),
        message("c", places=(one,), severity="minor"),
        message("d", places=(past,), severity="severe", urgency="past"),
        message("e", places=(place("LATER"),), onset_at_ms=clock.now_ms() + clock.HOUR_MS),
        message("f", places=(place("WIND"),), hazard=Hazard.OTHER),
    )

    warned = read()["areas_warned"]

    assert {rank["rank"]: rank["number"] for rank in warned["ranks"] if rank["number"]} == {"extreme": 1, "minor": 1}
    assert warned["total"] == 2


def test_queue_counts_each_waiting_report_once(
    client: FlaskClient, read: Read, responder: Responder, streams: Streams
) -> None:
    waiting, disputed, over = make_report(), make_report(), make_report(status="verified", lat=-33.9, lon=151.2)
    for photographed in (make_report(), make_report(status="verified"), disputed):
        add_photo(photographed.id)
    for _ in range(3):
        Visitor(client).flag(disputed.id)
    for _ in range(3):
        Visitor(client).vote(over.id, "receded")
    streams.catch_up()
    assert responder.hold(waiting.id).status_code == 200

    numbers = {state: length["number"] for state, length in read()["queue"].items()}

    assert numbers == {"waiting": 1, "disputed": 1, "may_be_over": 1, "photos": 2}


def test_long_queue_is_longer_than_what_was_counted(
    read: Read, responder: Responder, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        make_report(lat=DOOR["lat"] + number / 1000)
    streams.catch_up()
    assert read()["queue"]["waiting"] == {"number": 30, "is_at_least": False}

    monkeypatch.setattr(queue_length, "MOST_ROWS", 12)
    length = read()["queue"]["waiting"]
    assert 4 <= length["number"] <= 16 and length["is_at_least"]


def test_report_past_its_end_waits_no_more_though_its_row_is_still_there(
    read: Read, streams: Streams, noon: time_machine.Traveller
) -> None:
    make_report()
    streams.catch_up()
    noon.shift(49 * HOUR_S)

    assert read()["queue"]["waiting"]["number"] == 0


@pytest.mark.parametrize(
    ("model", "query", "missing"),
    [
        (CountedRow, "between", ["reports", "decisions"]),
        (Report, "newest_in_shard", ["reports"]),
        (AuditRow, "between", ["decisions"]),
    ],
)
def test_part_that_is_away_is_named_and_the_rest_stands(
    client: FlaskClient, read: Read, monkeypatch: pytest.MonkeyPatch, model: Any, query: str, missing: list[str]
) -> None:
    filed(client)

    def fail(*_: Any, **__: Any) -> Any:
        raise QueryError("away")

    monkeypatch.setattr(model, query, fail)
    answer = read()

    assert answer["missing"] == missing
    assert [
        name for name in ("reports", "decisions", "areas_warned", "sources", "queue") if answer[name] is None
    ] == missing


def test_sources_stand_there_with_their_age(read: Read, noon: time_machine.Traveller) -> None:
    announce(message("a"))
    noon.shift(20 * MINUTE_S)

    [source] = [one for one in read()["sources"] if one["name"] == "ea"]

    assert (source["age_s"], source["stale"], source["state"]) == (20 * MINUTE_S, True, "ok")
