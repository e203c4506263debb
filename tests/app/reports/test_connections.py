"""Very many reports of one network: each is taken, and together they are one entry for each cell of the map."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient
from pynamodb.exceptions import UpdateError

from app.accounts.throttle_models import Throttle
from app.core import clock
from app.core.config import settings
from app.core.retention import CONNECTION, FORGOTTEN
from app.reports import connections, create, entry_encoding, forget_homes
from app.reports.entry import STORED_COLUMNS
from app.reports.index import search
from app.reports.index.ended import rebuild_ended
from app.reports.models import Report
from tests.app.pages.conftest import HTML
from tests.app.pages.frame import markup
from tests.factories import make_report, tell_consumer
from tests.reporting import bearer, body_of, file_report, new_key

TOWN, OTHER_TOWN = "198.51.100.7", "203.0.113.9"
HERE = "lat=51.5&lon=-0.125&radius_km=5"
MARK = "0123456789ab"


@pytest.fixture(autouse=True)
def _three(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the soft limit were 3 an hour: its 30 would take long here."""
    monkeypatch.setattr(create, "settings", lambda: settings()._replace(anonymous_writes_per_hour=3))


def send_many(client: FlaskClient, number: int, address: str = TOWN, **wanted: Any) -> list[dict[str, Any]]:
    answers = [file_report(client, address=address, **wanted) for _ in range(number)]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json for answer in answers]


def marked(number: int, *, lat: float = 51.5, mark: str = MARK, **wanted: Any) -> list[Report]:
    """Stored reports of one connection, the oldest first."""
    ends_ms = clock.now_ms()
    return [
        make_report(lat=lat, lon=-0.125, created_ms=ends_ms - 1000 * (number - at), connection=mark, **wanted)
        for at in range(number)
    ]


def stored(report: dict[str, Any]) -> Report:
    row = Report.find(report["id"], consistent=True)
    assert row is not None
    return row


def marks_in(row: Report) -> tuple[str | None, str | None]:
    """The mark in the row, and the one in what indexes project."""
    return row.connection, entry_encoding.unpack(row.id, row.packed).connection


