"""Tile documents: kept from the stream's changes, whole, bounded, and true after repeats, crashes and expiry."""

import random
from collections import Counter

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM
from app.reports.index import search, tile_documents
from app.reports.index.ended import rebuild_ended
from app.reports.index.merge import Budget
from app.reports.index.models import MOST_ROWS, ROOT, SHOWN_ROWS, ZOOMS, Document, TileDocument
from app.reports.models import Report
from tests.factories import make_report, stream_record, tell_consumer

HOUR = clock.HOUR_MS


def document_over(*, lat: float = 51.5, lon: float = -0.12, z: int = CELL_ZOOM) -> Document:
    key = tile_at(lat=lat, lon=lon, z=z).key
    return TileDocument.read([key]).get(key, Document())


def change(report: Report, **values: object) -> dict:
    """Change a stored report and tell the consumer."""
    old = Report.get(report.id)
    for name, value in values.items():
        setattr(report, name, value)
    report.version, report.updated_at_ms = report.version + 1, clock.now_ms()
    report.index(clock.now_ms(), is_change=True)
    report.save()
    return stream_record(old=old, new=report)


def tell(*records: dict) -> None:
    from handlers import report_changed

    report_changed.handler({"Records": list(records), "shardId": "shard-1"}, None)


@pytest.mark.usefixtures("dynoxide")
class TestDocuments:
    def test_every_zoom_over_a_report_knows_it(self) -> None:
        report = make_report()

        tell_consumer([report])

        for zoom in ZOOMS:
            assert [row.id for row in document_over(z=zoom).rows] == [report.id]

    def test_document_holds_the_newest_rows_and_counts_all(self) -> None:
        made = [make_report(created_ms=clock.now_ms() - age * 1000, severity="severe") for age in range(130)]

        tell_consumer(made)

        for zoom in ZOOMS:
            document = document_over(z=zoom)
            assert [row.id for row in document.rows] == [report.id for report in made[: len(document.rows)]]
            assert SHOWN_ROWS < len(document.rows) <= MOST_ROWS
            assert document.low_watermark == document.rows[-1].sort
            assert document.counts == {"severe": 130}

    def test_document_stays_within_four_kilobytes_whatever_the_titles(self) -> None:
        chance = random.Random(5)
        words = ["".join(chance.choice("日月火水木金土abcdefgh") for _ in range(110)) for _ in range(60)]
        tell_consumer([make_report(title=title) for title in words])

        key = f"2/{ROOT}"
        assert sum(map(len, (key, TileDocument.get(key).body, "tile", "version", "body"))) + 5 <= 4096
        assert 5 < len(document_over(z=0).rows) < MOST_ROWS
        assert document_over(z=0).counts == {"moderate": 60}

    @pytest.mark.parametrize("times", [1, 3])
    def test_withdrawn_report_leaves_all_documents_however_often_it_is_told(self, times: int) -> None:
        stays, goes = make_report(), make_report()
        tell_consumer([stays, goes])
        told = change(goes, status="withdrawn")

        for _ in range(times):
            tell(told)

        for zoom in ZOOMS:
            assert [row.id for row in document_over(z=zoom).rows] == [stays.id]
            assert document_over(z=zoom).counts == {"moderate": 1}

    def test_old_news_never_overwrites_newer(self) -> None:
        report = make_report(severity="minor")
        filed = stream_record(new=Report.get(report.id))
        told = change(report, severity="extreme")
        tell(told)

        tell(filed)

        assert document_over().rows[0].severity == "extreme"
        assert document_over(z=0).counts == {"extreme": 1}

    def test_report_that_moves_changes_its_tiles(self) -> None:
        report = make_report(lat=51.5, lon=-0.12)
        tell_consumer([report])
        report.put_at(lat=54.9, lon=-2.93, visibility="public")

        tell(change(report))

        assert document_over(lat=51.5, lon=-0.12).is_empty
        assert [row.id for row in document_over(lat=54.9, lon=-2.93).rows] == [report.id]
        assert document_over(z=0).counts == {"moderate": 1}

    @pytest.mark.parametrize("minutes", [0, 2, 60])
    def test_change_told_again_when_it_is_long_over_brings_nothing_back(self, minutes: int) -> None:
        """As by a dead letter that is brought back: of a report that has moved, and of one that was withdrawn."""
        moved, withdrawn = make_report(), make_report()
        first = [stream_record(new=report) for report in (moved, withdrawn)]
        tell(*first)
        moved.put_at(lat=54.9, lon=-2.93, visibility="public")
        tell(change(moved), change(withdrawn, status="withdrawn"))

        with time_machine.travel(clock.from_ms(clock.now_ms() + minutes * clock.MINUTE_MS)):
            tell(*first)

        assert (document_over().rows, document_over().counts) == ([], {})
        assert [row.id for row in document_over(lat=54.9, lon=-2.93).rows] == [moved.id]
        assert document_over(z=0).counts == {"moderate": 1}

    def test_late_change_of_a_report_that_is_gone_brings_nothing_back(self) -> None:
        report = make_report()
        told = stream_record(new=report)
        Report.get(report.id).delete()

        with time_machine.travel(clock.from_ms(clock.now_ms() + 2 * clock.MINUTE_MS)):
            tell(told)

        assert document_over().counts == {}

    def test_ended_reports_leave_the_counts_and_the_cell_index(self) -> None:
        soon = [make_report(expires_at_ms=clock.now_ms() + HOUR) for _ in range(3)]
        lasting = make_report()
        tell_consumer([*soon, lasting])

        with time_machine.travel(clock.from_ms(clock.now_ms() + 2 * HOUR)):
            rebuild_ended()

        assert document_over(z=0).counts == {"moderate": 1}
        assert [entry.id for entry in Report.newest_in_cell(lasting.cell, limit=10).entries] == [lasting.id]

    def test_dead_documents_are_not_searched_below(self) -> None:
        made = [make_report(expires_at_ms=clock.now_ms() + HOUR) for _ in range(130)]
        tell_consumer(made)

        assert document_over().low_watermark_at(clock.now_ms()) == document_over().low_watermark != ""
        assert document_over().low_watermark_at(clock.now_ms() + 2 * HOUR) == ""

    def test_documents_equal_a_count_from_scratch_after_a_storm_of_changes(self) -> None:
        chance = random.Random(9)
        reports = [make_report(lat=chance.gauss(51.5, 0.1), lon=chance.gauss(0, 0.1)) for _ in range(60)]
        records = [stream_record(new=Report.get(report.id)) for report in reports]
        for report in chance.choices(reports, k=40):
            word = chance.choice(["withdrawn", "verified", "pending"])
            records.append(change(report, status=word, severity=chance.choice(["minor", "severe"])))
        for start in range(0, len(records), 7):
            tell(*records[start : start + 7])

        active = [report for report in map(Report.get, (r.id for r in reports)) if report.is_active(clock.now_ms())]

        assert document_over(z=0).counts == Counter(report.severity for report in active)
        newest = sorted((report.sort for report in active), reverse=True)
        rows = document_over(z=0).rows
        assert [row.sort for row in rows] == newest[: len(rows)]

    def test_a_silent_shard_holds_back_what_is_believed_and_a_dead_one_does_not(self) -> None:
        now_ms = clock.now_ms()
        root = Document(stream_shards={"a": now_ms, "slow": now_ms - 60_000, "dead": now_ms - 10 * HOUR})

        assert root.changes_low_watermark_ms() == now_ms - 70_000


