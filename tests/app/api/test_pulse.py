"""The pulse of a place: another token if and only if its lists show something else."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports.index import columns
from app.reports.index.models import MEMBERS, PREFIX, TileDocument
from app.reports.models import Report
from handlers import report_changed
from tests.factories import make_report, stream_record, tell_consumer
from tests.rig.calls import counted

HERE = "/v1/pulse?lat=51.5&lon=-0.12&radius_km=2"


@pytest.fixture
def pulse(client: FlaskClient, noon: Any) -> Callable[[str], str]:
    """Ask for the token of a place, always as after a second."""

    def ask(address: str = HERE) -> str:
        noon.shift(1)
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        assert len(answer.data) <= 200
        return str(answer.json["token"])

    return ask


def tell(report: Report, **values: Any) -> None:
    """Change a report and tell the consumer."""
    old = Report.find(report.id)
    for name, value in values.items():
        setattr(report, name, value)
    now_ms = clock.now_ms()
    report.version, report.updated_at_ms = report.version + 1, now_ms
    report.index(now_ms, is_change=True)
    report.save()
    report_changed.handler({"Records": [stream_record(new=report, old=old, number=9)], "shardId": "shard-1"}, None)


def test_token_changes_with_each_report_that_is_filed_edited_or_withdrawn(pulse: Callable[..., str]) -> None:
    tokens = [pulse()]
    report = make_report()
    tell_consumer([report])
    tokens.append(pulse())
    for change in ({"title": "Higher now"}, {"status": "verified"}, {"status": "withdrawn"}):
        tell(report, **change)
        tokens.append(pulse())

    assert len({*tokens[:-1]}) == 4
    assert tokens[-1] not in tokens[1:-1]


def test_token_changes_with_a_report_that_no_document_has_a_row_for(pulse: Callable[..., str]) -> None:
    reports = [make_report(created_ms=clock.now_ms() - age * 1000) for age in range(130)]
    tell_consumer(reports)
    before = pulse()

    tell(reports[-1], severity="extreme")

    assert pulse() != before


def test_token_stays_while_only_the_documents_are_made_anew(pulse: Callable[..., str]) -> None:
    reports = [make_report(), make_report(lat=53.0)]
    tell_consumer(reports)
    before, wide = pulse(), pulse("/v1/pulse?bbox=-10,40,10,60")

    tell_consumer(reports, shard="shard-2")  # the same records again
    tell(reports[1], title="Far away")

    assert pulse() == before
    assert pulse("/v1/pulse?bbox=-10,40,10,60") != wide


@pytest.mark.parametrize(
    "place", ["lat=51.5&lon=-0.12&radius_km=100", "lat=90&lon=0&radius_km=50", "bbox=-180,-90,180,90"]
)
def test_pulse_costs_two_units_and_for_a_second_nothing(client: FlaskClient, noon: Any, place: str) -> None:
    tell_consumer([make_report()])
    client.get(f"/v1/pulse?{place}")
    noon.shift(1)
    with counted() as first:
        answer = client.get(f"/v1/pulse?{place}")
    with counted() as again:
        same = client.get(f"/v1/pulse?{place}", headers={"If-None-Match": answer.headers["ETag"]})

    assert (len(first.made), len(again.made), same.status_code) == (1, 0, 304)
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"


def test_document_of_an_earlier_release_moves_the_token_too(pulse: Callable[..., str]) -> None:
    """Earlier releases store documents without digests, and ignore ours."""
    report = make_report()
    tell_consumer([report])
    keys = ["13/4093/2724", "13/4092/2724", "10/511/340", "8/127/85", "6/31/21", "4/7/5", "0/0/0"]
    documents = TileDocument.read(keys)
    assert all(document.digest for document in documents.values())

    def rewrite() -> None:
        for key, document in TileDocument.read(keys).items():
            document.digest = ""
            assert TileDocument.replace(key, document)

    rewrite()
    before = pulse()
    rewrite()
    packed = TileDocument.get(f"{PREFIX}0/0/0").body

    assert pulse() != before
    assert "digest" not in columns.read(packed, MEMBERS)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "bbox"),
        ("lat=1&lon=1&radius_km=0.5", "radius_km"),
        ("lat=1", "lon"),
        ("bbox=1,2,3", "bbox"),
        ("lat=1&lon=1&radius_km=1&bbox=0,0,1,1", "bbox"),
        ("lat=1&lon=1&radius_km=1&limit=3", "limit"),
    ],
)
def test_pulse_of_no_place_is_refused(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/v1/pulse?{query}")

    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, parameter)
