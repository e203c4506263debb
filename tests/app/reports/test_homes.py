"""Exact place of a home: shown to few, and deleted 90 days after it was seen under water."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.models import Account
from app.core import clock
from app.core.retention import EXACT_PLACE_OF_HOME, FORGOTTEN
from app.reports import forget_homes
from app.reports.models import Bookmark, Report
from tests.factories import make_account, make_report, sign_in_as
from tests.reporting import DOOR, DOOR_ON_GRID, bearer, file_report, filed, new_key

KEPT = timedelta(days=EXACT_PLACE_OF_HOME.days)
# Until the sweep has come by: a day ends, and what was seen may have been told a few minutes before.
SWEPT = KEPT + timedelta(days=1, minutes=20)


def shown(client: FlaskClient, report: dict[str, Any], headers: dict[str, str]) -> tuple[Any, str]:
    told = client.get(f"/v1/reports/{report['id']}", headers=headers).json
    return told["location"], told["location_precision"]


def as_of_now(account: Account) -> dict[str, str]:
    return bearer(tokens.issue_access(account))


def sweep() -> None:
    while forget_homes.forget_some():
        pass


def row_of(report: dict[str, Any]) -> Report:
    stored = Report.find(report["id"], consistent=True)
    assert stored is not None
    return stored


def test_home_is_shown_exactly_for_90_days_and_coarse_to_all_from_then_on(client: FlaskClient, noon: Any) -> None:
    account = make_account()
    report = filed(client, headers=as_of_now(account))

    noon.shift(KEPT - timedelta(milliseconds=1))
    before = [shown(client, report, headers) for headers in (as_of_now(account), sign_in_as("responder"))]
    noon.shift(timedelta(milliseconds=1))
    after = [shown(client, report, headers) for headers in ({}, as_of_now(account), sign_in_as("responder"))]
    mine = client.get("/v1/me/reports", headers=as_of_now(account)).json["items"][0]

    assert before == [(DOOR, "exact")] * 2
    assert after == [(DOOR_ON_GRID, "grid")] * 3
    assert (mine["location"], mine["location_precision"]) == (DOOR_ON_GRID, "grid")


def test_its_90_days_count_from_when_it_was_seen(client: FlaskClient, noon: Any) -> None:
    seen = clock.rfc3339(clock.now_ms() - 6 * clock.DAY_MS)
    report = filed(client, observed_at=seen)

    noon.shift(KEPT - timedelta(days=6))

    assert shown(client, report, sign_in_as("responder")) == (DOOR_ON_GRID, "grid")


def test_public_place_stays_as_exact_as_it_was_told(client: FlaskClient, noon: Any) -> None:
    report = filed(client, place="public")

    noon.shift(SWEPT)
    sweep()

    assert shown(client, report, {}) == (DOOR, "exact")
    assert row_of(report).body_hash != FORGOTTEN


def test_sweep_leaves_nothing_from_which_the_place_could_be_found(client: FlaskClient, noon: Any) -> None:
    reports = [filed(client) for _ in range(5)]
    before = row_of(reports[0])
    assert (float(before.exact_lat), before.body_hash != FORGOTTEN) == (DOOR["lat"], True)

    noon.shift(SWEPT)
    sweep()

    rows = [row_of(report) for report in reports]
    assert {(row.exact_lat, row.exact_lon, row.body_hash) for row in rows} == {(None, None, FORGOTTEN)}
    assert (rows[0].version, rows[0].updated_at_ms, rows[0].packed) == (
        before.version,
        before.updated_at_ms,
        before.packed,
    )


def test_sweep_comes_neither_too_early_nor_twice(client: FlaskClient, noon: Any) -> None:
    report = filed(client)
    noon.shift(KEPT - timedelta(days=1))
    sweep()
    assert row_of(report).exact_lat is not None

    noon.shift(timedelta(days=2, minutes=20))
    sweep()

    assert not forget_homes.forget_some()
    mark = Bookmark.find_readable(forget_homes.BOOKMARK)
    assert mark is not None
    assert (mark.shard, mark.before) == ("2026-11-21#1", "")


def test_sweep_goes_on_where_it_was_cut_off(client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forget_homes, "PAGE", 2)
    reports = [make_report(lat=51.50041, lon=-0.12463, place="home") for _ in range(7)]
    noon.shift(SWEPT)

    pages = 0
    while forget_homes.forget_some():
        pages += 1

    assert pages >= 4
    assert {row.exact_lat for row in Report.find_all([report.id for report in reports], consistent=True)} == {None}


def test_edit_of_what_is_forgotten_stores_no_exact_place_again(client: FlaskClient, noon: Any) -> None:
    resident = sign_in_as()
    report = filed(client, headers=resident)
    noon.shift(SWEPT)
    sweep()

    row = row_of(report)
    row.put_at(lat=DOOR["lat"], lon=DOOR["lon"], visibility="home")
    row.index(clock.now_ms(), is_change=True)

    assert (row.exact_lat, row.body_hash) == (None, FORGOTTEN)


def test_key_of_a_forgotten_home_is_used_up_for_who_cannot_be_known(client: FlaskClient, noon: Any) -> None:
    key = new_key()
    file_report(client, key=key)
    noon.shift(SWEPT)
    sweep()

    assert file_report(client, key=key).status_code == 422
