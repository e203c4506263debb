"""Asking for alerts on pages: the same answer for every address, and one button that begins them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts.subscription_models import State
from app.alerts.tokens import Right
from tests.app.pages.alerts.asking import ADDRESS, ask, asked, confirmed, link_of, main_of, stored
from tests.app.pages.conftest import Visitor
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.reporting import filed
from tests.warning_making import announce_at, square

HERE = "Get alerts here"
UNKNOWN = "Something here cannot be taken"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def test_asking_leads_to_a_message_and_its_link_to_one_button(visitor: Visitor, post: Post) -> None:
    form = visitor.get("/alerts?place=Bath")
    answer = ask(visitor)
    told = visitor.get(answer.location)
    post.work()
    (row,) = stored()
    opened = visitor.post("/alerts/confirm", token=link_of(row, Right.CONFIRM))
    before = stored()[0].state
    done = visitor.post("/alerts/confirm", token=link_of(row, Right.CONFIRM), subscription_id=row.id)

    assert "Alerts for Bath" in main_of(form)
    assert (answer.status_code, answer.location) == (303, "/alerts?note=asked")
    assert "If alerts can go to this address, a message is on its way to it." in told.text
    assert post.subjects(ADDRESS) == ["[test] Confirm your flood alerts"]
    assert main_of(opened).count("Yes, send me these alerts") == 1
    assert (before, stored()[0].state) == (State.UNCONFIRMED, State.ACTIVE)
    assert "Your alerts are on" in main_of(done)


def test_every_address_gets_the_same_answer(visitor: Visitor, post: Post) -> None:
    """One that is new, one that has alerts, one that has stopped them, and one that got all messages of a day."""
    active = confirmed(visitor, post, email="known@example.net")
    stopped = confirmed(visitor, post, email="stopped@example.net")
    visitor.post("/alerts/stop", token=link_of(stopped, Right.STOP))
    for _ in range(4):
        ask(visitor, email="often@example.net")
    answers = [ask(visitor, email=f"{name}@example.net") for name in ("new", "known", "stopped", "often")]

    assert active.state == State.ACTIVE
    assert {(one.status_code, one.location, one.text) for one in answers} == {
        (303, "/alerts?note=asked", answers[0].text)
    }


def test_opening_links_changes_nothing(visitor: Visitor, post: Post) -> None:
    row = confirmed(visitor, post)
    waiting = asked(visitor)
    for right, each in ((Right.CONFIRM, waiting), (Right.STOP, row), (Right.MANAGE, row)):
        link = link_of(each, right).removeprefix("https://floods.example.org")
        token = link.replace("#", "=").rpartition("=")[2]
        for path in (link, f"/alerts/confirm?token={token}", f"/alerts/stop?token={token}", f"/alerts?token={token}"):
            assert visitor.get(path).status_code == 200

    assert [one.state for one in stored()] == [State.ACTIVE, State.UNCONFIRMED]


def test_all_that_waits_for_an_address_has_a_button_of_its_own(visitor: Visitor, post: Post) -> None:
    first, second = asked(visitor, radius_km="1"), asked(visitor, radius_km="20", label="Ours")
    opened = visitor.post("/alerts/confirm", token=link_of(first, Right.CONFIRM))
    done = visitor.post("/alerts/confirm", token=link_of(first, Right.CONFIRM), subscription_id=second.id)

    assert main_of(opened).count("Yes, send me these alerts") == 2
    assert "within 20 km of 51.037, -2.828" in main_of(opened)
    assert [(one.id, one.state) for one in stored()] == [(second.id, State.ACTIVE), (first.id, State.UNCONFIRMED)]
    assert "This waits for your address too" in main_of(done)
    assert main_of(done).count("Yes, send me these alerts") == 1


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"email": ""}, "Enter the e-mail address that the alerts should go to."),
    "two lines": ({"email": "anna@example.net\r\nBcc: all@example.net"}, "This is not an e-mail address."),
    "too long": ({"email": f"{'a' * 400}@example.net"}, "This is not an e-mail address."),
    "a role": ({"email": "postmaster@example.net"}, "This is the address of those who run a mail server."),
    "our own": ({"email": "alerts@floods.example.org"}, "This is the address of this service."),
    "no place": ({"lat": "", "lon": ""}, "Choose a place for the alerts first."),
    "no number": ({"lat": "north"}, "Choose a place for the alerts first."),
    "nowhere": ({"lat": "0", "lon": "0"}, "Choose a place for the alerts first."),
    "no area": ({"area": "ea-nothing"}, "Choose a place for the alerts first."),
    "too far": ({"radius_km": "51"}, "Choose a distance from 0.1 to 50 kilometres."),
    "no distance": ({"radius_km": "x"}, "Choose a distance from 0.1 to 50 kilometres."),
    "about nothing": ({"what": []}, "Choose at least one: warnings or reports."),
    "about all": ({"what": ["everything"]}, "Choose at least one: warnings or reports."),
    "no severity": ({"severity_min": "awful"}, "Choose one of these."),
    "no reports": ({"reports": "all"}, "Choose one of these."),
    "no digest": ({"digest": "yearly"}, "Choose one of these."),
    "half of the hours": ({"quiet_from": "22:00"}, "Give two different times from 00:00 to 23:59"),
    "no hour": ({"quiet_from": "25:00", "quiet_to": "7"}, "Give two different times from 00:00 to 23:59"),
    "no zone": ({"quiet_from": "22:00", "quiet_to": "07:00", "zone": "Mars/Olympus"}, "Give two different times"),
    "markup": ({"label": "<b>Home</b>"}, "Write plain words"),
    "a long name": ({"label": "x" * 61}, "Give the place a name of at most 60 characters"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_stand_beside_their_fields_and_nothing_is_sent(visitor: Visitor, post: Post, name: str) -> None:
    fields, said = WRONG[name]
    answer = ask(visitor, **fields)
    post.work()

    assert answer.status_code == 422
    assert said in answer.text
    assert UNKNOWN not in answer.text
    assert "Langport" in answer.text or not fields.get("lat", "x"), "what was typed stays"
    assert (stored(), post.calls) == ([], 0)


def test_without_mail_nothing_offers_alerts(visitor: Visitor) -> None:
    warning = announce_at(square())
    pages = [visitor.get(path).text for path in ("/?place=Bath", f"/warnings/{warning}", "/areas/ea-A1", "/about")]
    refused, page = ask(visitor), visitor.get("/alerts?place=Bath")

    assert not [text for text in pages if 'href="/alerts' in text]
    assert "This service sends no mail" in main_of(page)
    assert "<form" not in main_of(page)
    assert (refused.status_code, stored()) == (409, [])


def test_places_lead_to_alerts_there(visitor: Visitor, client: FlaskClient, post: Post) -> None:
    warning = announce_at(square())
    report = filed(client, location={"lat": 51.38134, "lon": -2.35901})
    links = {
        "/?place=Bath": "/alerts?place=Bath&amp;lat=",
        f"/warnings/{warning}": "/alerts?area=ea-A1",
        "/areas/ea-A1": "/alerts?area=ea-A1",
        f"/report/sent/{report['id']}?token={report['edit_token']}": "/alerts?lat=51.381&amp;lon=-2.359",
    }

    for path, link in links.items():
        text = visitor.get(path).text
        assert f'href="{link}' in text, path
        assert HERE in text, path
    assert 'name="area" value="ea-A1"' in visitor.get("/alerts?area=ea-A1").text


def test_a_place_that_is_not_clear_is_asked_about(visitor: Visitor, post: Post) -> None:
    several, unknown = visitor.get("/alerts?place=Newport"), visitor.get("/alerts?place=Nowhere-at-all")
    rough = visitor.get("/alerts?lat=51.381&lon=-2.359&accuracy_m=5000")

    assert "There are several places of that name: choose one." in several.text
    assert "Not all places can be looked up at the moment" in unknown.text  # tests have the small list alone
    assert not [page for page in (several, unknown) if 'name="email"' in page.text]
    assert "Your device knows only roughly where you are" in rough.text


def test_an_account_has_its_address_in_the_form(signed_in: Callable[..., Visitor], post: Post) -> None:
    visitor = signed_in()
    assert visitor.account
    visitor.account.update(actions=[type(visitor.account).email.set(ADDRESS)])

    assert f'value="{ADDRESS}"' in visitor.get("/alerts?place=Bath").text
