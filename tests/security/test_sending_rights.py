"""Alerts go out under the rights of the functions that send and release them: no call that a role would refuse."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import extents, quiet
from app.core import clock
from app.mail.models import SUBSCRIPTION, Delivery
from app.reports.entry import Status
from app.warnings.area_models import Area
from app.warnings.sources.message import Act
from tests.factories import make_report
from tests.happenings import HOME, Happenings
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.security.test_page_rights import Rights, rights_of, used
from tests.warning_making import announce_at, square

DELIVER, DUE = "DeliverRole", "AlertsDueRole"
LUNCH = {"from": "11:00", "to": "13:00", "time_zone": "Europe/London"}


@pytest.fixture
def happen(client: FlaskClient, post: Post, noon: Any, monkeypatch: pytest.MonkeyPatch) -> Happenings:
    monkeypatch.setattr(quiet, "SPREAD_MINUTES", 1)
    happenings = Happenings(client, post)
    happenings.minute()
    return happenings


def named(asked: Rights) -> Rights:
    return {(action, place.replace("Alert-events", "AlertEvents")) for action, place in asked}


def named_in_ledger() -> set[str]:
    """The subscriptions by which a warning went out: of one person's two, the one that the search found first."""
    return {str(row.values[SUBSCRIPTION]) for row in Delivery.scan() if row.event.startswith("w-")}


def sent(post: Post) -> Rights:
    """The calls of the sender for what waits in its queue."""
    post.stream()
    with used() as asked:
        post.work()
    return named(asked) - {("Scan", "DeliveriesTable")}  # the test's own look for new rows


def test_sending_needs_no_more_than_its_function_has(post: Post, happen: Happenings, noon: Any) -> None:
    Area(id="A1", source="ea", code="A1", name="Levels", updated_at_ms=1, lat=51.5, lon=-0.1).save()
    extents.forget()
    both = happen.asker(place={"area": "A1"}), happen.asker(place=HOME | {"radius_km": 3})
    happen.asker("bob@example.com", digest="hourly", severity_min="minor")
    announce_at(square(), "E")
    happen.warnings(works=False)
    asked = sent(post)
    happen.stop(next(one for one in both if one.id in named_in_ledger()))  # the other one takes its place
    happen.report(make_report(status=Status.VERIFIED, severity="severe", lon=-0.1))
    noon.shift(timedelta(minutes=30))
    announce_at(square(), "E", act=Act.END)
    announce_at(square(), "M", severity="moderate")
    happen.warnings(works=False)
    asked |= sent(post)
    happen.confirmed("dan@example.net")
    asked |= sent(post)
    noon.shift(timedelta(minutes=61))
    post.minute()
    asked |= sent(post)

    assert {("BatchGetItem", "DeliveriesTable"), ("Query", "SubscriptionsTable/index/by_recipient")} <= asked
    assert ("Query", "AlertEventsTable") in asked
    assert asked <= rights_of(DELIVER)


def test_what_is_due_each_minute_needs_no_more_than_its_function_has(post: Post, happen: Happenings, noon: Any) -> None:
    happen.asker(quiet=LUNCH)
    happen.asker("bob@example.com")
    announce_at(square(), "E", severity="moderate", expires_at_ms=clock.now_ms() + clock.HOUR_MS)
    announce_at(square(), "F", severity="moderate")
    happen.warnings()
    noon.shift(timedelta(minutes=61))

    from handlers import alerts_due

    with used() as asked:
        done = alerts_due.handler({"source": "aws.events"}, None)

    assert done == {"messages": 1, "ended": 1}
    assert any("u-" in body for _, _, body in post.waiting)
    assert {("Query", "DeliveriesTable/index/by_due"), ("PutItem", "AlertEventsTable")} <= named(asked)
    assert named(asked) <= rights_of(DUE)
