"""Edits and withdrawals: whole or not at all, there when acknowledged, and never over another's."""

import pytest

from tests.rig import client, stored
from tests.rig.fleet import WEB, Fleet, Function, shared_out, side_by_side
from tests.rig.proxy import FaultProxy, never, once, sometimes

NAIVE = "tests.rig.naive:edit_field_by_field"
STOPPED_CLOCK = "tests.rig.stopped_clock:handler"
INSTANCES = 10
EDITS = 3


def file_reports(function: Function, count: int) -> list[client.Reply]:
    """File this many anonymous reports without faults; return the replies."""
    keys = [f"report-{number:04d}" for number in range(count)]
    return shared_out(function.instances(4), keys, lambda instance, key: client.ask(instance, client.filing(key)))


def edit(report: client.Reply, version: int, number: int):
    """An edit whose fields all tell its number; depth and severity belong together."""
    said = {"title": f"edit {number}", "description": f"text {number}", "severity": "severe", "depth_cm": number}
    return client.event("PATCH", path(report), said, If_Match=f'"v{version}"', **as_reporter(report))


def path(report: client.Reply) -> str:
    return f"/v1/reports/{report.body['id']}"


def as_reporter(report: client.Reply) -> dict[str, str]:
    return {"Authorization": f"Bearer {report.body['edit_token']}"}


def is_whole(row: stored.Item) -> bool:
    """All fields of one edit, or none of any."""
    number = str(row.get("depth", ""))
    told = [row["title"].removeprefix("edit "), row.get("description", "").removeprefix("text ")]
    untouched = row["title"].startswith("report-") and (number, row["severity"], "description" in row) == (
        "",
        "minor",
        0,
    )
    return untouched or (told == [number, number] and row["severity"] == "severe")


def edit_all(function: Function, proxy: FaultProxy, reports: list[client.Reply], rate: float) -> dict[str, int]:
    """Edit each report some times, each edit sent once only; the newest acknowledged edit of each, by report id."""
    proxy.rule = sometimes(rate, seed=7)

    def edit_one(instance, report):
        version, acknowledged = 1, 0
        for number in range(1, EDITS + 1):
            reply = client.ask(instance, edit(report, version, number))
            assert reply.status in (200, 412, 503)
            if reply.status == 200:
                version, acknowledged = int(reply.body["version"]), number
        return report.body["id"], acknowledged

    newest = dict(shared_out(function.instances(INSTANCES), reports, edit_one))
    proxy.rule = never
    return newest


def test_acknowledged_edit_is_there_and_none_is_half_written(fleet: Fleet, proxy: FaultProxy) -> None:
    reports = file_reports(fleet.of(WEB), 20)

    newest = edit_all(fleet.of(WEB), proxy, reports, rate=0.3)

    rows = {row["id"]: row for row in stored.reports()}
    assert [row for row in rows.values() if not is_whole(row)] == []
    assert {key for key, number in newest.items() if rows[key].get("depth", 0) < number} == set()
    assert sum(newest.values()) > 0


def test_naive_twin_writes_halves(fleet: Fleet, proxy: FaultProxy) -> None:
    reports = file_reports(fleet.of(WEB), 20)

    edit_all(fleet.of(NAIVE), proxy, reports, rate=0.3)

    assert len([row for row in stored.reports() if not is_whole(row)]) > 0


def race(function: Function, reports: list[client.Reply], *, writers: int) -> list[list[int]]:
    """All edit the same version of a report at once, one report after the other; the statuses for each."""
    instances = list(enumerate(function.instances(writers), start=1))

    def edit_at_once(report):
        return side_by_side([lambda n=n, i=i: client.ask(i, edit(report, 1, n)).status for n, i in instances])

    return [sorted(edit_at_once(report)) for report in reports]


@pytest.mark.parametrize("entry", [WEB, STOPPED_CLOCK])
def test_of_edits_at_once_one_wins_and_the_others_are_told(fleet: Fleet, proxy: FaultProxy, entry: str) -> None:
    reports = file_reports(fleet.of(WEB), 4)
    proxy.delay_s = 0.02

    assert race(fleet.of(entry), reports, writers=4) == [[200, 412, 412, 412]] * 4


def test_naive_twin_lets_all_win(fleet: Fleet, proxy: FaultProxy) -> None:
    reports = file_reports(fleet.of(WEB), 1)

    assert race(fleet.of(NAIVE), reports, writers=4) == [[200, 200, 200, 200]]


def withdraw_all(
    function: Function, proxy: FaultProxy, reports: list[client.Reply], rate: float, *, tries: int
) -> set[str]:
    """Withdraw each report within a number of tries; the ids of those that are acknowledged."""
    proxy.rule = sometimes(rate, seed=11)

    def withdraw(instance, report):
        request = client.event("DELETE", path(report), **as_reporter(report))
        return report.body["id"], any(client.ask(instance, request).status == 204 for _ in range(tries))

    done = shared_out(function.instances(INSTANCES), reports, withdraw)
    proxy.rule = never
    return {report_id for report_id, is_done in done if is_done}


def is_withdrawn(row: stored.Item) -> bool:
    return row["status"] == "withdrawn"


def is_half_withdrawn(row: stored.Item) -> bool:
    """Still in the index of the map, or never purged, though withdrawn; or the other way round."""
    return len({is_withdrawn(row), "cell" not in row, "purge_at" in row, "changed_day" in row}) > 1


def test_withdrawal_is_whole_and_an_acknowledged_one_is_there(fleet: Fleet, proxy: FaultProxy) -> None:
    reports = file_reports(fleet.of(WEB), 20)

    acknowledged = withdraw_all(fleet.of(WEB), proxy, reports, rate=0.5, tries=2)

    rows = stored.reports()
    assert [row for row in rows if is_half_withdrawn(row)] == []
    assert acknowledged <= {row["id"] for row in rows if is_withdrawn(row)}
    assert 0 < len(acknowledged) <= 20


def test_naive_twin_withdraws_by_halves(fleet: Fleet, proxy: FaultProxy) -> None:
    reports = file_reports(fleet.of(WEB), 20)

    withdraw_all(fleet.of(NAIVE), proxy, reports, rate=0.5, tries=2)

    assert len([row for row in stored.reports() if is_half_withdrawn(row)]) > 0


def test_edit_whose_first_reply_was_lost_is_acknowledged(fleet: Fleet, proxy: FaultProxy) -> None:
    report = file_reports(fleet.of(WEB), 1)[0]
    proxy.rule = once("UpdateItem", "drop_after")
    place = {"location": {"lat": 51.123456789, "lon": -0.1}, "place": "home", "depth_cm": 12.345}
    request = client.event("PATCH", path(report), place, If_Match='"v1"', **as_reporter(report))

    reply = client.ask(fleet.of(WEB).instance(), request)

    assert (reply.status, reply.body["version"], proxy.met["drop_after"]) == (200, 2, 1)
