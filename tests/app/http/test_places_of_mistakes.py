"""Each mistake of each route says its place once: a JSON pointer into the body that was sent, or a parameter's name."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema, fields

from app.accounts import tokens
from app.factory import create_app
from app.http.schemas import NoQuery, contract_of
from tests.factories import make_account, make_report, sign_in_as
from tests.keyed import item, make_key
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture
from tests.reporting import bearer, file_report, new_key
from tests.route_list import ROUTES, Route, example_of
from tests.subscribed import managing, subscribed

VIEWS = create_app().view_functions

ODD = {"a/b~c": 1, "_schema": 1, "": 1, "é": 1, "0": 1}
JUNK: tuple[Any, ...] = (None, True, -1e9, "\u202e<b>", [], {}, [None], [{}], ODD, [ODD], "x" * 10_000)
NAMES = ("a/b", "_schema", "", "a~b")


def resolve(pointer: str, body: Any) -> None:
    """Follow a JSON pointer (RFC 6901) into a body; its last step may lead to what is not there."""
    assert pointer == "" or pointer.startswith("/"), pointer
    *before, last = pointer.split("/")[1:] or [""]
    for step in before:
        name = step.replace("~1", "/").replace("~0", "~")
        body = body[int(name)] if isinstance(body, list) else body[name]
    assert "~" not in last.replace("~0", "").replace("~1", ""), pointer
    assert pointer == "" or isinstance(body, dict) or int(last) < len(body), pointer


def places_in(problem: Mapping[str, Any], *, body: Any, parameters: set[str]) -> set[str]:
    """Return the kinds of place in a problem, each of which is found in what was sent."""
    for mistake in problem["errors"]:
        assert len(mistake) == 3, mistake
        assert {"code", "detail"} < mistake.keys(), mistake
        if "parameter" in mistake:
            assert mistake["parameter"] in parameters, mistake
        else:
            resolve(mistake["pointer"], body)
    return {name for mistake in problem["errors"] for name in mistake.keys() & {"pointer", "parameter"}}


def schemas_of(route: Route, location: str) -> list[Schema]:
    contract = contract_of(VIEWS[route.endpoint])
    return [schema() for where, schema in contract.arguments if where == location and schema is not NoQuery]


def bodies_for(schema: Schema) -> Iterator[Any]:
    """Yield what is no object, what has too much, and objects whose members are all of one kind, inside others too."""
    yield from ([], "text", None, 1, {}, ODD, {f"field/{number}": 1 for number in range(40)})
    for junk in JUNK:
        yield dict.fromkeys(schema.load_fields, junk)
        yield {name: _inside(field, junk) for name, field in schema.load_fields.items()}


def _inside(field: fields.Field[Any], junk: Any) -> Any:
    """Return junk for a field; where it takes objects, objects with junk for each of their members."""
    inner = field.inner if isinstance(field, fields.List) else field
    if not isinstance(inner, fields.Nested):
        return [junk, junk] if isinstance(field, fields.List) else junk
    nested = {name: _inside(own, junk) for name, own in inner.schema.load_fields.items()} | ODD
    return [nested, nested] if isinstance(field, fields.List) or inner.many else nested


class Asker:
    """A client that may ask all of a route: of a report, an account and alerts that exist."""

    def __init__(self, client: FlaskClient, post: Post) -> None:
        self.client, report = client, make_report(status="pending")
        alerts, admin = subscribed(client, post), make_account("admin")
        self.names = {"report_id": report.id, "subscription_id": alerts.id, "account_id": make_account().id}
        self.admin = sign_in_as("admin")
        self.headers = {
            "subscriber": managing(alerts),
            "reporter": bearer(tokens.edit_token(report.id, since_ms=report.created_at_ms)),
            "key": bearer(make_key(client, admin, "reports:import")["key"]),
        }

    def ask(self, route: Route, query: str = "", **rest: Any) -> Any:
        headers = self.headers.get(str(route.who)) or self.admin
        headers = headers | {"Idempotency-Key": new_key(), "If-Match": "*"}
        path = example_of(route.path, **self.names)
        return self.client.open(f"{path}{query}", method=route.method, headers=headers, **rest)


@pytest.fixture
def asker(client: FlaskClient, post: Post) -> Asker:
    return Asker(client, post)


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if schemas_of(route, "json")])
def test_mistake_in_a_body_is_found_by_its_pointer(asker: Asker, name: str) -> None:
    (schema,) = schemas_of(ROUTES[name], "json")
    found: set[str] = set()

    for body in bodies_for(schema):
        answer = asker.ask(ROUTES[name], json=body)
        assert answer.status_code < 500, (body, answer.text)
        problems = [answer.json] if answer.status_code == 422 else []
        if answer.status_code == 200 and "results" in answer.json:
            problems = [one["problem"] for one in answer.json["results"] if one["status"] == 422]
        for problem in problems:
            found |= places_in(problem, body=body, parameters=set())

    assert found == {"pointer"}


def test_mistake_in_a_header_is_found_by_its_name(client: FlaskClient) -> None:
    answer = file_report(client, key="short")

    assert [mistake["parameter"] for mistake in answer.json["errors"]] == ["Idempotency-Key"]


def test_mistake_that_only_the_rows_show_is_found_by_its_pointer_too(asker: Asker) -> None:
    report_id, absent = asker.names["report_id"], f"rep_{'b' * 26}"
    merge = {"report_id": report_id, "version": 1, "decision": "merged", "into": report_id}
    bulk = {"decisions": [merge, merge | {"into": absent}]}
    batch = {"items": [item(), item(observed_at="2020-01-01T00:00:00Z"), item("a-key-for-two-reports")]}
    batch["items"].append(item("a-key-for-two-reports", radius_m=77))

    decided = asker.ask(ROUTES["POST /v1/review/decisions"], json=bulk)
    taken = asker.ask(ROUTES["POST /v1/reports/batch"], json=batch)

    assert _pointers(decided) == [["/decisions/0/into"], ["/decisions/1/into"]]
    assert _pointers(taken) == [[], ["/items/1/report/observed_at"], [], ["/items/3/idempotency_key"]]


def _pointers(answer: Any) -> list[list[str]]:
    problems = [result.get("problem", {"errors": []}) for result in answer.json["results"]]
    return [[mistake["pointer"] for mistake in problem["errors"]] for problem in problems]


def test_mistake_in_a_query_is_found_by_its_name(asker: Asker) -> None:
    for route in ROUTES.values():
        if not contract_of(VIEWS[route.endpoint]).arguments:
            continue
        known = {name for schema in schemas_of(route, "query") for name in schema.load_fields}
        for value in ("", "x", "-1", "%00", "1,2,3,4", "a" * 3000):
            asked = dict.fromkeys(known | {*NAMES}, value)
            answer = asker.ask(route, query=f"?{urlencode(asked)}", json={})
            assert answer.status_code == 422, (route, answer.text)
            assert places_in(answer.json, body=None, parameters={*asked}) == {"parameter"}, route
