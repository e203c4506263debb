"""The page of one's own sessions, by plain forms: listed, ended one by one, or all but this one."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from tests.app.api.test_export import set_index as set_index  # noqa: PLC0414 - a fixture
from tests.app.pages.account.signed_in_browsers import Browser
from tests.app.pages.account.test_page import words
from tests.app.pages.frame import markup
from tests.factories import PASSWORD, make_account

PATH = "/me/sessions"


@pytest.fixture
def account(app: Flask, noon: Any) -> Account:
    return make_account(username="ada")


def entered(app: Flask, noon: Any, *user_agents: str) -> list[Browser]:
    """Browsers in which Ada has signed in, a minute after each other."""
    browsers = []
    for user_agent in user_agents:
        noon.shift(60)
        browsers.append(Browser(app, "ada", user_agent).enter())
    return browsers


def test_own_page_leads_to_the_sessions_which_tell_each_apart(app: Flask, account: Account, noon: Any) -> None:
    phone, desk = entered(app, noon, "Firefox/133 Android 14", "Chrome/131 Windows NT")
    body = {"username": "ada", "password": PASSWORD}
    app.test_client().post("/v1/tokens", json=body, headers={"User-Agent": "curl/8"})

    assert f'href="{PATH}"' in phone.get("/me").text
    page = phone.get(PATH)

    items = [" ".join(one.words().split()) for one in markup.named(page.text, "li") if one.attributes.get("class")]
    shown = [one for one in items if "Last used" in one]
    assert [one.partition(" On these")[0].partition(" In an app")[0] for one in shown] == [
        "curl New device",
        "Chrome, Windows New device",
        "Firefox, Android This one New device",
    ]
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in page.text
    assert desk.is_known


def test_each_button_ends_its_session(app: Flask, account: Account, noon: Any) -> None:
    phone, tablet, desk = entered(app, noon, "x", "y", "z")

    done = desk.press("End this sign-in", PATH)

    assert (done.status_code, done.location) == (303, f"{PATH}?note=ended")
    assert "That sign-in has ended." in words(desk.get(done.location))
    assert [one.is_known for one in (phone, tablet, desk)] == [True, False, True]


def test_this_one_is_signed_out(app: Flask, account: Account, noon: Any) -> None:
    (phone,) = entered(app, noon, "x")
    kept = phone.cookie

    done = phone.press("Sign out here", PATH)

    assert (done.location, phone.cookie) == ("/sign-in?note=out", "")
    phone.cookie = kept
    assert not phone.is_known


def test_all_others_are_ended(app: Flask, account: Account, noon: Any) -> None:
    phone, tablet, desk = entered(app, noon, "x", "y", "z")

    done = tablet.press("End all others", PATH)

    assert done.location == f"{PATH}?note=others"
    assert [one.is_known for one in (phone, tablet, desk)] == [False, True, False]
    assert "All other sign-ins have ended." in words(tablet.get(done.location))


@pytest.mark.parametrize(
    "session_id", ["", "x", "fam_x", "fam_" + "0" * 26, "gone:acc_1", "x" * 5000, "\x00", "\u202e"]
)
def test_what_is_no_session_of_ones_own_ends_nothing(app: Flask, account: Account, noon: Any, session_id: str) -> None:
    (phone,) = entered(app, noon, "x")

    done = phone.post(f"{PATH}/end", session_id=session_id)

    assert (done.status_code, done.location) == (303, f"{PATH}?note=gone")
    assert phone.is_known


def test_session_of_another_person_is_not_ended(app: Flask, account: Account, noon: Any) -> None:
    (phone,) = entered(app, noon, "x")
    eve = Browser(app, make_account().username).enter()

    assert eve.post(f"{PATH}/end", session_id=phone.session_id).location == f"{PATH}?note=gone"
    assert eve.post(f"{PATH}/others").status_code == 303

    assert phone.is_known
    assert phone.session_id not in eve.get(PATH).text


def test_forms_without_a_session_lead_to_signing_in(app: Flask, account: Account, noon: Any) -> None:
    (phone,) = entered(app, noon, "x")
    nobody = Browser(app, "ada")

    for act in ("end", "others", "known"):
        done = nobody.post(f"{PATH}/{act}", session_id=phone.session_id)
        assert done.location.startswith("/sign-in?note=ended")
    assert phone.is_known


def test_many_sessions_are_shown_in_pages(app: Flask, account: Account, noon: Any) -> None:
    for _ in range(45):
        noon.shift(1)
        RefreshFamily.start(account, kind="api")
    (phone,) = entered(app, noon, "x")
    address, found = PATH, list[str]()
    for _ in range(3):
        page = phone.get(address)
        ids = [one.attributes for one in markup.named(page.text, "input") if one.attributes["name"] == "session_id"]
        found += [one["value"] for one in ids]
        following = [one for one in markup.named(page.text, "a") if one.attributes.get("rel") == "next"]
        address = following[0].attributes["href"] if following else ""

    assert address == ""
    assert len(found) == len(set(found)) == 46


def test_without_their_index_this_one_is_shown_and_all_others_can_be_ended(
    app: Flask, account: Account, noon: Any, set_index: Callable[[str], None]
) -> None:
    phone, desk = entered(app, noon, "x", "y")
    set_index("CREATING")

    page = desk.get(PATH)

    assert page.status_code == 200
    assert "Your sign-ins cannot be read at the moment." in words(page)
    assert desk.session_id in page.text and phone.session_id not in page.text
    assert desk.press("End all others", PATH).status_code == 303
    assert not phone.is_known


def test_staff_read_their_own_limits(app: Flask, noon: Any) -> None:
    admin = Browser(app, make_account("admin").username).enter()

    assert "half an hour without use" in words(admin.get(PATH))
