"""The switch of the keys of the page of responders, under My reports."""

from collections.abc import Callable
from typing import Any

from tests.app.pages.conftest import Visitor
from tests.app.pages.review.conftest import waiting


def test_keys_are_on_until_they_are_switched_off(desk: Visitor) -> None:
    waiting()
    assert "data-no-keys" not in desk.get("/review").text
    assert "They are on in this browser." in desk.get("/me").text

    answer = desk.post("/me/shortcuts", keys="off")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/me#keys")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "They are off in this browser." in desk.get("/me").text
    assert "data-no-keys" in desk.get("/review").text

    desk.post("/me/shortcuts", keys="on")
    assert "data-no-keys" not in desk.get("/review").text


def test_residents_have_no_such_switch(noon: Any, signed_in: Callable[..., Visitor]) -> None:
    resident = signed_in("resident")

    assert "/me/shortcuts" not in resident.get("/me").text
    assert resident.post("/me/shortcuts", keys="off").status_code == 403