def test_tile_shows_its_newest_reports_and_counts(dynoxide_client: FlaskClient) -> None:
    report = make_report(lat=51.5, lon=-0.12, severity="severe")
    tell_consumer([report])

    for z, x, y in ((4, 7, 5), (13, 4093, 2724)):
        tile = dynoxide_client.get(f"/tiles/{z}/{x}/{y}")
        assert tile.mimetype == "application/geo+json"
        assert [feature["id"] for feature in tile.json["features"]] == [report.id]
        assert (tile.json["counts"], tile.json["is_complete"]) == ({"severe": 1}, True)
        assert tile.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=60"


def test_tile_shows_at_most_fifty_and_cuts_long_titles(dynoxide_client: FlaskClient) -> None:
    tell_consumer([make_report(title="洪水" * 60) for _ in range(60)])

    tile = dynoxide_client.get("/tiles/10/511/340").json

    titles = {feature["properties"]["title"] for feature in tile["features"]}
    assert (len(tile["features"]), tile["is_complete"], tile["counts"]) == (50, False, {"moderate": 60})
    assert all(len(title.encode()) <= 120 and title.endswith("…") for title in titles)


def test_lists_show_long_titles_whole(dynoxide_client: FlaskClient) -> None:
    tell_consumer([make_report(title="洪水" * 60)])

    assert dynoxide_client.get("/v1/reports").json["items"][0]["title"] == "洪水" * 60


