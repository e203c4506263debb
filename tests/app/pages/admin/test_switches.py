"""The page of the switches: changed by a plain form, tried in one browser first, and seen on every page."""

from collections.abc import Callable
from typing import Any

import pytest

from app.accounts import area_input
from app.accounts.areas import Area
from app.pages.admin import trial
from app.review import switching
from tests.app.pages.conftest import Visitor
from tests.app.pages.reporting_form import JSON, reviewed, send

BRIDGE = "The bridge is closed."
SHUT = {"anonymous_reports": "off", "registrations": "on", "reason": "false_reports"}


@pytest.fixture
def desk(noon: Any, signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


def change(desk: Visitor, act: str = "store", **said: str) -> Any:
    version = str(switching.read_for_change().version)
    given = {"anonymous_reports": "on", "registrations": "on", "reason": "flood", "level": "info", "version": version}
    return desk.post("/admin/switches", **(given | {"act": act} | said))


def passer_by(desk: Visitor) -> Visitor:
    return Visitor(desk.client.application.test_client())


@pytest.mark.parametrize("role", ["resident", "responder"])
def test_only_admins_switch(noon: Any, signed_in: Callable[..., Visitor], role: str) -> None:
    person = signed_in(role)

    assert person.get("/admin/switches").status_code == 403
    assert person.post("/admin/switches", act="store", **SHUT).status_code == 403


def test_a_notice_is_on_every_page_in_the_readers_language(desk: Visitor) -> None:
    assert change(desk, **{"text.en": BRIDGE, "text.es": "El puente está cerrado.", "hours": "6"}).status_code == 303

    for path in ("/", "/report", "/about", "/warnings", "/nowhere"):
        shown = [passer_by(desk).get(path, headers={"Accept-Language": code}).text for code in ("en", "es")]
        assert (BRIDGE in shown[0], "El puente está cerrado." in shown[1]) == (True, True), path
    assert "Until" in passer_by(desk).get("/about").text


def test_a_page_without_a_notice_in_its_language_marks_the_other(desk: Visitor) -> None:
    change(desk, **{"text.en": BRIDGE, "hours": "6"})

    assert f'lang="en" dir="auto">{BRIDGE}' in passer_by(desk).get("/about", headers={"Accept-Language": "es"}).text


def test_a_notice_ends_by_itself(desk: Visitor, noon: Any) -> None:
    change(desk, **{"text.en": BRIDGE, "hours": "1"})

    noon.shift(3601)

    assert BRIDGE not in passer_by(desk).get("/about").text


def test_trying_shows_it_to_this_browser_alone(desk: Visitor) -> None:
    change(desk, "try", anonymous_reports="off", **{"text.en": BRIDGE, "hours": "6"})

    assert BRIDGE in desk.get("/about").text
    assert BRIDGE not in passer_by(desk).get("/about").text
    assert switching.read_for_change().version == 0
    change(desk, "end")
    assert BRIDGE not in desk.get("/about").text


def test_what_is_tried_ends_after_a_quarter_of_an_hour(desk: Visitor, noon: Any) -> None:
    change(desk, "try", **{"text.en": BRIDGE, "hours": "6"})

    noon.shift(trial.LIFE_S)

    assert BRIDGE not in desk.get("/about").text


def test_a_trial_that_somebody_made_up_counts_for_nothing(desk: Visitor) -> None:
    change(desk, "try", **{"text.en": BRIDGE, "hours": "6"})
    cookie = desk.client.get_cookie(trial.cookie_name())
    assert cookie is not None
    other = passer_by(desk)

    for value in ("x", "x.y", cookie.value[:-1] + "z", f".{cookie.value}"):
        other.client.set_cookie(trial.cookie_name(), value)
        assert BRIDGE not in other.get("/about").text


def test_mistakes_are_told_and_what_was_typed_stays(desk: Visitor) -> None:
    answer = change(desk, anonymous_reports="off_within", off_within="Xyzzyplugh", reason="", **{"text.en": BRIDGE})

    assert answer.status_code == 422
    assert "No place is called “Xyzzyplugh”." in answer.text and "Choose a reason." in answer.text
    assert BRIDGE in answer.text
    assert switching.read_for_change().version == 0


def test_more_areas_than_there_may_be_are_refused_before_all_of_them_are_looked_up(
    desk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, typed = list[str](), area_input.typed

    def count(line: str) -> Area:
        asked.append(line)
        return typed(line)

    monkeypatch.setattr(area_input, "typed", count)
    lines = [f"{number},51,{number + 0.5},52" for number in range(90)]

    answer = change(desk, anonymous_reports="off_within", off_within="\n".join(lines))

    assert (answer.status_code, len(asked)) == (422, 21)
    assert "Name at most 20 areas." in answer.text


def test_a_change_by_another_admin_meanwhile_is_told(desk: Visitor) -> None:
    change(desk, registrations="off")

    answer = change(desk, version="0", anonymous_reports="off")

    assert (answer.status_code, switching.read_for_change().anonymous_reports) == (412, "on")
    assert "Another admin has changed the switches" in answer.text


def test_areas_by_box_are_kept_when_the_form_is_sent_again(desk: Visitor) -> None:
    change(desk, anonymous_reports="off_within", off_within="-0.2,51.4,0,51.6")

    change(desk, anonymous_reports="off_within", off_within="-0.2,51.4,0,51.6", registrations="off")

    switches = switching.read_for_change()
    assert [area.name for area in switches.off_areas] == ["-0.2,51.4,0,51.6"] and not switches.has_registrations


def test_the_form_says_where_an_account_is_needed_and_keeps_what_was_typed(desk: Visitor) -> None:
    change(desk, anonymous_reports="off_within", off_within="-0.2,51.4,0,51.6")
    resident = passer_by(desk)

    assert "taken only from people with an account: <bdi>-0.2,51.4,0,51.6</bdi>" in " ".join(
        resident.get("/report").text.split()
    )
    answer = send(resident, reviewed(resident, title="Knee deep"))

    assert answer.status_code == 503
    assert "nothing is lost" in answer.text and "Knee deep" in answer.text


def test_a_phone_is_told_why_its_report_waits(desk: Visitor) -> None:
    change(desk, anonymous_reports="off")
    resident = passer_by(desk)

    answer = resident.client.post("/report", data=reviewed(resident) | {"step": "send"}, headers=JSON)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300")
    assert "waits on this phone" in answer.json["waits"]


def test_the_form_for_an_account_says_that_none_is_made(desk: Visitor) -> None:
    change(desk, registrations="off")

    answer = passer_by(desk).post("/sign-in/new", username="newcomer", password="water under the bridge")

    assert answer.status_code == 503 and "No accounts are made at the moment." in answer.text
