"""People who ask for alerts on pages, without scripts: what they send, and the links of the messages that they get."""

from typing import Any

from werkzeug.test import TestResponse

from app.alerts import tokens
from app.alerts.subscription_models import State, Subscription
from app.alerts.tokens import Right
from tests.app.pages.conftest import Visitor
from tests.post import Post

ADDRESS = "anna@example.net"
LANGPORT = {"lat": "51.037", "lon": "-2.828", "radius_km": "5", "name": "Langport", "zone": "Europe/London"}
USUAL = {"severity_min": "", "reports": "verified", "digest": "off", "quiet_from": "", "quiet_to": ""}
BOTH = ["warnings", "reports"]
PATHS = {Right.CONFIRM: "/alerts/confirm#", Right.STOP: "/alerts/stop?token=", Right.MANAGE: "/alerts#"}


def ask(visitor: Visitor, **fields: Any) -> TestResponse:
    return visitor.post("/alerts", **LANGPORT | USUAL | {"email": ADDRESS, "what": BOTH} | fields)


def stored() -> list[Subscription]:
    """All subscriptions, those that are on first."""
    return sorted((row for row in Subscription.scan() if row.sort == "!"), key=lambda row: row.state)


def asked(visitor: Visitor, **fields: Any) -> Subscription:
    """Alerts that wait for their confirmation."""
    before = {row.id for row in stored()}
    assert ask(visitor, **fields).status_code == 303
    (new,) = (row for row in stored() if row.id not in before)
    return new


def link_of(row: Subscription, right: Right) -> str:
    """Return the link of a right as messages have it."""
    return f"https://floods.example.org{PATHS[right]}{tokens.link_token(row, right)}"


def confirmed(visitor: Visitor, post: Post, **fields: Any) -> Subscription:
    """Alerts that are on."""
    row = asked(visitor, **fields)
    post.work()
    visitor.post("/alerts/confirm", token=link_of(row, Right.CONFIRM), subscription_id=row.id)
    row.refresh()
    assert row.state == State.ACTIVE
    return row


def main_of(answer: TestResponse) -> str:
    """Return the content of a page in one line."""
    return " ".join(answer.text.partition("<main")[2].partition("</main>")[0].split())
