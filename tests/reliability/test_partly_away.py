"""One table is away: what is left is answered, and what is missing is named, on the API and on the page."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.rig import client as requests
from tests.rig.fleet import WEB, Fleet, Instance
from tests.rig.proxy import Call, FaultProxy, Rule

AROUND = "lat=51.5&lon=-0.12&radius_km=5"
NO_REPORTS, NO_WARNINGS = "No reports of flooding", "No official"


def away(*tables: str) -> Rule:
    """These tables fail, whatever is asked of them."""

    def rule(call: Call) -> str:
        return "err500_before" if any(f"-{table}".encode() in call.body for table in tables) else ""

    return rule


def asked(path: str, query: str, *, accept: str = "application/json") -> dict[str, Any]:
    request = requests.event("GET", path, Accept=accept, Accept_Encoding="identity")
    request["rawQueryString"] = query
    return request


@pytest.fixture
def web(fleet: Fleet, proxy: FaultProxy) -> Instance:
    """An instance; there is a report in the middle of the view."""
    made = fleet.of(WEB).instance()
    assert requests.ask(made, requests.filing("in-the-middle")).status == 201
    return made


def page(web: Instance) -> tuple[int, str]:
    answer = web.ask(asked("/", AROUND, accept="text/html"))
    return answer["statusCode"], answer["body"]


def nearby(web: Instance) -> tuple[int, list[str], list[str]]:
    reply = requests.ask(web, asked("/v1/nearby", AROUND))
    if reply.status != 200:
        return reply.status, [], []
    missing = [part for part in reply.body["missing"] if part != "ea"]  # which was never heard here
    return 200, missing, [one["report"]["title"] for one in reply.body["items"] if "report" in one]


def test_nothing_is_missing_where_all_is_there(web: Instance) -> None:
    assert nearby(web) == (200, [], ["in-the-middle"])


def test_without_warnings_reports_are_left_and_nobody_says_that_there_are_none(
    web: Instance, proxy: FaultProxy
) -> None:
    proxy.rule = away("warnings")

    status, text = page(web)

    assert nearby(web) == (200, ["warnings"], ["in-the-middle"])
    assert (status, "Official warnings cannot be read at the moment." in text) == (200, True)
    assert NO_WARNINGS not in text


def test_without_reports_nobody_says_that_there_are_none(web: Instance, proxy: FaultProxy) -> None:
    proxy.rule = away("reports", "tiles")

    status, text = page(web)

    assert nearby(web) == (200, ["reports"], [])
    assert (status, "Reports of flooding cannot be read at the moment." in text) == (200, True)
    assert NO_REPORTS not in text


def test_without_tile_documents_the_indexes_answer(web: Instance, proxy: FaultProxy) -> None:
    proxy.rule = away("tiles")

    reply = requests.ask(web, asked("/v1/reports", AROUND))

    assert (reply.status, [one["title"] for one in reply.body["items"]]) == (200, ["in-the-middle"])
    assert nearby(web) == (200, [], ["in-the-middle"])


@pytest.mark.parametrize("path", ["/v1/reports", f"/v1/reports/rep_{'a' * 26}", "/v1/nearby", "/tiles/4/7/5", "/"])
def test_no_cache_keeps_words_of_residents_beyond_an_error(client: FlaskClient, path: str) -> None:
    """They may have been taken back or erased meanwhile."""
    query = f"?{AROUND}" if path in ("/v1/nearby", "/") else ""

    assert "stale-if-error" not in client.get(path + query).headers["Cache-Control"]


def test_where_nothing_true_is_left_it_is_a_503(web: Instance, proxy: FaultProxy) -> None:
    proxy.rule = away("reports", "tiles", "warnings")

    assert nearby(web)[0] == page(web)[0] == 503
