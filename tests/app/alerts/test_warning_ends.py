"""The people who hear that a warning is over, or that its source is silent."""

import pytest
import time_machine

from app import reactions
from app.alerts import events as event_notes
from app.core import clock
from app.warnings.models import OfficialWarning
from app.warnings.sources.message import Act
from tests.alerting import Alerts, events, in_minutes, ledger, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture
from tests.app.alerts.saying import EAST, is_over, say
from tests.warning_making import announce, message, place, square

pytestmark = pytest.mark.usefixtures("noon")


def test_end_is_heard_of_by_those_who_heard_of_the_warning(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("severe-only", severity_min="extreme")
    say()
    alerts.catch_up()
    subscribe("later")
    is_over()

    alerts.catch_up()

    assert alerts.heard() == {("anna", "w"), ("anna", "e")}
    assert {noun for noun, _, event in alerts.handed if event.startswith("e-")} == {"deliveries"}
    assert alerts.delays == [5, 60]


def test_end_of_what_rose_meanwhile_is_one_message(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("severe-only", severity_min="severe")
    for severity in ("moderate", "severe"):
        say(severity=severity)
        alerts.catch_up()
    alerts.news()
    is_over()

    alerts.catch_up()

    assert alerts.news() == [("anna", "e"), ("severe-only", "e")]


def test_areas_of_one_text_that_end_together_are_one_message(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("anna", place=EAST)
    announce(message("rain", places=(place("A", square()), place("B", square(0.2)))))
    alerts.catch_up()
    is_over()

    alerts.catch_up()

    assert alerts.heard() == {("anna", "w"), ("anna", "e")}
    assert (len(ledger()), len(events())) == (2, 2)


def test_end_of_one_area_is_for_those_in_it(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("ben", place=EAST)
    both = (place("A", square()), place("B", square(0.2)))
    announce(message("rain", places=both))
    alerts.catch_up()
    announce(message("rain", places=both[:1]), is_whole=True)

    alerts.catch_up()

    assert alerts.heard() == {("anna", "w"), ("ben", "w"), ("ben", "e")}


def test_end_by_its_own_time_is_heard_of_once(alerts: Alerts, noon: time_machine.Traveller) -> None:
    subscribe("anna")
    known = say(expires_at_ms=in_minutes(10))
    alerts.catch_up()
    noon.shift(11 * 60)
    warning = OfficialWarning.get(known)
    for _ in range(2):
        if job := event_notes.note_ended(warning):
            reactions.search_soon(job)
        alerts.search()

    announce(message("other", places=(place("far", square(3)),)), is_whole=True)
    alerts.catch_up()

    assert sorted(alerts.heard()) == [("anna", "e"), ("anna", "w")]
    assert len([search for search in alerts.handed if search[2].startswith("e-")]) == 1


def test_message_issued_again_under_another_id_is_no_all_clear(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("west", place={"lat": 51.5, "lon": -0.6, "radius_km": 2.0})
    subscribe("extreme-only", severity_min="extreme")
    first = message("first", places=(place("A", square(-0.8, side=0.8)),), severity="extreme")
    announce(first, is_whole=False)
    alerts.catch_up()
    cancel = message("first", places=first.places, act=Act.END, replaces=(first.source_id,))
    again = message("again", places=(place("B", square(-0.3, side=0.4)),), severity="severe")
    announce(cancel, again, is_whole=False)
    alerts.news()

    alerts.catch_up()

    assert alerts.news() == [("anna", "w"), ("extreme-only", "e"), ("west", "e")]


def test_other_warning_from_before_does_not_keep_an_all_clear(alerts: Alerts, noon: time_machine.Traveller) -> None:
    subscribe("anna")
    for name in ("alert", "warning"):
        say(name)
        alerts.catch_up()
        noon.shift(60)
    alerts.news()
    announce(message("alert", texts=message("alert").texts), is_whole=True)

    alerts.catch_up()

    assert alerts.news() == [("anna", "e")]


def test_warning_that_comes_back_is_heard_of_again(alerts: Alerts, noon: time_machine.Traveller) -> None:
    subscribe("anna")
    say()
    alerts.catch_up()
    is_over()
    alerts.catch_up()
    alerts.news()

    say()
    alerts.catch_up()
    is_over()
    alerts.catch_up()

    assert alerts.news() == [("anna", "e"), ("anna", "w")]


def test_silence_of_a_source_is_heard_of_once(alerts: Alerts, noon: time_machine.Traveller) -> None:
    subscribe("anna")
    subscribe("ben", place=EAST)
    say("one")
    say("two", west=0.2)
    alerts.catch_up()
    alerts.news()
    heard_at_ms = clock.now_ms()
    noon.shift(31 * 60)
    subscribe("later")

    for _ in range(2):
        for job in event_notes.note_unheard("ea", heard_at_ms, clock.now_ms()):
            reactions.search_soon(job)
        alerts.search()

    assert alerts.news() == [("anna", "u"), ("ben", "u")]
    assert {noun for noun, _, event in alerts.handed if event.startswith("u-")} == {"deliveries-urgent"}


def test_nothing_is_unheard_of_a_source_without_warnings(alerts: Alerts) -> None:
    assert event_notes.note_unheard("ea", 0, clock.now_ms()) == []
