"""Alerts that are on, on pages: seen, changed, paused and stopped by the link of a message, or with one's account."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.alerts.subscription_models import State
from app.alerts.tokens import Right
from app.core import clock
from tests.app.pages.alerts.asking import ADDRESS, LANGPORT, USUAL, asked, confirmed, link_of, main_of, stored
from tests.app.pages.conftest import Visitor
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

GONE = "/alerts?note=gone"
NOT_VALID = "This link is not valid any more"


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def act(visitor: Visitor, token: str, button: str, **fields: Any) -> Any:
    return visitor.post("/alerts/manage", token=token, act=button, **fields)


def test_the_link_of_a_message_shows_the_alerts_and_changes_them(visitor: Visitor, post: Post) -> None:
    row = confirmed(visitor, post)
    token = link_of(row, Right.MANAGE)
    seen = visitor.post("/alerts/manage", token=token)
    wish = {"radius_km": "10", "label": "Home", "what": ["reports"], "severity_min": "extreme", "digest": "daily"}
    changed = act(visitor, token, "change", **LANGPORT | USUAL | wish | {"quiet_from": "22:00", "quiet_to": "07:00"})
    row.refresh()

    assert ADDRESS in main_of(seen)
    assert "The change is saved." in main_of(changed)
    assert "22:00 to 07:00 (Europe/London)" in main_of(changed)
    assert (row.place["radius_km"], row.label, row.warnings, row.severity_min) == (10, "Home", 0, "extreme")
    assert (row.digest, row.quiet) == ("daily", {"from": "22:00", "to": "07:00", "time_zone": "Europe/London"})
    assert (row.place["lat"], row.address) == (51.037, ADDRESS)


def test_a_pause_ends_by_itself_or_by_a_button(visitor: Visitor, post: Post, noon: Any) -> None:
    row = confirmed(visitor, post)
    token = link_of(row, Right.MANAGE)
    paused = act(visitor, token, "pause", days="7")
    row.refresh()
    until_ms = row.paused_until_ms
    resumed = act(visitor, token, "resume")
    act(visitor, token, "pause", days="1")
    noon.shift(25 * 3600)
    over = visitor.post("/alerts/manage", token=token)

    assert "The alerts are paused." in main_of(paused)
    assert until_ms == clock.now_ms() - 25 * clock.HOUR_MS + 7 * clock.DAY_MS
    assert "The alerts go on." in main_of(resumed)
    assert "Go on now" not in main_of(over)


@pytest.mark.parametrize(
    ("button", "fields"),
    [
        ("pause", {"days": "1000000"}),
        ("pause", {"days": "x"}),
        ("change", LANGPORT | USUAL | {"what": []}),
        ("change", LANGPORT | USUAL | {"what": ["warnings"], "radius_km": "a thousand"}),
    ],
)
def test_a_bad_change_is_told_and_not_made(visitor: Visitor, post: Post, button: str, fields: dict[str, Any]) -> None:
    row = confirmed(visitor, post)
    answer = act(visitor, link_of(row, Right.MANAGE), button, **fields)

    assert answer.status_code == 422
    assert "Something here cannot be taken" not in answer.text
    assert stored()[0].version == row.version


@pytest.mark.parametrize("way", ["by its button", "by one click", "with the link in the field"])
def test_stopping_is_at_once_and_repeatable(visitor: Visitor, post: Post, way: str) -> None:
    row = confirmed(visitor, post)
    link = link_of(row, Right.STOP)
    token = link.rpartition("=")[2]

    def stop() -> Any:
        if way == "by one click":  # as mail programs do: RFC 8058, 3.2, without any header of a browser
            path = link.removeprefix("https://floods.example.org")
            return visitor.client.post(path, data={"List-Unsubscribe": "One-Click"})
        return visitor.post("/alerts/stop", token=token if way == "by its button" else link)

    answers = [stop(), stop()]
    (left,) = stored()

    assert {one.status_code for one in answers} == {200 if way == "by one click" else 303}
    assert "These alerts are stopped" in visitor.get("/alerts/stop?note=done").text
    assert (left.state, left.address, left.place) == (State.STOPPED, "", {})


def test_each_link_has_its_own_right(visitor: Visitor, post: Post) -> None:
    row, other = confirmed(visitor, post), confirmed(visitor, post, email="other@example.net")
    links = {right: link_of(row, right) for right in Right}
    bent = links[Right.STOP][:-1] + ("A" if links[Right.STOP][-1] != "A" else "B")
    answers = {
        "stop by manage": visitor.post("/alerts/stop", token=links[Right.MANAGE]),
        "manage by stop": visitor.post("/alerts/manage", token=links[Right.STOP], act="pause", days="1"),
        "manage by confirm": visitor.post("/alerts/manage", token=links[Right.CONFIRM], act="stop"),
        "confirm by manage": visitor.post("/alerts/confirm", token=links[Right.MANAGE], subscription_id=row.id),
        "of another address": visitor.post("/alerts/confirm", token=links[Right.CONFIRM], subscription_id=other.id),
        "bent": visitor.post("/alerts/stop", token=bent),
    }

    assert {name: one.status_code for name, one in answers.items()} == dict.fromkeys(answers, 403)
    assert not [name for name, one in answers.items() if NOT_VALID not in one.text]
    assert [one.state for one in stored()] == [State.ACTIVE, State.ACTIVE]


def test_a_late_link_confirms_nothing(visitor: Visitor, post: Post, noon: Any) -> None:
    link = link_of(asked(visitor), Right.CONFIRM)
    noon.shift(49 * 3600)

    assert visitor.post("/alerts/confirm", token=link).status_code == 403
    assert visitor.post("/alerts/confirm").status_code == 422


def test_an_account_has_its_own_alerts_and_no_others(app: Flask, signed_in: Callable[..., Visitor], post: Post) -> None:
    visitor, stranger = signed_in(), Visitor(app.test_client())
    mine, theirs = confirmed(visitor, post, label="Mine"), confirmed(stranger, post, label="Theirs")
    listed = main_of(visitor.get("/alerts"))
    seen = visitor.post("/alerts/manage", subscription_id=mine.id)
    refused = [
        who.post("/alerts/manage", subscription_id=each.id, act="stop").location
        for who, each in ((visitor, theirs), (stranger, mine))
    ]
    states = [one.state for one in stored()]
    stopped = visitor.post("/alerts/manage", subscription_id=mine.id, act="stop")

    assert ("Mine" in listed, "Theirs" in listed) == (True, False)
    assert "Alerts for Mine" in main_of(seen)
    assert (refused, states) == ([GONE, GONE], [State.ACTIVE, State.ACTIVE])
    assert stopped.location == "/alerts?note=stopped"
    assert "Mine" not in main_of(visitor.get("/alerts"))


def test_what_a_link_shows_is_kept_by_no_cache(visitor: Visitor, post: Post) -> None:
    row = confirmed(visitor, post)
    for path, right in (("/alerts/manage", Right.MANAGE), ("/alerts/confirm", Right.CONFIRM)):
        answer = visitor.post(path, token=link_of(row, right))
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert visitor.get("/alerts/stop?token=x").headers["Cache-Control"] == "private, no-store"