def test_tile_without_a_consumer_is_made_on_demand(client: FlaskClient) -> None:
    report = make_report(lat=51.5, lon=-0.12)

    tile = client.get("/tiles/10/511/340").json

    assert [feature["id"] for feature in tile["features"]] == [report.id]
    assert tile["counts"] == {"moderate": 1}


def test_tile_made_on_demand_calls_its_counts_whole_only_if_the_search_has_ended(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(30):
        make_report(lat=51.5, lon=-0.12)

    for most, counted, is_whole in ((31, 30, True), (30, 30, True), (20, 20, False)):
        monkeypatch.setattr(tile_documents, "MOST_COUNTED", most)
        tile = client.get("/tiles/10/511/340").json
        assert tile["counts"] == {"moderate": counted}
        assert (tile["counts_are_at_least"], tile["is_complete"]) == (not is_whole, is_whole)


def test_tile_for_which_nothing_could_be_read_is_not_called_complete(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_report(lat=51.5, lon=-0.12)
    monkeypatch.setattr(search, "following_page_budget", lambda: Budget(units=0, rounds=0))

    tile = client.get("/tiles/10/511/340").json

    assert (tile["counts_are_at_least"], tile["is_complete"], tile["features"]) == (True, False, [])


@pytest.mark.parametrize(
    "tile", ["3/0/0", "4/16/0", "4/0/16", "14/0/0", "0/0/0", "4/-1/0", "4/0/1.5", "4/0", "04/0/0", "4/\u0665/0"]
)
def test_tile_that_does_not_exist_is_not_found(client: FlaskClient, tile: str) -> None:
    assert client.get(f"/tiles/{tile}").status_code == 404


def test_home_shows_on_tiles_only_on_the_grid(dynoxide_client: FlaskClient) -> None:
    tell_consumer([make_report(lat=51.50049, lon=-0.12049, place="home")])

    [feature] = dynoxide_client.get("/tiles/13/4093/2724").json["features"]

    assert feature["geometry"]["coordinates"] == [-0.12, 51.5]
    assert feature["properties"]["location_precision"] == "grid"


def test_tile_takes_no_parameters(client: FlaskClient) -> None:
    assert client.get("/tiles/10/511/340?cache=past").status_code == 422


def test_tile_that_has_not_changed_is_not_sent_again(dynoxide_client: FlaskClient) -> None:
    tell_consumer([make_report(lat=51.5, lon=-0.12)])
    seen = {tile: dynoxide_client.get(f"/tiles/{tile}").headers["ETag"] for tile in ("13/4093/2724", "13/0/0")}
    tell_consumer([make_report(lat=5, lon=5)])

    for tile, etag in seen.items():
        assert dynoxide_client.get(f"/tiles/{tile}", headers={"If-None-Match": etag}).status_code == 304
