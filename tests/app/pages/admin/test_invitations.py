"""The page of invitations: made by a plain form, whose answer alone shows the link, listed, and ended."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.accounts import areas
from app.review import inviting
from app.review.audit import BY_COMMAND, history_of
from tests.app.pages.conftest import Visitor

PATH = "/admin/invitations"
WEIR = "The weir=-2.4,51.3,-2.3,51.4"


@pytest.fixture
def desk(noon: Any, signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


def link_of(text: str) -> str:
    (link,) = re.findall(r'value="(http://localhost/invitation#fi_[0-9a-z]{58})"', text)
    return str(link)


def only() -> inviting.Listed:
    (listed,), _ = inviting.page(limit=10)
    return listed


@pytest.mark.parametrize("role", ["resident", "responder"])
def test_only_admins_invite(noon: Any, signed_in: Callable[..., Visitor], role: str) -> None:
    person = signed_in(role)

    assert person.get(PATH).status_code == person.post(PATH, act="make", areas="").status_code == 403


def test_invitation_is_made_and_its_link_shown_once(desk: Visitor) -> None:
    answer = desk.post(PATH, act="make", areas=f"{WEIR}\nBath", note="For Maria")

    token = link_of(answer.text).partition("#")[2]
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert [area.name for area in areas.unpack(only().invitation.packed_areas)] == ["The weir", "Bath"]
    assert inviting.of_token(token).id == only().invitation.id
    later = desk.get(PATH).text
    assert token not in later and "Waits to be used" in later and "<bdi>The weir</bdi>" in later


def test_note_that_is_no_plain_text_and_wrong_areas_are_told_together(desk: Visitor) -> None:
    answer = desk.post(PATH, act="make", areas="Xyzzyplugh", note="x" * 201)

    assert answer.status_code == 422 and inviting.page(limit=10) == ([], "")
    assert "No place is called “Xyzzyplugh”." in answer.text
    assert "Write the note as plain text" in desk.post(PATH, act="make", areas=WEIR, note="<b>x</b>").text


def test_waiting_invitation_is_ended_by_its_button(desk: Visitor) -> None:
    desk.post(PATH, act="make", areas=WEIR)
    invitation_id = only().invitation.id
    assert f'value="{invitation_id}"' in desk.get(PATH).text

    answer = desk.post(PATH, act="end", invitation_id=invitation_id)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?told=ended")
    shown = desk.get(answer.headers["Location"]).text
    assert "Its link does not work any more." in shown and f'value="{invitation_id}"' not in shown
    assert [row.action for row in history_of(invitation_id)] == ["invitation.ended", "invitation.made"]
    assert desk.post(PATH, act="end", invitation_id="inv_x").status_code == 404


def test_states_are_told_in_words(desk: Visitor, noon: Any) -> None:
    inviting.make("responder", [], "of the command line", by=BY_COMMAND)
    assert "the command line" in desk.get(PATH).text

    noon.shift(7 * 24 * 3600)
    assert desk.account
    desk.sign_in(desk.account.username)

    assert "Expired" in desk.get(PATH).text
