"""R7: overload sheds, it does not collapse. Open-loop load at 1 to 10 times of what `prod` bears, in virtual time.

What is taken of the filings is filed, by the product itself; what was acknowledged is looked for afterwards.
"""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.reports.models import Report
from bench import overload
from bench.overload import Kind, Limits, Outcome

TIMES = (1, 2, 4, 10)
LEAST = 0.8  # of the goodput at a load of 1
# A bad night: what each kind brings at a load of 1, and how long a function works on it (docs/performance.md).
KINDS = (
    Kind("export", "GET /v1/me/export", 10, 250),
    Kind("sign-in", "POST /v1/tokens", 50, 30),
    Kind("read", "GET /v1/nearby", 1500, 45),
    Kind("report", "POST /v1/reports", 120, 40),
)
SHED_FIRST_TO_LAST = ("export", "read", "report")
BODY = {"location": {"lat": 51.38, "lon": -2.36}, "severity": "severe", "title": "Water in the lane"}
SIZES = [pytest.param(0.2, id="small"), pytest.param(1, marks=pytest.mark.long, id="full")]  # of `prod`
SHARES = [pytest.param(0.02, 5, id="small"), pytest.param(0.2, 20, marks=pytest.mark.long, id="full")]


def _smaller(share: float) -> tuple[list[Kind], Limits]:
    kinds = [kind._replace(per_second=kind.per_second * share) for kind in KINDS]
    return kinds, overload.scaled(overload.limits_of("prod"), share)


def _goodput(outcomes: dict[str, Outcome]) -> int:
    return sum(outcome.good for outcome in outcomes.values())


def _kept(outcome: Outcome) -> float:
    return outcome.good / outcome.offered


@pytest.mark.parametrize("share", SIZES)
@pytest.mark.parametrize("times", TIMES)
def test_what_is_too_much_is_refused_at_once_and_the_rest_is_served(times: int, share: float) -> None:
    kinds, limits = _smaller(share)
    usual = overload.load(kinds, limits, times=1, seconds=20)
    outcomes = overload.load(kinds, limits, times=times, seconds=20)
    assert _goodput(outcomes) >= LEAST * _goodput(usual)
    for outcome in outcomes.values():
        assert outcome.good + outcome.refused.total() == outcome.offered and not outcome.late
        assert outcome.refused.keys() <= {429, 503}
    assert _kept(usual["report"]) == 1 and _kept(usual["read"]) > 0.95


@pytest.mark.parametrize("share", SIZES)
@pytest.mark.parametrize("times", TIMES)
def test_exports_are_shed_first_and_reports_last(times: int, share: float) -> None:
    kinds, limits = _smaller(share)
    outcomes = overload.load(kinds, limits, times=times, seconds=20)
    kept = [_kept(outcomes[name]) for name in SHED_FIRST_TO_LAST]
    assert kept == sorted(kept), outcomes
    assert times > 4 or kept[-1] == 1
    assert times == 1 or kept[0] < kept[1]


def test_naive_service_that_refuses_nothing_collapses() -> None:
    kinds, limits = _smaller(0.2)
    usual, much = (
        _goodput(overload.load_queued(kinds, limits.free_places, times=times, seconds=60)) for times in (1, 4)
    )
    assert much < LEAST * usual


def test_without_limits_of_their_own_reports_are_shed_with_the_readers_and_exports_are_not_first() -> None:
    kinds, limits = _smaller(0.2)
    others = {overload.OTHERS: limits.buckets[overload.OTHERS]}
    shared = Limits(others, {overload.OTHERS: "api"}, {}, limits.free_places)
    outcomes = overload.load(kinds, shared, times=4, seconds=20)
    kept = [_kept(outcomes[name]) for name in SHED_FIRST_TO_LAST]
    assert kept[-1] < LEAST and kept[0] > LEAST * kept[1]


@pytest.fixture
def addresses() -> Iterator[str]:
    return iter(f"20.{number // 250}.{number % 250}.1" for number in range(60_000))


@pytest.mark.parametrize(("share", "seconds"), SHARES)
def test_every_report_that_was_acknowledged_is_stored(
    client: FlaskClient, addresses: Iterator[str], share: float, seconds: int
) -> None:
    acknowledged: list[str] = []

    def serve(kind: Kind, number: int) -> None:
        if kind.name == "report":
            headers = {"Idempotency-Key": f"a-key-of-the-storm-number-{number}"}
            sender = {"REMOTE_ADDR": next(addresses)}
            reply = client.post("/v1/reports", json=BODY, headers=headers, environ_base=sender)
            assert reply.status_code == 201 and reply.json
            acknowledged.append(reply.json["id"])

    kinds, limits = _smaller(share)
    outcomes = overload.load(kinds, limits, times=10, seconds=seconds, serve=serve)
    assert len({*acknowledged}) == outcomes["report"].good < outcomes["report"].offered
    assert all(Report.find(report_id, consistent=True) for report_id in acknowledged)
