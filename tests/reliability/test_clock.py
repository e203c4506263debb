"""Wrong clocks do no harm: neither those of clients, nor one of our own that is set wrong for a while."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts import tokens
from app.core.clock import to_ms
from app.core.errors import Unauthenticated
from tests.rig import client as requests
from tests.rig import naive, stored

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
REPORT_ID = "rep_" + "a" * 26
SEEN_LATER_S = 3600


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def file(client: FlaskClient, key: str, **said: object):
    body = {"location": {"lat": 51.5, "lon": -0.1}, "severity": "minor", "title": key} | said
    return client.post("/v1/reports", json=body, headers={"Idempotency-Key": key})


def is_taken(token: str) -> bool:
    try:
        return tokens.read(token, tokens.Use.EDIT).subject == REPORT_ID
    except Unauthenticated:
        return False


@pytest.mark.parametrize(
    ("issued", "read", "taken"),
    [
        (timedelta(), timedelta(hours=24, seconds=4), True),
        (timedelta(), timedelta(hours=24, seconds=6), False),
        (timedelta(seconds=4), timedelta(), True),
        (timedelta(seconds=61), timedelta(), False),
        (timedelta(minutes=10), timedelta(), False),
        (timedelta(), timedelta(days=2), False),
        (timedelta(days=-2), timedelta(), False),
    ],
)
def test_token_counts_within_its_life_and_the_leeway_only(
    clock: time_machine.Traveller, issued: timedelta, read: timedelta, taken: bool
) -> None:
    clock.move_to(NOW + issued)
    token = tokens.edit_token(REPORT_ID, since_ms=to_ms(NOW + issued))
    clock.move_to(NOW + read)

    assert is_taken(token) == taken


def test_naive_twin_takes_tokens_from_the_future(clock: time_machine.Traveller) -> None:
    """As a decoder does that looks at the end alone."""
    clock.move_to(NOW + timedelta(minutes=10))
    token = jwt.encode(
        {"sub": REPORT_ID, "iat": datetime.now(UTC), "exp": datetime.now(UTC) + timedelta(days=1)}, "k" * 32
    )
    clock.move_to(NOW)

    claims = jwt.decode(token, "k" * 32, algorithms=["HS256"], options={"verify_iat": False})

    assert claims["sub"] == REPORT_ID


@pytest.mark.parametrize("later", [timedelta(days=2), timedelta(days=40)], ids=str)
def test_resend_long_after_finds_the_first_report(
    clock: time_machine.Traveller, dynoxide_client: FlaskClient, later: timedelta
) -> None:
    observed = {"observed_at": (NOW - timedelta(hours=1)).isoformat()}
    first = file(dynoxide_client, "sent-again-much-later", **observed)
    clock.move_to(NOW + later)

    again = file(dynoxide_client, "sent-again-much-later", **observed)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["id"] == first.json["id"]
    assert len(stored.reports()) == 1


def test_naive_twin_forgets_its_keys(clock: time_machine.Traveller, dynoxide: str) -> None:
    request = requests.filing("sent-again-much-later")
    naive.file_after_looking(request, None)
    clock.move_to(NOW + timedelta(days=2))

    naive.file_after_looking(request, None)

    assert len(stored.reports()) == 2


def test_clients_with_wrong_clocks_neither_break_nor_reorder_anything(
    clock: time_machine.Traveller, dynoxide_client: FlaskClient
) -> None:
    dice, statuses, made = random.Random(1), set(), []
    for number in range(25):
        clock.shift(timedelta(seconds=1))
        said = NOW + timedelta(seconds=dice.randint(-40 * 86400, 40 * 86400) // dice.choice([1, 10, 1000]))
        reply = file(dynoxide_client, f"wrong-clock-of-a-client-{number}", observed_at=said.isoformat())
        statuses.add(reply.status_code)
        made += [reply.json] if reply.status_code == 201 else []

    listed = dynoxide_client.get("/v1/reports?since=2026-02-28T00:00:00Z").json["items"]

    assert statuses == {201, 422}
    assert [item["id"] for item in listed] == [report["id"] for report in reversed(made)]
    assert all(NOW.isoformat() < report["created_at"].replace("Z", "+00:00") for report in made)


def test_server_that_goes_back_in_time_still_edits_by_version(
    clock: time_machine.Traveller, dynoxide_client: FlaskClient
) -> None:
    report = file(dynoxide_client, "the-server-clock-goes-back").json
    headers = {"Authorization": f"Bearer {report['edit_token']}", "If-Match": '"v1"'}
    clock.move_to(NOW - timedelta(seconds=4))

    edited = dynoxide_client.patch(f"/v1/reports/{report['id']}", json={"title": "Later"}, headers=headers)

    assert (edited.status_code, edited.json["version"], edited.json["created_at"]) == (200, 2, report["created_at"])
