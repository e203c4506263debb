"""The description as a promise: requests made from it, right and wrong, get the answers that it names.

The requests are the same in every run. `make test-long` makes many more of them.
"""

from functools import cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.api import description
from app.factory import create_app
from app.warnings.ingest import outlines
from app.warnings.sources.outline import Outline
from tests.factories import sign_in_as
from tests.keyed import make_key, make_partner
from tests.reporting import bearer, filed
from tests.warning_making import announce_at, square

# S1: 20,000 requests and more in the long run, by callers of each kind.
FEW, MANY = 5, 110
CALLERS = ("anonymous", "resident", "responder", "admin")


def callers(*few: str) -> list[Any]:
    """Return who asks how often: some callers in the short run, each kind in the long one."""
    return [(who, FEW) for who in few] + [pytest.param(who, MANY, marks=pytest.mark.long) for who in CALLERS]


PATHS: dict[str, Any] = description.document(create_app(TESTING=True))["paths"]
OPERATIONS = [(method.upper(), path) for path, item in PATHS.items() for method in item if method != "parameters"]
# Where anything that can be sent is right by its shape: no parameters, or an id that may be any text.
NEVER_WRONG = ("/healthz", "/status.json", "/openapi.json", "/v1/reports/{report_id}")
NEVER_WRONG += tuple(
    f"/v1/{kind}_id}}{suffix}" for kind in ("warnings/{warning", "areas/{area") for suffix in ("", ".geojson")
)
NEVER_WRONG += ("/view_floods", "/flood_warnings", "/simplified_flood_areas")
# The first takes nothing. Of the other's decisions each has a result of its own, which says what is wrong with it.
NEVER_REFUSED = {("POST", "/v1/visitors"), ("POST", "/v1/review/decisions")}
CAN_BE_WRONG = [
    each for each in OPERATIONS if each not in NEVER_REFUSED and (each[0] != "GET" or each[1] not in NEVER_WRONG)
]


@cache
def described(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def send_many(
    app: Flask,
    method: str,
    path: str,
    mode: GenerationMode,
    *,
    examples: int,
    own: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> int:
    """Make requests from the description and check each answer by it; says how many were sent.

    Not asked: that all of right shape is taken. Some rules no schema can tell (times by the clock, markup, cursors).
    """
    sent = 0
    operation = described(app)[path][method]

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        if sent % 4:
            parameters = case.path_parameters or {}
            parameters.update({name: known for name, known in (own or {}).items() if name in parameters})
        # The library asks for compressed answers and does not unpack those of an app in this process.
        plain = {"Accept-Encoding": "identity"} | (headers or {})
        case.call_and_validate(excluded_checks=[positive_data_acceptance], headers=plain)

    send()
    return sent


def known_ids(app: Flask, headers: dict[str, str] | None = None) -> dict[str, str]:
    """A report under a warning, the warning, and an area."""
    outlines.store("ea", [Outline("A1", "River", square(), "", None)])
    warning = announce_at(square())
    return {
        "report_id": filed(app.test_client(), headers=headers)["id"],
        "warning_id": warning,
        "area_id": "ea-A1",
    }


def headers_of(caller: str) -> dict[str, str]:
    return {} if caller == "anonymous" else sign_in_as(caller)


@pytest.mark.parametrize(("caller", "examples"), callers("anonymous", "resident"))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_right_requests_get_answers_as_described(
    app: Flask, method: str, path: str, caller: str, examples: int
) -> None:
    headers = headers_of(caller)
    own = known_ids(app, headers)

    assert send_many(app, method, path, GenerationMode.POSITIVE, examples=examples, own=own, headers=headers)


@pytest.mark.parametrize(("caller", "examples"), callers("responder"))
@pytest.mark.parametrize(("method", "path"), CAN_BE_WRONG)
def test_wrong_requests_are_refused_as_described(
    app: Flask, method: str, path: str, caller: str, examples: int
) -> None:
    headers = headers_of(caller)

    assert send_many(app, method, path, GenerationMode.NEGATIVE, examples=examples, headers=headers)


def test_batches_of_a_key_get_answers_as_described(app: Flask) -> None:
    key = make_key(app.test_client(), make_partner(), "reports:import")["key"]

    for method, path in (("POST", "/v1/reports/batch"), ("GET", "/v1/reports/{report_id}")):
        assert send_many(app, method, path, GenerationMode.POSITIVE, examples=4 * FEW, headers=bearer(key))


def test_long_run_is_long_enough() -> None:
    assert len(CALLERS) * MANY * (len(OPERATIONS) + len(CAN_BE_WRONG)) >= 25_000  # some have fewer different requests
