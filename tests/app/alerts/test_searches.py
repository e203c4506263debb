"""Searches for people: by pages and parts, killed and repeated; each person hears once."""

import json

import pytest

from app.alerts import jobs, matching
from app.alerts.event_models import InformedChunk
from app.alerts.subscription_models import SHARDS
from app.core.errors import Unavailable
from app.mail.models import Delivery, State
from tests.alerting import Alerts, ledger, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture
from tests.app.alerts.killing import Executioner
from tests.app.alerts.saying import EAST, is_over, say
from tests.factories import make_report

pytestmark = pytest.mark.usefixtures("noon")
NAMES = [f"p{number:02d}" for number in range(6)]


class NoTime:
    """The clock of a function whose time is up at once."""

    def get_remaining_time_in_millis(self) -> int:
        return 1


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and chunks of a few."""
    monkeypatch.setattr(matching, "PAGE", 3)
    monkeypatch.setattr(matching, "MOST_PEOPLE", 2)


def town() -> None:
    for name in NAMES:
        subscribe(name)
    subscribe("p00", place=EAST)
    subscribe("far", place={"lat": 10.0, "lon": 10.0, "radius_km": 2.0})


def assert_all_once(alerts: Alerts, kind: str = "w") -> None:
    """All of the town have one message, which has been handed to its queue, and an end will find them."""
    assert sorted(row.recipient for row in ledger() if row.event[0] == kind) == [f"to-{name}" for name in NAMES]
    assert {to for _, to, event in alerts.handed if event[0] == kind} == {f"to-{name}" for name in NAMES}


def test_search_is_split_and_goes_on_where_its_time_was_up(alerts: Alerts, small: None) -> None:
    town()
    say(wide=0.8)
    alerts.hand_over(alerts.changes())
    turns = 0

    while alerts.searches:
        turns += 1
        assert alerts.search_one(alerts.searches.pop(0), NoTime()) == []

    assert_all_once(alerts)
    assert turns > len(NAMES) // 3


def test_search_over_many_squares_becomes_many(alerts: Alerts) -> None:
    town()
    say(wide=8.0, west=-4)
    alerts.hand_over(alerts.changes())
    [first] = alerts.searches
    alerts.searches.clear()

    alerts.search_one(first)

    parts = [jobs.read(text).partitions for text in alerts.searches]
    assert max(map(len, parts)) <= matching.PARTITIONS_AT_ONCE
    assert len({one for part in parts for one in part}) == sum(map(len, parts)) >= 16 * SHARDS
    alerts.search()
    assert_all_once(alerts)


@pytest.mark.parametrize("kind", ["warning", "report"])
def test_kill_while_an_event_is_noted_loses_and_doubles_none(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    town()
    say() if kind == "warning" else make_report(status="verified", severity="extreme")
    records, executioner = alerts.changes(), Executioner(monkeypatch, alerts)
    for at in executioner.everywhere():
        alerts.forget()
        with executioner.killing(at):
            alerts.hand_over(records)
        alerts.hand_over(records)
        alerts.search()
        assert_all_once(alerts, kind[0])

    assert at > 3


@pytest.mark.parametrize("kind", ["warning", "report"])
def test_kill_of_a_search_loses_and_doubles_none(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch, small: None, kind: str
) -> None:
    town()
    say() if kind == "warning" else make_report(status="verified", severity="extreme")
    records, executioner = alerts.changes(), Executioner(monkeypatch, alerts)
    for at in executioner.everywhere():
        alerts.forget()
        alerts.hand_over(records)
        [search] = alerts.searches
        with executioner.killing(at):
            alerts.search_one(search)
        alerts.search_one(search)
        assert_all_once(alerts, kind[0])

    assert at > len(NAMES)


def test_kill_of_a_search_for_an_end_loses_and_doubles_none(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    town()
    say()
    alerts.catch_up()
    is_over()
    alerts.hand_over(alerts.changes())
    [search] = alerts.searches
    executioner = Executioner(monkeypatch, alerts)
    for at in executioner.everywhere():
        for row in ledger():
            if row.event[0] == "e":
                row.delete()
        alerts.handed = []
        with executioner.killing(at):
            alerts.search_one(search)
        alerts.search_one(search)
        assert_all_once(alerts, "e")

    assert at > len(NAMES)


def test_records_and_searches_that_come_again_add_nothing(alerts: Alerts) -> None:
    town()
    say(severity="moderate")
    records = alerts.changes()
    say(severity="severe")
    records += alerts.changes()
    for _ in range(3):
        alerts.hand_over(records)
    assert len(alerts.searches) == 2
    searches = alerts.searches * 3
    alerts.searches = searches

    alerts.search()

    assert len(ledger()) == len(NAMES)


def test_old_record_that_comes_after_the_end_brings_nothing_back(alerts: Alerts) -> None:
    town()
    say()
    first = alerts.changes()
    say(wide=0.8)
    grown = alerts.changes()
    is_over()
    ended = alerts.changes()
    for records in (first, grown, ended):
        alerts.hand_over(records)
        alerts.search()
    for records in (first, grown, ended):
        alerts.hand_over(records)
        assert alerts.searches == []
    before = len(ledger())
    say()
    alerts.catch_up()

    assert len(ledger()) == before + len(NAMES)


def test_person_is_handed_over_again_only_while_the_message_waits(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("ben")
    say()
    alerts.hand_over(alerts.changes())
    [search] = alerts.searches
    alerts.search_one(search)
    Delivery.get("to-anna", ledger()[0].event).end(State.SENT)
    alerts.handed = []

    alerts.search_one(search)

    assert [to for _, to, _ in alerts.handed] == ["to-ben"]


def test_chunk_names_all_who_are_in_it(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_PEOPLE", 4)
    town()
    known = say()
    alerts.catch_up()
    [event] = {row.event for row in ledger()}

    chunks = [[name for name, _ in chunk.people] for chunk in InformedChunk.chunks_of(event, known)]

    assert sorted(name for chunk in chunks for name in chunk) == [f"to-{name}" for name in NAMES]
    assert max(map(len, chunks)) <= 4


def test_poison_is_set_aside_and_the_others_are_heard_of(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    town()
    say()
    [good] = alerts.changes()
    set_aside: list[str] = []
    monkeypatch.setattr("app.aws.queues.send", lambda noun, body, **_: set_aside.append(noun))
    poison = alerts.record("wrn_x", None, {"id": {"S": "wrn_x"}, "updated": {"S": "no number"}})

    assert alerts.hand_over([poison, {"eventSource": "aws:dynamodb"}, good]) == []

    assert set_aside == ["fan-out-dead-letters", "fan-out-dead-letters", "alert-matches"]


def test_outage_lets_the_record_and_those_after_it_come_again(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    town()
    say("one")
    say("two")
    first, second = alerts.changes()
    with monkeypatch.context() as patch:
        patch.setattr("app.alerts.event_models.AlertEvent.put_once", lambda _: (_ for _ in ()).throw(Unavailable("-")))
        assert alerts.hand_over([first, second]) == [first["dynamodb"]["SequenceNumber"]]

    alerts.hand_over([first, second])
    assert len(alerts.searches) == 2


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"event": 1}', '{"event": "w-1", "member": "..", "change": "1"}'])
def test_message_that_is_no_search_fails_alone(alerts: Alerts, body: str) -> None:
    assert alerts.search_one(body) == [{"itemIdentifier": "m"}]


def test_search_for_an_event_that_is_gone_finds_none(alerts: Alerts) -> None:
    job = jobs.Job("w-gone-1", "wrn_gone", "1")

    assert alerts.search_one(json.dumps(job.as_message())) == []
