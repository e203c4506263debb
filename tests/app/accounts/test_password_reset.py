"""Lost passwords: a link by mail, used once; no client learns who exists, and no stranger keeps the owner out."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import password_reset
from app.accounts.link_models import OneTimeLink
from app.mail.models import Delivery
from tests.codes import set_up
from tests.configured import settings_of
from tests.factories import PASSWORD
from tests.mailing import ADDRESS, ask, confirmed, newcomer, use
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.rig.calls import counted

NEW = "another wet november night"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


@pytest.mark.parametrize("by", ["username", "email"])
def test_a_lost_password_comes_back(client: FlaskClient, post: Post, by: str) -> None:
    anna = confirmed(client, post)
    answer = ask(client, **{by: {"username": anna.name.upper(), "email": ADDRESS.upper()}[by]})
    post.work()
    used = use(client, post.token())

    assert (answer.status_code, used.status_code) == (202, 204)
    assert anna.me().status_code == 401  # all sign-ins have ended
    assert client.post("/v1/tokens", json={"username": anna.name, "password": PASSWORD}).status_code == 401
    assert anna.sign_in(NEW)
    post.work()
    assert "[test] Your password was changed" in post.subjects(ADDRESS)


def test_a_link_is_good_once_for_half_an_hour_and_only_the_newest(client: FlaskClient, post: Post, noon: Any) -> None:
    anna = confirmed(client, post)
    for _ in range(2):
        ask(client, username=anna.name)
        post.work()
    older, newest = post.token(0), post.token(1)

    assert use(client, older).json["type"].rpartition("/")[2] == "link-not-valid"
    assert (use(client, newest).status_code, use(client, newest, "one more wet night").status_code) == (204, 403)
    ask(client, username=anna.name)
    post.work()
    token = post.token(post.subjects().index("[test] Set a new password", 2))
    noon.shift(timedelta(minutes=30, seconds=1))
    assert use(client, token).status_code == 403


def test_a_message_that_waited_until_a_newer_was_asked_for_is_not_sent(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    ask(client, username=anna.name)
    ask(client, username=anna.name)
    post.work()

    assert post.subjects() == ["[test] Set a new password"]
    assert use(client, post.token()).status_code == 204


def test_a_bad_new_password_leaves_the_link_good(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post, role="responder")
    ask(client, username=anna.name)
    post.work()
    short_for_staff = use(client, post.token(), "wet nights 12")
    common = use(client, post.token(), "password123")

    assert [(one.status_code, one.json["errors"][0]["pointer"]) for one in (short_for_staff, common)] == [
        (422, "/password")
    ] * 2
    assert use(client, post.token()).status_code == 204


def test_known_and_unknown_people_get_the_same_answer_by_the_same_path(client: FlaskClient, post: Post) -> None:
    anna, bare = confirmed(client, post), newcomer(client)
    seen = []
    for number, who in enumerate(
        ({"username": anna.name}, {"username": bare.name}, {"username": "nobody-here"}, {"email": "no@example.net"})
    ):
        with counted() as calls:
            answer = ask(client, network=f"203.0.113.{number}", **who)
        headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Date")}
        seen.append((answer.status_code, answer.json, headers, calls.made))
    post.work()

    assert seen[1:] == [seen[0]] * 3
    assert post.subjects() == ["[test] Set a new password"]


def test_nothing_is_stored_from_which_a_token_follows(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    ask(client, username=anna.name)
    post.work()
    link = OneTimeLink.find("reset", anna.id)
    stored = [repr(row.serialize()) for row in (*Delivery.scan(), link) if row]

    assert not [text for text in stored if post.token()[30:] in text]


def test_a_second_factor_is_asked_for_after_a_reset_too(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    with_factor = set_up(client, anna.account)
    ask(client, username=anna.name)
    post.work()
    use(client, post.token())
    body = {"username": anna.name, "password": NEW}
    answer = client.post("/v1/tokens", json=body)

    assert client.post("/v1/tokens", json=body | {"totp": with_factor.app.code()}).status_code == 200
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (401, "second-factor-needed")


@pytest.mark.parametrize("networks", [25, pytest.param(100, marks=pytest.mark.long)])
def test_ten_askings_from_each_of_many_networks_keep_no_owner_out(
    client: FlaskClient, post: Post, noon: Any, networks: int
) -> None:
    anna = confirmed(client, post)
    for round_ in range(10):
        for network in range(networks):
            assert ask(client, network=f"198.51.100.{network}", email=ADDRESS).status_code in (202, 429)
        post.work()
        noon.shift(timedelta(minutes=7))
        if round_ > 5:
            ask(client, network="192.0.2.99", username=anna.name)  # the owner, at any moment
            post.work()
            token = post.token()
            assert password_reset.one_time_links.read(token, password_reset.Right.RESET)

    assert len(post.accepted) <= 5 + 4
    assert use(client, post.token()).status_code == 204


def test_one_network_is_told_to_wait_and_others_are_not(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    statuses = [ask(client, network="198.51.100.7", username=anna.name).status_code for _ in range(7)]
    other_person = ask(client, network="198.51.100.7", username="somebody-else").status_code
    elsewhere = ask(client, network="192.0.2.99", username=anna.name).status_code

    assert statuses == [202] * 5 + [429] * 2
    assert (other_person, elsewhere) == (202, 202)


def test_links_lead_to_the_public_address_whatever_host_was_asked(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    client.post("/v1/password-resets", json={"username": anna.name}, headers={"Host": "evil.example"})
    post.work()

    assert "evil.example" not in post.text() + post.html()
    assert "https://floods.example.org/reset-password#fr_" in post.text()


def test_the_address_of_a_person_is_in_no_log(
    client: FlaskClient, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.faults = [RuntimeError(f"no mailbox {ADDRESS}")]
    anna = newcomer(client)
    anna.change(email=ADDRESS)
    post.work()
    ask(client, email=ADDRESS)
    said = capsys.readouterr()

    assert ADDRESS not in said.out + said.err


@pytest.mark.parametrize("body", [{}, {"username": "a", "email": ADDRESS}, {"email": "no address"}, {"name": "x"}])
def test_an_asking_that_names_nobody_or_two_is_refused(client: FlaskClient, post: Post, body: dict[str, str]) -> None:
    assert client.post("/v1/password-resets", json=body).status_code == 422


def test_a_key_that_was_rotated_still_opens_links(client: FlaskClient, post: Post) -> None:
    anna = confirmed(client, post)
    ask(client, username=anna.name)
    post.work()
    old = "a-mail-key-for-tests-that-is-long-enough-to-be-taken"
    with settings_of(FLOOD_MAIL_KEY=f"a-newer-mail-key-for-tests-that-is-long-enough {old}"):
        assert use(client, post.token()).status_code == 204
        assert ask(client, email=ADDRESS).status_code == 202
        post.work()
    assert post.subjects(ADDRESS).count("[test] Set a new password") == 2
