"""No request enters more of our files, or calls deeper, than it did (docs/decisions/0099).

Counted as `make bench ARGS="--only trips"` counts, over one report under one warning: it is about as many files as
over thousands. A change that shortens a trip lowers its bar; one that makes it longer raises the bar, and its commit
says why.
"""

import json
from typing import Any, NamedTuple

import pytest

from bench.trips import ROOT, Trip, travelling
from handlers import api
from tests.handlers.probe import CONTEXT, http_api
from tests.reporting import file_report, new_key
from tests.warning_making import announce_at, square

PLACE = "lat=51.5&lon=-0.12&radius_km=5"


class Bar(NamedTuple):
    """The longest trip that is accepted: our files that it enters, and our functions on the stack at its deepest."""

    files: int
    depth: int


BARS = {
    "one report": Bar(37, 15),
    "list": Bar(39, 20),
    "nearby": Bar(57, 21),
    "one warning": Bar(28, 15),
    "page": Bar(78, 24),
    "filing": Bar(62, 17),
}
SLACK = Bar(1, 1)  # a bar may be so far above its trip


def asked(path: str, query: str = "", **headers: str) -> dict[str, Any]:
    return http_api(path, rawQueryString=query, headers=headers)


def filing() -> dict[str, Any]:
    body = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "severe", "title": "Underpass closed"}
    headers = {"content-type": "application/json", "idempotency-key": new_key()}
    return http_api("/v1/reports", method="POST", headers=headers, body=json.dumps(body))


def trip_of(first: dict[str, Any], second: dict[str, Any]) -> Trip:
    """Count the second request: the first has loaded what both need."""
    api.handler(first, CONTEXT)
    with travelling() as trip:
        reply = api.handler(second, CONTEXT)
    assert reply["statusCode"] in (200, 201), reply
    return trip


@pytest.fixture
def requests(client: Any, noon: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    warning = announce_at(square())
    report = file_report(client, title="Water over the kerb").json["id"]
    alike = {
        "one report": asked(f"/v1/reports/{report}"),
        "list": asked("/v1/reports", PLACE),
        "nearby": asked("/v1/nearby", PLACE),
        "one warning": asked(f"/v1/warnings/{warning}"),
        "page": asked("/", PLACE, accept="text/html"),
    }
    return {name: (one, one) for name, one in alike.items()} | {"filing": (filing(), filing())}


def files_of(trip: Trip) -> str:
    return "\n  ".join(sorted(file.removeprefix(f"{ROOT}/") for file in trip.files))


def test_trips_are_no_longer_than_they_were(requests: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    trips = {name: trip_of(*pair) for name, pair in requests.items()}
    lengths = {name: Bar(len(trip.files), trip.depth) for name, trip in trips.items()}

    longer = {
        name: own for name, own in lengths.items() if own.files > BARS[name].files or own.depth > BARS[name].depth
    }
    assert not longer, "\n".join(f"{name} {own}:\n  {files_of(trips[name])}" for name, own in longer.items())
    above = {
        name: own
        for name, own in lengths.items()
        if own.files < BARS[name].files - SLACK.files or own.depth < BARS[name].depth - SLACK.depth
    }
    assert not above, f"lower their bars: {above}"
