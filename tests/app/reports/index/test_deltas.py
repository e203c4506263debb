"""`updated_since` and `next-delta`: a client that follows them misses no change, at any order of writes."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.reports.calendar_models import Calendar
from app.reports.models import Report
from tests.factories import make_report

SECOND_MS = 1000
# A function lasts 15 s; clocks and indexes take what is left of the half minute.
LONGEST_WRITE_MS, SKEW_MS = 15_000, 5_000


class Mirror:
    """A client that keeps a copy: the whole list once, then deltas, each from where the last one says."""

    def __init__(self, client: FlaskClient, address: str) -> None:
        self.client, self.address = client, address
        self.kept: dict[str, tuple[str, int] | None] = {}

    def follow(self) -> Iterator[int]:
        """Read on page by page, with a rest after each; says how many items it held."""
        began = ""
        while self.address:
            page = self.client.get(self.address).json
            for item in page["items"]:
                known = self.kept.get(item["id"])
                if item.get("gone"):
                    self.kept[item["id"]] = None
                elif item["id"] not in self.kept or known is None or known[1] <= item["version"]:
                    self.kept[item["id"]] = (item["severity"], item["version"])
            links = {link["rel"]: link["href"] for link in page["links"]}
            began = began or links["next-delta"]
            assert links["next-delta"] == began, "every page of a list goes on from the same moment"
            self.address = links.get("next", "")
            yield len(page["items"])
        self.address = began


class Writers:
    """Several writers whose writes bear a time and are seen some seconds after it, by clocks that differ."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.under_way: list[tuple[int, Any]] = []
        self.made: list[str] = []

    def begin(self) -> None:
        now_ms = clock.now_ms()
        at = now_ms + self.random.randint(-SKEW_MS, SKEW_MS)
        lands = now_ms + self.random.randint(0, LONGEST_WRITE_MS)
        kind = self.random.choice(["make", "make", "edit", "withdraw"]) if self.made else "make"
        self.under_way.append((lands, (kind, at)))

    def land(self) -> None:
        now_ms = clock.now_ms()
        due = [write for lands, write in self.under_way if lands <= now_ms]
        self.under_way = [(lands, write) for lands, write in self.under_way if lands > now_ms]
        for kind, at in due:
            self._write(kind, at)

    def _write(self, kind: str, at: int) -> None:
        if kind == "make":
            self.made.append(make_report(created_ms=at, expires_at_ms=at + clock.DAY_MS).id)
            return
        report = Report.find(self.random.choice(self.made), consistent=True)
        assert report is not None
        if kind == "edit":
            report.severity = self.random.choice(["minor", "severe", "extreme"])
        else:
            report.status = "withdrawn"
        report.version, report.updated_at_ms = report.version + 1, max(at, int(report.updated_at_ms))
        report.index(report.updated_at_ms, is_change=True)
        Calendar.note(clock.day_of(int(report.updated_at_ms)), "changed")
        report.save()

    def stored(self) -> dict[str, tuple[str, int] | None]:
        rows = Report.find_all(self.made)
        return {row.id: None if row.status == "withdrawn" else (row.severity, int(row.version)) for row in rows}


@pytest.mark.parametrize("seed", range(4))
def test_going_on_from_next_delta_misses_nothing_and_ends(client: FlaskClient, noon: Any, seed: int) -> None:
    random = Random(seed)
    writers, mirror = Writers(random), Mirror(client, "/v1/reports?limit=4")
    for _ in range(25):
        for _page in mirror.follow():
            writers.begin()
            noon.shift(timedelta(milliseconds=random.randint(0, 4000)))
            writers.land()
    noon.shift(60)
    writers.land()
    assert not writers.under_way

    rounds = [sum(mirror.follow())]
    while rounds[-1] and len(rounds) < 10:
        noon.shift(60)
        rounds.append(sum(mirror.follow()))

    assert rounds[-1] == 0
    # What came and went between two looks was never told, and need not be.
    assert mirror.kept | {id_: None for id_, now in writers.stored().items() if now is None} == writers.stored()


def test_list_that_has_not_changed_keeps_its_etag(client: FlaskClient, noon: Any) -> None:
    make_report()
    for path in (
        "/v1/reports",
        "/v1/reports.geojson",
        "/v1/reports.csv",
        "/v1/reports?updated_since=2026-11-21T00:00:00Z",
    ):
        etag = client.get(path).headers["ETag"]
        noon.shift(20)
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304, path
    make_report()
    assert client.get("/v1/reports", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("suffix", ["", ".geojson", ".csv"])
def test_every_form_leads_to_the_next_delta_with_its_filters(client: FlaskClient, noon: Any, suffix: str) -> None:
    make_report(severity="severe")

    answer = client.get(f"/v1/reports{suffix}?bbox=-1,51,1,52&severity_min=severe")

    wanted = f"/v1/reports{suffix}?bbox=-1%2C51%2C1%2C52&severity_min=severe&updated_since=2026-11-21T11%3A58%3A40Z"
    assert answer.headers["Link"] == f'<{wanted}>; rel="next-delta"'
    if suffix == ".csv":
        assert len(list(csv.reader(io.StringIO(client.get(wanted).text)))) == 2
    else:
        assert (answer.json["as_of"], answer.json["links"][-1]) == (
            "2026-11-21T11:58:40Z", {"rel": "next-delta", "href": wanted},
        )  # fmt: skip


def test_list_of_a_period_has_no_delta(client: FlaskClient) -> None:
    found = client.get("/v1/reports?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z").json

    assert [link["rel"] for link in found["links"]] == ["self"]