def page_at(client: FlaskClient, query: str = HERE, language: str = "en") -> str:
    answer = client.get(f"/?place=London&{query}", headers={"Accept": HTML, "Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def items_of(text: str) -> list[markup.Element]:
    return [one for one in markup.named(text, "li") if one.attributes.get("data-kind") == "report"]


def lead_of(text: str) -> str:
    [found] = [one for one in markup.named(text, "p") if one.attributes.get("class") == "lead"]
    return " ".join(found.words().split())


def nearby_of(client: FlaskClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/v1/nearby?{HERE}").json["items"]
    return items


def test_soft_limit_of_a_network_is_thirty_and_the_hard_one_far_above() -> None:
    assert (settings().anonymous_writes_per_hour, settings().anonymous_writes_hard) == (30, 300)


def test_reports_beyond_the_soft_limit_are_taken_and_share_a_mark(client: FlaskClient, noon: Any) -> None:
    reports = send_many(client, 6)

    assert [report["many_from_one_network"] for report in reports] == [False] * 3 + [True] * 3
    assert [report["connection"] for report in reports[:3]] == [None] * 3
    (mark,) = {report["connection"] for report in reports[3:]}
    assert re.fullmatch("[0-9a-f]{12}", mark)


def test_other_network_the_next_hour_and_another_count_have_other_marks(client: FlaskClient, noon: Any) -> None:
    marks = [send_many(client, 4, address)[3]["connection"] for address in (TOWN, OTHER_TOWN)]
    noon.shift(3600)
    marks.append(send_many(client, 4)[3]["connection"])
    # The same network in the same hour under the same keys: the mark cannot be made from what is known of it.
    for row in boto3.client("dynamodb").scan(TableName="floodmanager-test-throttles")["Items"]:
        Throttle(row["id"]["S"]).delete()
    marks.append(send_many(client, 4)[3]["connection"])

    assert len(set(marks)) == 4
    assert None not in marks


def test_site_is_beyond_at_four_times_a_households_soft_limit(client: FlaskClient, noon: Any) -> None:
    of_one_house = send_many(client, 4, "2001:db8:1:1::9")
    of_many = [send_many(client, 1, f"2001:db8:2:{number:x}::9")[0] for number in range(0x100, 0x1200, 0x100)]

    assert [report["many_from_one_network"] for report in of_one_house] == [False] * 3 + [True]
    assert [report["many_from_one_network"] for report in of_many] == [False] * 12 + [True] * 5


def test_replay_gives_the_report_as_it_was_marked(client: FlaskClient, noon: Any) -> None:
    keys = [new_key() for _ in range(4)]
    first = [file_report(client, key=key, address=TOWN).json["connection"] for key in keys]

    again = [file_report(client, key=key, address=TOWN).json["connection"] for key in keys]

    assert again == first
    assert first[3]


def test_accounts_are_not_marked_by_what_their_network_sends(
    client: FlaskClient, noon: Any, resident: dict[str, str]
) -> None:
    send_many(client, 5)

    assert send_many(client, 1, headers=resident)[0]["many_from_one_network"] is False


def test_report_taken_without_counters_is_not_marked(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UpdateError("The counters are away.")

    monkeypatch.setattr(Throttle, "add_one", fail)

    assert {report["many_from_one_network"] for report in send_many(client, 5)} == {False}


def ways(client: FlaskClient, wanted: str) -> Iterable[dict[str, Any]]:
    """One report on each surface that lists every report."""
    for path in ("/v1/reports", f"/v1/reports?{HERE}", "/v1/reports?since=2026-01-01T00:00:00Z"):
        yield from (item for item in client.get(path).json["items"] if item["id"] == wanted)
    for path in ("/v1/reports.geojson", "/tiles/13/4093/2724"):
        features = json.loads(client.get(path).data)["features"]
        yield from (one["properties"] for one in features if one["id"] == wanted)
    yield client.get(f"/v1/reports/{wanted}").json


def test_every_list_says_which_reports_are_of_one_connection(client: FlaskClient, noon: Any) -> None:
    reports = send_many(client, 5, place="public")
    tell_consumer([stored(report) for report in reports])
    plain, one_of_many = reports[0]["id"], reports[4]["id"]

    said = [
        [(way["many_from_one_network"], way["connection"]) for way in ways(client, name)]
        for name in (plain, one_of_many)
    ]

    assert said == [[(False, None)] * 6, [(True, reports[4]["connection"])] * 6]
    table = {row["id"]: row for row in csv.DictReader(io.StringIO(client.get("/v1/reports.csv").text))}
    assert [table[name]["many_from_one_network"] for name in (plain, one_of_many)] == ["false", "true"]
    assert list(table[plain])[-4:] == ["confidence", "many_from_one_network", "connection", "photo"]


def test_nearby_has_one_item_for_each_cell_and_all_its_ids(client: FlaskClient, noon: Any) -> None:
    here, there = marked(5), marked(3, lat=51.52)
    alone = make_report(lat=51.5, lon=-0.125, created_ms=clock.now_ms() - 60_000)

    items = nearby_of(client)

    found = [(item["report"]["id"], item.get("count"), sorted(item.get("ids", []))) for item in items]
    assert sorted(found, key=str) == sorted(
        [
            (here[-1].id, 5, sorted(report.id for report in here)),
            (there[-1].id, 3, sorted(report.id for report in there)),
            (alone.id, None, []),
        ],
        key=str,
    )


def test_connections_of_one_cell_are_not_mixed_and_one_report_is_no_group(client: FlaskClient, noon: Any) -> None:
    marked(2), marked(3, mark="ba9876543210"), marked(1, mark="a" * 12)

    assert sorted(item.get("count", 1) for item in nearby_of(client)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        ("en", "14 reports from one connection or account", "14 of them are from connections or accounts whose"),
        ("es", "14 informes desde una sola conexión o cuenta", "14 de ellos vienen de conexiones o cuentas cuyos"),
    ],
)
def test_page_shows_one_entry_with_its_reports_a_click_away(
    client: FlaskClient, noon: Any, language: str, title: str, sentence: str
) -> None:
    reports = marked(14, severity="minor", title="Nothing to see")
    alone = make_report(lat=51.5, lon=-0.125, created_ms=clock.now_ms() - 60_000, title="At the mill")

    text = page_at(client, language=language)

    first, second = items_of(text)
    assert (first.attributes["data-count"], second.attributes["data-id"]) == ("14", alone.id)
    [several] = [one for one in markup.named(text, "details") if one.attributes.get("class") == "several"]
    assert title in several.words()
    links = [
        one.attributes["href"].partition("?")[0]
        for one in markup.named(text, "a")
        if "/reports/rep_" in one.attributes["href"]
    ]
    assert sorted(links) == sorted(f"/reports/{report.id}" for report in [*reports, alone])
    assert sentence in lead_of(text)
    assert language != "en" or "15 reports of flooding" in lead_of(text)


def test_entry_is_as_grave_as_the_gravest_of_its_reports(client: FlaskClient, noon: Any) -> None:
    marked(2, severity="extreme")
    marked(3, severity="minor")

    (item,) = items_of(page_at(client))

    assert item.attributes["data-severity"] == "extreme"


def test_sentence_counts_several_connections(client: FlaskClient, noon: Any) -> None:
    marked(2)
    marked(3, mark="ba9876543210")

    assert "5 of them are from connections or accounts whose reports are shown together." in lead_of(page_at(client))


def test_page_without_such_reports_says_nothing_of_connections(client: FlaskClient, noon: Any) -> None:
    make_report(lat=51.5, lon=-0.125)

    assert "connection" not in lead_of(page_at(client))


@pytest.mark.parametrize("has_documents", [True, False])
def test_flood_of_one_network_hides_no_neighbours_report(client: FlaskClient, noon: Any, has_documents: bool) -> None:
    """The newest 50 are all of one connection; the neighbours' reports are older."""
    neighbours = [make_report(lat=51.5, lon=-0.125, created_ms=clock.now_ms() - 600_000 - at) for at in range(5)]
    flood = marked(120)
    if has_documents:
        tell_consumer([*neighbours, *flood])

    items, text = nearby_of(client), page_at(client)

    assert {report.id for report in neighbours} <= {item["report"]["id"] for item in items}
    assert max(item.get("count", 1) for item in items) == 120
    assert len(items_of(text)) == 6
    assert "125 reports of flooding" in lead_of(text)


def test_flood_is_read_to_a_bound_and_its_number_is_then_a_least_one(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connections.MOST_FOLDED == 500
    for module in (connections, search):
        monkeypatch.setattr(module, "MOST_FOLDED", 60)
    marked(90)

    answer, text = client.get(f"/v1/nearby?{HERE}").json, page_at(client)

    (item,) = answer["items"]
    assert answer["truncated"] is True
    assert 60 <= item["count"] < 90
    assert f"{item['count']}+ reports from one connection" in text
    assert f"These are the newest {item['count']}." in text


def test_mark_leaves_with_a_report_that_is_taken_back(client: FlaskClient, noon: Any) -> None:
    report = send_many(client, 4)[3]
    assert marks_in(stored(report)) == (report["connection"],) * 2

    answer = client.delete(f"/v1/reports/{report['id']}", headers=bearer(report["edit_token"]))

    assert answer.status_code == 204
    assert marks_in(stored(report)) == (None, None)


def test_mark_leaves_with_the_end_of_the_report(client: FlaskClient, noon: Any) -> None:
    report = send_many(client, 4)[3]
    tell_consumer([stored(report)])
    path = f"/v1/reports/{report['id']}"
    etag = client.get(path).headers["ETag"]
    noon.shift(timedelta(hours=48, seconds=1))

    again = client.get(path, headers={"If-None-Match": etag})
    shown = again.json
    rebuild_ended()

    assert (shown["many_from_one_network"], shown["connection"]) == (False, None)
    row = stored(report)
    assert (*marks_in(row), row.cell) == (None, None, None)


def test_edit_keeps_the_mark_for_a_week_at_most(client: FlaskClient, noon: Any) -> None:
    row = make_report(connection=MARK, expires_at_ms=clock.now_ms() + 20 * clock.DAY_MS)
    path = f"/v1/reports/{row.id}"
    assert client.get(path).json["connection"] == MARK

    noon.shift(timedelta(milliseconds=CONNECTION.ms))

    assert client.get(path).json["connection"] is None
    row.index(clock.now_ms(), is_change=True)
    assert row.connection is None


def test_mark_that_another_release_has_left_is_swept(client: FlaskClient, noon: Any) -> None:
    """A release that does not know marks ends reports without removing them."""
    row = make_report(connection=MARK, place="public")
    row.update(actions=[Report.cell.remove()])
    noon.shift(timedelta(days=92))

    while forget_homes.forget_some():
        pass

    swept = Report.find(row.id, consistent=True)
    assert swept is not None
    assert marks_in(swept) == (None, None)
    assert swept.body_hash != FORGOTTEN


def test_row_and_entry_of_the_previous_release_have_no_mark(client: FlaskClient, noon: Any) -> None:
    row = make_report()
    assert b"connection" not in json.dumps(boto3.client("dynamodb").get_item(
        TableName="floodmanager-test-reports", Key={"id": {"S": row.id}})["Item"], default=str).encode()  # fmt: skip

    assert client.get(f"/v1/reports/{row.id}").json["many_from_one_network"] is False


def test_previous_release_keeps_the_mark_that_it_does_not_know(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_report(connection=MARK)
    known = {stored: name for stored, name in STORED_COLUMNS.items() if name != "connection"}
    with monkeypatch.context() as release:
        release.setattr(entry_encoding, "STORED_COLUMNS", known)
        entry = entry_encoding.unpack(row.id, row.packed)
        again = entry_encoding.pack(entry._replace(version=2))

    assert entry.connection is None
    assert entry_encoding.unpack(row.id, again).connection == MARK


def test_body_of_a_report_cannot_set_its_mark(client: FlaskClient) -> None:
    for name in ("connection", "many_from_one_network"):
        answer = client.post("/v1/reports", json=body_of(**{name: "x"}), headers={"Idempotency-Key": new_key()})
        assert answer.status_code == 422
