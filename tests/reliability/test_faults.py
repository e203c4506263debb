"""Every acknowledged report is stored once and completely, whatever happens between us and the database."""

import pytest

from tests.rig import client
from tests.rig.fleet import WEB, Fleet, Function, shared_out
from tests.rig.outcome import Outcome, judge
from tests.rig.proxy import FaultProxy, sometimes

NAIVE = "tests.rig.naive:file_after_looking"
RATES = [0.1, 0.3, 0.5]
INSTANCES = 12


def file_all(function: Function, proxy: FaultProxy, *, count: int, rate: float) -> Outcome:
    """File `count` reports, each until it is acknowledged, then look past the product at what is stored."""
    proxy.rule = sometimes(rate, seed=int(rate * 100))
    places = {f"report-{number:05d}": round(50 + number / 1000, 3) for number in range(count)}

    def file(instance, key):
        request = client.filing(key, location={"lat": places[key], "lon": 0.001})
        return key, client.ask_until_settled(instance, request)

    replies = dict(shared_out(function.instances(INSTANCES), list(places), file))
    return judge(replies, places)


@pytest.mark.parametrize("rate", RATES)
def test_no_acknowledged_report_is_lost_doubled_or_altered(fleet: Fleet, proxy: FaultProxy, rate: float) -> None:
    outcome = file_all(fleet.of(WEB), proxy, count=60, rate=rate)

    assert outcome == Outcome()
    assert proxy.met["drop_after"] + proxy.met["err500_after"] + proxy.met["dup"] > 0


def test_naive_twin_doubles_reports(fleet: Fleet, proxy: FaultProxy) -> None:
    outcome = file_all(fleet.of(NAIVE), proxy, count=60, rate=0.5)

    assert len(outcome.doubled) > 0


@pytest.mark.long
@pytest.mark.parametrize("rate", RATES)
def test_no_acknowledged_report_of_a_thousand_is_lost(fleet: Fleet, proxy: FaultProxy, rate: float) -> None:
    outcome = file_all(fleet.of(WEB), proxy, count=1000, rate=rate)

    assert outcome == Outcome()
