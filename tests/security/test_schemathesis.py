"""The description as a promise: requests made from it, right and wrong, get the answers that it names.

The requests are the same in every run. `make test-long` makes many more of them.
"""

from collections.abc import Sequence
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
from tests.closed_description import closed
from tests.factories import sign_in_as
from tests.keyed import make_key, make_partner
from tests.photo_acts import Scene, put
from tests.reporting import bearer, filed
from tests.warning_making import announce_at, square

# S1: 20,000 requests and more in the long run, by callers of each kind.
FEW, MANY = 5, 110
CALLERS = ("anonymous", "resident", "responder", "admin")


def callers(*few: str) -> list[Any]:
    """Return who asks how often: some callers, who send the same, in the short run; each kind alone in the long one."""
    return [
        pytest.param(few, FEW, id=" and ".join(few)),
        *(pytest.param((who,), MANY, id=f"{who} {MANY} times", marks=pytest.mark.long) for who in CALLERS),
    ]


DESCRIBED = description.document(create_app(TESTING=True))
PATHS: dict[str, Any] = DESCRIBED["paths"]
RESPONSES: dict[str, Any] = DESCRIBED["components"]["responses"]
OPERATIONS = [(method.upper(), path) for path, item in PATHS.items() for method in item if method != "parameters"]
# Where anything that can be sent is right by its shape: no parameters, or an id that may be any text.
NEVER_WRONG = ("/healthz", "/status.json", "/openapi.json", "/v1/reports/{report_id}")
NEVER_WRONG += tuple(
    f"/v1/{kind}_id}}{suffix}" for kind in ("warnings/{warning", "areas/{area") for suffix in ("", ".geojson")
)
NEVER_WRONG += ("/feeds/reports/{report_id}.cap.xml", "/feeds/warnings/{warning_id}.cap.xml")
NEVER_WRONG += ("/photos/{photo_name}/{size}.jpg", "/v1/reports/{report_id}/photos/{photo_name}/{size}.jpg")
NEVER_WRONG += ("/view_floods", "/flood_warnings", "/simplified_flood_areas")
# The first takes nothing. Of the other's decisions each has a result of its own, which says what is wrong with it.
NEVER_REFUSED = {("POST", "/v1/visitors"), ("POST", "/v1/review/decisions")}
CAN_BE_WRONG = [
    each for each in OPERATIONS if each not in NEVER_REFUSED and (each[0] != "GET" or each[1] not in NEVER_WRONG)
]


@schemathesis.hook
def before_load_schema(_: Any, raw_schema: dict[str, Any]) -> None:
    """Close the answers, which are described as open: a member that is not described is a mistake here."""
    closed(raw_schema)


@cache
def described(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


# Headers that tell of the connection, of protection, of caches' keys and of other origins: on every answer alike.
ON_ALL_ALIKE = {
    *("content-type", "content-length", "content-encoding", "vary", "date", "server", "allow"),
    *("strict-transport-security", "x-content-type-options", "referrer-policy", "permissions-policy"),
    *("cross-origin-opener-policy", "content-security-policy"),
    *("access-control-allow-origin", "access-control-expose-headers"),
}


def headers_are_described(_: Any, response: Any, case: Any) -> None:
    """Fail for a header of an answer that its description does not name."""
    answers = PATHS[case.operation.path][case.operation.method]["responses"]
    answer = answers.get(str(response.status_code), {})
    if reference := answer.get("$ref"):
        answer = RESPONSES[reference.rpartition("/")[2]]
    named = {name.lower() for name in answer.get("headers", ())}
    unnamed = {name.lower() for name in response.headers} - named - ON_ALL_ALIKE
    assert not answer or not unnamed, f"{response.status_code} has headers that are not described: {unnamed}"


CHECKS: dict[str, Any] = {"excluded_checks": [positive_data_acceptance], "additional_checks": [headers_are_described]}


def send_many(
    app: Flask,
    method: str,
    path: str,
    mode: GenerationMode,
    *,
    examples: int,
    senders: Sequence[dict[str, str]],
    own: dict[str, str] | None = None,
) -> int:
    """Make requests from the description, send each with the headers of every sender, and check the answers by it.

    Returns how many were made.

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
        for headers in senders:
            plain = {"Accept-Encoding": "identity"} | headers
            case.call_and_validate(headers=plain, **CHECKS)

    send()
    return sent


def known_ids(app: Flask, headers: dict[str, str]) -> dict[str, str]:
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


@pytest.mark.parametrize(("who", "examples"), callers("anonymous", "resident"))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_right_requests_get_answers_as_described(
    app: Flask, method: str, path: str, who: Sequence[str], examples: int
) -> None:
    senders = [headers_of(caller) for caller in who]
    own = known_ids(app, senders[-1])

    assert send_many(app, method, path, GenerationMode.POSITIVE, examples=examples, own=own, senders=senders)


@pytest.mark.parametrize(("who", "examples"), callers("responder"))
@pytest.mark.parametrize(("method", "path"), CAN_BE_WRONG)
def test_wrong_requests_are_refused_as_described(
    app: Flask, method: str, path: str, who: Sequence[str], examples: int
) -> None:
    senders = [headers_of(caller) for caller in who]

    assert send_many(app, method, path, GenerationMode.NEGATIVE, examples=examples, senders=senders)


def test_batches_of_a_key_get_answers_as_described(app: Flask) -> None:
    key = make_key(app.test_client(), make_partner(), "reports:import")["key"]

    for method, path in (("POST", "/v1/reports/batch"), ("GET", "/v1/reports/{report_id}")):
        assert send_many(app, method, path, GenerationMode.POSITIVE, examples=4 * FEW, senders=[bearer(key)])


def test_photos_get_answers_as_described(app: Flask, photos_bucket: str) -> None:
    scene = Scene(app.test_client(), photos_bucket)
    photo = scene.photo()
    scene.show(photo)
    put(photos_bucket, f"photos/{photo}-1/large.jpg")
    own = {"report_id": scene.id, "photo_id": photo, "photo_name": f"{photo}-1", "size": "large"}
    # The removal comes last.
    operations = sorted((each for each in OPERATIONS if "/photos" in each[1]), key=lambda each: each[0] == "DELETE")

    assert len(operations) == 5
    for method, path in operations:
        senders = [scene.own, scene.staff]
        assert send_many(app, method, path, GenerationMode.POSITIVE, examples=2 * FEW, own=own, senders=senders)


def test_long_run_is_long_enough() -> None:
    assert len(CALLERS) * MANY * (len(OPERATIONS) + len(CAN_BE_WRONG)) >= 25_000  # some have fewer different requests
