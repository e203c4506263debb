"""Alerts under the rights of the functions that take them: no call that its role would refuse."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alerts import stopping, tokens
from app.alerts.tokens import Right
from app.warnings.area_models import Area
from tests.app.pages.conftest import Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import sign_in_as
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.security.test_page_rights import API, SIGN_IN, rights_of, used
from tests.subscribed import PLACE, ask, managing, now, rows, subscribed

PAGES_OF_ALERTS = ("/alerts", "/alerts/confirm", "/alerts/manage", "/alerts/stop")


@pytest.fixture(autouse=True)
def _noon(noon: Any) -> None:
    """Limits are counted within one day."""


def test_asking_and_changing_need_no_more_than_their_function_has(client: FlaskClient, post: Post) -> None:
    Area(id="ea-levels", source="ea", code="levels", name="Levels", updated_at_ms=1, lat=51.06, lon=-2.82).save()
    anna, person = subscribed(client, post), sign_in_as()
    path, headers = f"/v1/subscriptions/{anna.id}", managing(anna)
    changes: list[dict[str, Any]] = [
        {"place": {"area": "ea-levels"}},
        {"what": ["reports"]},
        {"channel": {"kind": "email", "address": "bob@example.net"}},
        {"state": "x"},
    ]

    with used() as asked:
        statuses = [ask(client).status_code, ask(client, place={"area": "ea-levels"}, headers=person).status_code]
        statuses += [client.patch(path, json=body, headers=headers).status_code for body in changes]

    assert statuses == [202, 202, 200, 200, 200, 422]
    assert {("PutItem", "SubscriptionsTable"), ("DeleteItem", "SubscriptionsTable")} <= asked
    assert asked <= rights_of(SIGN_IN)


def test_reading_and_stopping_need_no_more_than_the_web_function_has(client: FlaskClient, post: Post) -> None:
    person = sign_in_as()
    anna = subscribed(client, post, headers=person)
    path = f"/v1/subscriptions/{anna.id}"

    with used() as asked:
        reads = [
            client.get(one, headers=person).status_code for one in ("/v1/subscriptions", path, f"{path}/deliveries")
        ]
        stopped = client.delete(path, headers=person).status_code

    assert (reads, stopped) == ([200] * 3, 204)
    assert asked <= rights_of(API)
    assert not any(action == "PutItem" for action, place in asked if place in ("SubscriptionsTable", "DeliveriesTable"))


def test_the_pages_of_alerts_need_no_more_than_their_functions_have(
    signed_in: Callable[..., Visitor], post: Post
) -> None:
    visitor = signed_in()
    typed = {name: str(value) for name, value in PLACE.items()} | {"email": "anna@example.net", "name": "Burrowbridge"}
    with used() as asked:
        assert visitor.post("/alerts", **typed, what="warnings").status_code in (200, 303)
    post.work()
    token = post.token()
    waiting = [one.id for one in rows()]

    with used() as confirmed:
        opened = visitor.post("/alerts/confirm", token=token)
        done = visitor.post("/alerts/confirm", token=token, subscription_id=waiting[0])
    with used() as shown:
        pages = [visitor.get(path).status_code for path in PAGES_OF_ALERTS]
    manage, stop = (tokens.link_token(now(waiting[0]), right) for right in (Right.MANAGE, Right.STOP))
    with used() as managed:
        changed = [visitor.post("/alerts/manage", token=manage, **act) for act in ({"act": "pause", "days": "3"}, {})]
    with used() as stopped:
        ended = visitor.post("/alerts/stop", token=stop)

    assert [one.status_code for one in (opened, done, *changed)] == [200] * 4
    assert (pages, ended.status_code < 400, now(waiting[0]).state) == ([200] * 4, True, "stopped")
    assert asked | confirmed | managed <= rights_of(SIGN_IN)
    assert shown | stopped <= rights_of(API)


def test_erasing_and_the_letter_need_no_more_than_their_functions_have(client: FlaskClient, post: Post) -> None:
    person = sign_in_as()
    anna = subscribed(client, post, headers=person)
    ask(client, "bob@example.net", headers=person)
    with used() as sent:
        post.work()
    with used() as asked:
        stopping.erase_account(str(anna.account_id))

    assert len(post.accepted) == 1
    assert asked <= rights_of("EraseAccountsRole")
    assert sent <= rights_of("DeliverRole") | {("Scan", "DeliveriesTable")}
