"""People hear of some changes of a warning: of which ones, and who they are."""

import pytest
import time_machine

from tests.alerting import Alerts, events, in_minutes, ledger, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture
from tests.app.alerts.saying import EAST, FAR, is_over, say
from tests.warning_making import announce, message, place, square

pytestmark = pytest.mark.usefixtures("noon")


def test_new_warning_is_for_those_whose_place_it_touches(alerts: Alerts) -> None:
    subscribe("inside")
    subscribe("at-its-edge", place={"lat": 51.5, "lon": 0.02, "radius_km": 5.0})
    subscribe("beside", place={"lat": 51.5, "lon": 0.2, "radius_km": 5.0})
    subscribe("far", place=FAR)
    subscribe("box", place={"bbox": [-0.3, 51.3, -0.19, 51.41]})
    subscribe("reports-only", warnings=0)
    say()

    alerts.catch_up()

    assert alerts.heard() == {("inside", "w"), ("at-its-edge", "w"), ("box", "w")}
    assert {row.values["subscription"][:4] for row in ledger()} == {"sub_"}
    assert {noun for noun, *_ in alerts.handed} == {"deliveries-urgent"}


def test_severity_decides_who_hears_and_which_queue(alerts: Alerts) -> None:
    subscribe("any")
    subscribe("severe-only", severity_min="severe")
    say(severity="moderate")

    alerts.catch_up()

    assert alerts.heard() == {("any", "w")}
    assert [noun for noun, *_ in alerts.handed] == ["deliveries"]


def test_rise_is_heard_of_and_a_fall_is_not(alerts: Alerts, noon: time_machine.Traveller) -> None:
    subscribe("anna")
    subscribe("severe-only", severity_min="severe")
    seen = []
    for severity in ("moderate", "severe", "severe", "minor", "moderate", "extreme"):
        say(severity=severity)
        alerts.catch_up()
        seen.append([name for name, _ in alerts.news()])
        noon.shift(20 * 60)

    assert seen == [["anna"], ["anna", "severe-only"], [], [], ["anna"], ["anna", "severe-only"]]


def test_change_of_words_is_not_heard_of(alerts: Alerts) -> None:
    subscribe("anna")
    say()
    alerts.catch_up()
    alerts.news()
    say(urgency="expected", texts=message("rain").texts)

    alerts.catch_up()

    assert (alerts.news(), len(events())) == ([], 1)


def test_one_text_over_35_areas_is_one_event_and_one_message(alerts: Alerts) -> None:
    subscribe("anna")
    subscribe("anna", place={"lat": 51.5, "lon": 1.05, "radius_km": 2.0})
    subscribe("ben", place={"lat": 51.5, "lon": 3.05, "radius_km": 2.0})
    areas = tuple(place(f"A{number}", square(-0.2 + number / 10, side=0.1)) for number in range(35))
    announce(message("rain", places=areas))

    alerts.catch_up()

    assert alerts.heard() == {("anna", "w"), ("ben", "w")}
    assert (len(events()), len(ledger()), len(alerts.handed)) == (1, 2, 2)


@pytest.mark.parametrize(("minutes", "messages"), [(14, 1), (16, 2)])
def test_same_text_joins_its_event_for_a_quarter_of_an_hour(
    alerts: Alerts, noon: time_machine.Traveller, minutes: int, messages: int
) -> None:
    noon.shift(10 * 60)  # so that the next quarter of the clock begins between both
    subscribe("anna")
    words = message("rain").texts
    for name in ("north", "south"):
        say(name, texts=words)
        alerts.catch_up()
        noon.shift(minutes * 60)

    assert len(ledger()) == messages


def test_area_that_grows_is_heard_of_where_it_has_grown(alerts: Alerts) -> None:
    subscribe("inside")
    subscribe("east", place=EAST)
    say()
    alerts.catch_up()
    assert alerts.news() == [("inside", "w")]
    say(wide=0.6)
    alerts.catch_up()
    assert alerts.news() == [("east", "w")]

    say(wide=0.2)
    alerts.catch_up()
    say(wide=0.6)
    alerts.catch_up()

    assert (alerts.news(), len(events())) == ([], 1)


def test_warning_that_is_drawn_later_is_heard_of_then(alerts: Alerts) -> None:
    subscribe("anna")
    say(places=(place("A1", None),))
    alerts.catch_up()
    assert alerts.news() == []

    say(places=(place("A1", square()),))
    alerts.catch_up()

    assert alerts.news() == [("anna", "w")]


@pytest.mark.parametrize("wanted", [{"hours": -9}, {"onset": 60}], ids=["sent-hours-ago", "begins-later"])
def test_warning_in_force_is_heard_of_whenever_it_was_sent(alerts: Alerts, wanted: dict[str, int]) -> None:
    subscribe("anna")
    times = {"sent_at_ms": in_minutes(60 * wanted.get("hours", 0))}
    if "onset" in wanted:
        times["onset_at_ms"] = in_minutes(wanted["onset"])
    say(**times)

    alerts.catch_up()

    assert alerts.heard() == {("anna", "w")}


def test_what_is_over_before_people_are_looked_for_is_not_heard_of(alerts: Alerts) -> None:
    subscribe("anna")
    say()
    alerts.hand_over(alerts.changes())
    is_over()

    alerts.search()

    assert ledger() == []


def test_paused_alerts_are_silent_until_their_time(alerts: Alerts) -> None:
    subscribe("paused", paused_until_ms=in_minutes(5))
    subscribe("back", paused_until_ms=in_minutes(-5))
    say()

    alerts.catch_up()

    assert alerts.heard() == {("back", "w")}
