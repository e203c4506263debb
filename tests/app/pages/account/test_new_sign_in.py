"""The notice of a new sign-in: in the person's other sessions, until it is answered there, and in none of others."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.accounts import new_sign_ins, tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.core import dynamodb
from tests.app.pages.account.signed_in_browsers import Browser
from tests.app.pages.account.test_page import words
from tests.app.pages.frame import markup
from tests.factories import PASSWORD, make_account

PATH = "/me/sessions"
IT_WAS_ME, NOT_ME = "It was me", "It was not me: end it"
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600
CHROME = "Chrome/131 Windows NT"


class Life:
    """Ada's phone, in which she has registered, and a way for others to come in."""

    def __init__(self, app: Flask, noon: Any) -> None:
        self.app, self.noon = app, noon
        self.phone = Browser(app, "ada")
        self.phone.post("/sign-in/new", username="ada", password=PASSWORD)

    def enter(self, user_agent: str = CHROME) -> Browser:
        """Sign in, in a browser that was not known, a minute later."""
        self.noon.shift(MINUTE_S)
        browser = Browser(self.app, "ada", user_agent).enter()
        self.noon.shift(MINUTE_S)
        return browser

    @property
    def account(self) -> Account:
        found = Account.named("ada")
        assert found
        return found


@pytest.fixture
def life(app: Flask, noon: Any) -> Life:
    return Life(app, noon)


def test_other_session_is_told_of_it_and_the_new_one_is_not(life: Life) -> None:
    assert life.phone.notice() == ""

    stranger = life.enter()

    assert life.phone.notice().startswith("New sign-in: 1 minute ago, Chrome, Windows. Was it you?")
    assert stranger.notice() == ""


def test_it_is_on_each_page_that_knows_the_person_and_on_no_other(life: Life) -> None:
    life.enter()

    asked = {path: bool(life.phone.notice(path)) for path in ("/me", PATH, "/report", "/me/second-factor", "/sign-in")}
    assert set(asked.values()) == {True}, asked
    for public in ("/", "/warnings", "/reports", "/status", "/about"):
        assert life.phone.notice(public) == "", public
    assert Browser(life.app, "nobody").notice("/report") == ""
    eve = Browser(life.app, make_account().username).enter()
    assert eve.notice() == ""


def test_it_stays_until_it_is_answered_here_and_goes_back_to_the_page(life: Life) -> None:
    life.enter()
    life.noon.shift(HOUR_S)
    assert life.phone.notice() == life.phone.notice() != ""

    done = life.phone.press(IT_WAS_ME, "/me/second-factor?note=removed")

    assert (done.status_code, done.location) == (303, "/me/second-factor?note=removed")
    assert life.phone.notice() == ""


def test_ending_it_answers_and_advises_a_new_password(life: Life) -> None:
    stranger = life.enter()

    done = life.phone.press(NOT_ME)

    assert done.location == f"{PATH}?note=ended"
    page = life.phone.get(done.location)
    assert "another person knows your password: change it now" in words(page)
    assert 'href="/me#changing-password"' in page.text and 'id="changing-password"' in life.phone.get("/me").text
    assert not stranger.is_known
    assert life.phone.notice() == ""


def test_one_that_has_signed_out_meanwhile_is_told_of_all_the_same(life: Life) -> None:
    life.enter().post("/me/sign-out")

    assert "Was it you?" in life.phone.notice()
    assert life.phone.press(NOT_ME).location == f"{PATH}?note=gone"
    assert life.phone.notice() == ""


def test_several_are_asked_about_in_turn(life: Life) -> None:
    for user_agent in ("Firefox/1 Linux", CHROME, "curl/8"):
        life.enter(user_agent)

    assert "Firefox, Linux. Was it you? 2 more came after it. All your sign-ins" in life.phone.notice()
    life.phone.press(IT_WAS_ME)
    assert "Chrome, Windows. Was it you? 1 more came after it." in life.phone.notice()
    life.phone.press(NOT_ME)
    assert "curl. Was it you? It was me" in life.phone.notice()
    life.phone.press("End all others", PATH)
    assert life.phone.notice() == ""


def test_answer_about_one_that_is_not_asked_about_changes_nothing(life: Life) -> None:
    """As from a page that was open while another came, or of another's sign-in."""
    first, second = life.enter(), life.enter("curl/8")

    for session_id in (second.session_id, "", "x", "fam_" + "0" * 26, life.phone.session_id):
        assert life.phone.post(f"{PATH}/known", session_id=session_id).status_code == 303
    assert "Chrome, Windows. Was it you? 1 more" in life.phone.notice()
    life.phone.post(f"{PATH}/known", session_id=first.session_id, next="https://evil.example/")
    assert "curl. Was it you?" in life.phone.notice()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", ""])
def test_answer_leads_to_no_other_site(life: Life, wanted: str) -> None:
    stranger = life.enter()

    assert life.phone.post(f"{PATH}/known", session_id=stranger.session_id, next=wanted).location == PATH


def test_stranger_can_neither_answer_for_the_owner_nor_hide(life: Life) -> None:
    """Not by the notice, not by signing in once more on the device that is known by now, not by signing out."""
    stranger = life.enter()
    accomplice = life.enter("curl/8")
    stranger.post(f"{PATH}/known", session_id=stranger.session_id)
    stranger.post(f"{PATH}/known", session_id=accomplice.session_id)
    accomplice.post(f"{PATH}/end", session_id=stranger.session_id)
    stranger.enter()
    stranger.post(f"{PATH}/end", session_id=accomplice.session_id)

    assert "Chrome, Windows. Was it you? 1 more" in life.phone.notice()
    stranger.post(f"{PATH}/others")
    assert life.phone.cookie and not life.phone.is_known
    life.phone.enter()
    assert "Chrome, Windows. Was it you? 1 more" in life.phone.notice(), "the owner's device remembers where it was"


