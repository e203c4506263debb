"""Many reports in one call: each has its own result, and sending all again is safe."""

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.accounts import throttle
from app.accounts.models import Account
from app.core import clock, dynamodb
from app.core.config import settings
from app.reports import batch, create
from app.reports.models import Report
from tests.factories import make_account, sign_in_as
from tests.keyed import BATCH, item, make_key, make_partner, of_session, problem_of, results_of, send_batch
from tests.reporting import bearer, body_of, mistakes_of, new_key


@pytest.fixture
def partner(client: FlaskClient, noon: Any) -> Account:
    return make_partner()


@pytest.fixture
def key(client: FlaskClient, partner: Account) -> str:
    return str(make_key(client, partner, "reports:import")["key"])


def statuses(answer: Any) -> list[int]:
    return [result["status"] for result in results_of(answer)]


def told(result: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (pointer, code) of the mistakes in a result."""
    return {(mistake["pointer"], mistake["code"]) for mistake in result["problem"]["errors"]}


def test_hundred_reports_are_stored_in_order_and_sent_again_without_a_second_one(
    client: FlaskClient, partner: Account, key: str
) -> None:
    items = [item(title=f"Gauge {number}") for number in range(100)]

    first, again = send_batch(client, key, items), send_batch(client, key, items)

    assert statuses(first) == [201] * 100
    assert [result["report"]["title"] for result in results_of(first)] == [f"Gauge {n}" for n in range(100)]
    assert statuses(again) == [200] * 100
    ids = [[result["report"]["id"] for result in results_of(answer)] for answer in (first, again)]
    assert ids[0] == ids[1]
    assert len({*ids[0]}) == 100
    assert "no-store" in first.headers["Cache-Control"]
    assert Report.find(ids[0][7]).account_id == partner.id  # type: ignore[union-attr]


def test_batch_costs_one_write_for_each_report_and_one_for_all_counts(
    client: FlaskClient, key: str, partner: Account
) -> None:
    send_batch(client, key, [item()])  # the key's use of today is noted, and the day
    events, calls = dynamodb.connection().client.meta.events, Counter[str]()

    def count(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    events.register("before-call.dynamodb", count)
    try:
        assert statuses(send_batch(client, key, [item(place="public") for _ in range(100)])) == [201] * 100
    finally:
        events.unregister("before-call.dynamodb", count)

    assert {name: calls[name] for name in ("PutItem", "UpdateItem")} == {"PutItem": 100, "UpdateItem": 1}
    assert sum(calls.values()) < 110


def test_each_mistake_is_a_result_and_stops_no_other(client: FlaskClient, key: str) -> None:
    late = clock.rfc3339(clock.now_ms() - 8 * clock.DAY_MS)
    missing = {(f"/report/{name}", "required") for name in ("location", "severity")}
    wrong: list[tuple[Any, set[tuple[str, str]]]] = [
        (item(severity="wet", more=1), {("/report/severity", "choice"), ("/report/more", "unknown")}),
        ({"idempotency_key": "short", "report": {}}, {("/idempotency_key", "length"), *missing}),
        ("nothing", {("", "type")}),
        (None, {("", "type")}),
        ({"report": body_of(), "observed_at": 1}, {("/idempotency_key", "required"), ("/observed_at", "unknown")}),
        (item(observed_at=late), {("/report/observed_at", "range")}),
        (item(key="a key with blanks"), {("/idempotency_key", "length")}),
    ]

    results = results_of(send_batch(client, key, [item(), *(sent for sent, _ in wrong), item()]))

    assert [result["status"] for result in results] == [201, *[422] * len(wrong), 201]
    for number, (_, mistakes) in enumerate(wrong, 1):
        assert told(results[number]) == {(f"/items/{number}{place}", code) for place, code in mistakes}
    problem = results[1]["problem"]
    assert (problem["type"], problem["instance"], problem["status"]) == ("/docs/errors/invalid", BATCH, 422)
    assert problem["request_id"]


def test_one_key_twice_in_a_batch_is_one_report(client: FlaskClient, key: str) -> None:
    own = new_key()
    items = [item(own), item(own), item(), item(own, severity="severe")]

    results = results_of(send_batch(client, key, items))

    assert [result["status"] for result in results] == [201, 200, 201, 422]
    assert results[0]["report"]["id"] == results[1]["report"]["id"]
    assert told(results[3]) == {("/items/3/idempotency_key", "key-reused")}


def test_report_sent_alone_and_in_a_batch_is_one(client: FlaskClient, partner: Account, key: str) -> None:
    own = new_key()
    alone = client.post("/v1/reports", headers=of_session(partner) | {"Idempotency-Key": own}, json=body_of())

    (result,) = results_of(send_batch(client, key, [item(own)]))

    assert (result["status"], result["report"]["id"]) == (200, alone.json["id"])


def test_whole_body_is_refused_where_it_is_no_batch(client: FlaskClient, key: str) -> None:
    def send(body: Any) -> Any:
        return client.post(BATCH, headers=bearer(key), json=body)

    assert mistakes_of(send({"items": [item() for _ in range(101)]})) == {("/items", "length")}
    assert mistakes_of(send({"items": []})) == {("/items", "length")}
    assert mistakes_of(send({"items": {}, "more": 1})) == {("/items", "type"), ("/more", "unknown")}
    assert mistakes_of(send({})) == {("/items", "required")}
    wide = {"items": [{f"name-{number}": 1 for number in range(40)} for _ in range(100)]}
    assert mistakes_of(send(wide)) == {("", "too-many-names")}
    large = client.post(BATCH, headers=bearer(key), data=b"[" * 300_000, content_type="application/json")
    assert problem_of(large) == (413, "too-large")


def test_only_a_key_with_the_scope_sends_a_batch(client: FlaskClient, noon: Any) -> None:
    account, body = make_account(), {"items": [item()]}
    key = make_key(client, account, "reports:write")["key"]

    answers = [client.post(BATCH, headers=headers, json=body) for headers in ({}, of_session(account), bearer(key))]

    assert [problem_of(answer) for answer in answers] == [
        (401, "unauthenticated"),
        (403, "scope-missing"),
        (403, "scope-missing"),
    ]
    for answer in answers[1:]:
        assert answer.json["scopes_needed"] == ["reports:import"]
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="reports:import"'
    assert problem_of(client.post(BATCH, headers=sign_in_as("admin"), json=body)) == (403, "scope-missing")


def test_strangers_key_gives_no_more_reports_than_the_account_has(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    key = make_key(client, account, "reports:import")["key"]
    items = [item() for _ in range(40)]

    answer = send_batch(client, key, items)

    assert statuses(answer) == [201] * 30 + [429] * 10
    refused = results_of(answer)[-1]["problem"]
    assert (refused["type"], refused["retry_after_s"]) == ("/docs/errors/too-many", 3600)
    assert answer.headers["RateLimit"] == '"account-report";r=0;t=3600'
    assert statuses(send_batch(client, key, items)) == [200] * 30 + [429] * 10
    assert statuses(send_batch(client, key, [item(items[0]["idempotency_key"], severity="severe")])) == [429]


def test_importers_have_a_limit_of_their_own_and_replays_use_none_of_it(
    client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = settings()._replace(import_reports_per_hour=45)
    monkeypatch.setattr("app.api.batch_routes.settings", lambda: limited)
    items = [item() for _ in range(20)]
    assert send_batch(client, key, items).headers["RateLimit"] == '"import-report";r=25;t=3600'
    assert send_batch(client, key, items).headers["RateLimit"] == '"import-report";r=25;t=3600'

    mixed = [*items, *(item() for _ in range(30))]
    answer = send_batch(client, key, mixed)

    assert statuses(answer) == [200] * 20 + [201] * 25 + [429] * 5
    assert answer.headers["RateLimit-Policy"] == '"import-report";q=45;w=3600'


def test_what_is_not_reached_in_time_says_so_and_is_not_stored(
    client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, passed = [item() for _ in range(20)], [0.0]
    monkeypatch.setattr(clock, "running_s", lambda: passed[0])
    file_one = batch._file

    def slow(*one: Any) -> Any:
        filed = file_one(*one)
        passed[0] = batch.BEGUN_WITHIN_S
        return filed

    monkeypatch.setattr(batch, "_file", slow)
    answer = send_batch(client, key, items)
    monkeypatch.setattr(batch, "_file", file_one)

    assert statuses(answer) == [201] * 8 + [503] * 12
    late = results_of(answer)[-1]["problem"]
    assert (late["detail"], late["retry_after_s"]) == (batch.NOT_REACHED, 2)
    assert answer.headers["RateLimit"] == '"import-report";r=1992;t=3600'
    assert statuses(send_batch(client, key, items)) == [200] * 8 + [201] * 12


def test_database_and_bugs_fail_their_own_report_alone(
    client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [item(title=str(number)) for number in range(6)]
    store = create.file_report

    def fail(values: Any, *args: Any, **named: Any) -> Any:
        if values["title"] == "2":
            raise EndpointConnectionError(endpoint_url="none")
        if values["title"] == "4":
            raise ZeroDivisionError
        return store(values, *args, **named)

    monkeypatch.setattr(batch, "file_report", fail)
    results = results_of(send_batch(client, key, items))

    assert [result["status"] for result in results] == [201, 201, 503, 201, 500, 201]
    assert results[2]["problem"]["retry_after_s"] == 2


def test_batch_is_taken_while_the_counters_are_away(
    client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="none")

    monkeypatch.setattr(throttle, "add", fail)

    answer = send_batch(client, key, [item() for _ in range(40)])

    assert statuses(answer) == [201] * throttle.MOST_IN_PROCESS + [429] * 10