def test_known_device_raises_no_notice_and_goes_on_where_it_was(life: Life) -> None:
    desk = life.enter()
    life.phone.press(IT_WAS_ME)
    stranger = life.enter("curl/8")
    desk.post("/me/sign-out")

    desk.enter()

    assert "curl. Was it you?" in desk.notice(), "it came after the desk's last session had begun"
    assert "curl. Was it you? It was me" in life.phone.notice(), "the desk's second sign-in is none"
    desk.press(IT_WAS_ME)
    life.noon.shift(MINUTE_S)
    desk.enter()
    assert desk.notice() == ""
    assert stranger.notice() == ""


def test_mark_of_another_account_makes_no_device_known(life: Life) -> None:
    eve = Browser(life.app, make_account().username).enter()
    eve.username = "ada"

    life.noon.shift(MINUTE_S)
    eve.enter()

    assert "Was it you?" in life.phone.notice()


def test_sign_in_by_the_api_counts_unless_its_device_is_known(life: Life) -> None:
    client, body = life.app.test_client(), {"username": "ada", "password": PASSWORD}
    life.noon.shift(MINUTE_S)
    mark = client.post("/v1/tokens", json=body).json["device_token"]
    assert "a device of unknown kind. Was it you?" in life.phone.notice()
    life.phone.press(IT_WAS_ME)
    life.noon.shift(MINUTE_S)

    client.post("/v1/tokens", json=body, headers={"Device-Token": mark})
    assert life.phone.notice() == ""
    for bad in ("x", life.phone.cookie, f"{mark}x"):
        assert client.post("/v1/tokens", json=body, headers={"Device-Token": bad}).status_code == 200
    assert "2 more" in life.phone.notice()


def test_new_password_answers_in_the_browser_in_which_it_was_given(life: Life) -> None:
    desk = life.enter("Firefox/1 Linux")
    life.enter()
    life.phone.press(IT_WAS_ME)
    assert life.phone.notice() and desk.notice()
    another = "another long wet november"

    life.phone.post("/me/password", current_password=PASSWORD, password=another)

    for browser in (life.phone, desk):
        assert browser.sign_in("ada", another).status_code == 303
    assert (life.phone.notice(), bool(desk.notice())) == ("", True)


def test_notice_ends_after_a_week_and_goes_from_storage_with_the_next_sign_in(life: Life) -> None:
    life.enter()
    life.noon.shift(7 * DAY_S)

    life.phone.enter()

    assert life.phone.notice() == ""
    assert not life.account.new_sign_ins


def test_newest_five_are_kept(life: Life) -> None:
    browsers = [life.enter() for _ in range(8)]

    kept = [one.session_id for one in new_sign_ins.of(life.account)]

    assert kept == [one.session_id for one in browsers[3:]]
    assert "4 more came after it" in life.phone.notice()


def test_sign_ins_at_the_same_moment_are_both_noted(life: Life) -> None:
    for seen in [life.account, life.account]:
        new_sign_ins.note(seen, RefreshFamily.start(seen, kind="api", is_known_device=False))

    assert len(new_sign_ins.of(life.account)) == 2


@pytest.fixture
def calls(app: Flask) -> Iterator[list[str]]:
    """The database's operations from now on."""
    asked: list[str] = []

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", note)
    yield asked
    events.unregister("before-call.dynamodb", note)


def test_notice_costs_no_call_on_pages(life: Life, calls: list[str]) -> None:
    life.phone.get("/me/second-factor")
    calls.clear()
    life.phone.get("/me/second-factor")
    without = list(calls)
    life.enter()
    calls.clear()

    assert life.phone.notice("/me/second-factor")

    assert calls == without == ["GetItem", "GetItem"], "the lock's account and session"


def test_sign_in_that_cannot_be_noted_is_let_in_and_listed(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise dynamodb.FAILURES[0]("silent")

    with monkeypatch.context() as patch:
        patch.setattr(Account, "update", fail)
        stranger = life.enter()

    assert stranger.is_known
    assert "Chrome, Windows New device" in words(life.phone.get(PATH))


@pytest.mark.parametrize("text", ["", "x", "fam_", "fam_x firefox", "later {}", "fam_" + "z" * 26])
def test_note_of_another_form_is_passed_over(life: Life, text: str) -> None:
    life.account.update(actions=[Account.new_sign_ins.add({text or " "})])

    assert life.phone.notice() == ""
    life.enter()
    assert "Chrome, Windows. Was it you? It was me" in life.phone.notice()


def test_session_of_the_previous_release_is_told_of_what_came_after_it_began(life: Life) -> None:
    life.enter()
    life.phone.press(IT_WAS_ME)
    old = RefreshFamily.start(life.account)  # with none of the later members
    desk = Browser(life.app, "ada")
    desk.cookie = tokens.session_token(life.account, old, life_s=HOUR_S)
    assert desk.notice() == ""

    life.enter("curl/8")

    assert "curl. Was it you?" in desk.notice()
    assert desk.press(IT_WAS_ME).status_code == 303
    assert desk.notice() == ""


def test_device_words_are_shown_as_text(life: Life) -> None:
    life.enter('Firefox/1 Android <script>alert(1)</script>"')

    page = life.phone.get("/me")

    assert "<script>alert" not in page.text
    assert next(one.words() for one in markup.named(page.text, "bdi")) == "Firefox, Android"
