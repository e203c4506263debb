"""Numbers of reports inside warnings: who writes them, when they are true, and what is said when they are not known."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock
from app.reports.index import count_inside as counting
from app.situation import inside_reading
from app.situation.inside import Numbers, Unreadable, pack, unpack
from app.situation.models import InsideDocument
from tests.factories import count_inside, make_report, stream_record, tell_consumer
from tests.rig.calls import counted
from tests.warning_making import announce_at, square

AROUND = "lat=51.5&lon=-0.12&radius_km=5"
MINUTE_S = 60
BROWSER = {"Accept": "text/html"}
UNKNOWN = "How many reports are inside the areas of warnings is not known at the moment."


@pytest.fixture
def warned(client: FlaskClient, noon: time_machine.Traveller) -> str:
    """A warning over London, with a report inside that is counted; its id."""
    warning = announce_at(square())
    tell_consumer([make_report()])
    count_inside()
    return warning


def said(client: FlaskClient) -> tuple[int | None, str | None, bool]:
    """Return the number, its moment, and whether it is named as missing: the same in all answers."""
    listed, near = client.get("/v1/warnings").json, client.get(f"/v1/nearby?{AROUND}").json
    alone = client.get(listed["items"][0]["links"]["self"]).json
    collection = client.get("/v1/warnings.geojson").json
    forms = [listed["items"][0], next(one["warning"] for one in near["items"] if one["kind"] == "warning"), alone]
    forms.append(collection["features"][0]["properties"])
    answers = [listed, near, alone, collection]
    told = {
        (form["reports_active"], form["reports_active_as_of"], "reports_active" in answer.get("missing", []))
        for form, answer in zip(forms, answers, strict=True)
    }
    [only] = told
    return only


def page_of(client: FlaskClient, warning: str) -> str:
    return client.get(f"/warnings/{warning}", headers=BROWSER).text


def test_number_says_since_when_it_is_true(client: FlaskClient, warned: str) -> None:
    assert said(client) == (1, "2026-11-21T11:59:50Z", False)
    text = page_of(client, warned)
    assert "Reports inside" in text and "counted <time" in text and UNKNOWN not in text


def test_before_it_is_counted_it_is_missing(client: FlaskClient, noon: Any) -> None:
    warning = announce_at(square())

    assert said(client) == (None, None, True)
    text = page_of(client, warning)
    assert UNKNOWN in text and "Reports inside" not in text


def test_after_five_minutes_it_is_left_out(client: FlaskClient, noon: Any, warned: str) -> None:
    noon.shift(5 * MINUTE_S - 10)
    assert said(client) == (1, "2026-11-21T11:59:50Z", False)
    noon.shift(1)
    assert said(client) == (None, None, True)
    assert UNKNOWN in page_of(client, warned)


def test_number_never_stands_beside_another_outline(client: FlaskClient, warned: str) -> None:
    assert announce_at(square(10, 10), "moving") and announce_at(square(), "moving")
    moving = {one["id"]: one["reports_active"] for one in client.get("/v1/warnings").json["items"]}

    assert moving.pop(warned) == 1 and [*moving.values()] == [None]
    count_inside()
    assert {one["reports_active"] for one in client.get("/v1/warnings").json["items"]} == {1}


def test_other_words_keep_the_number(client: FlaskClient, noon: Any) -> None:
    announce_at(square(), "one", severity="moderate")
    count_inside()

    announce_at(square(), "one", severity="extreme")

    assert said(client)[::2] == (0, False)


def test_what_the_consumer_has_not_brought_holds_the_moment_back(client: FlaskClient, noon: Any, warned: str) -> None:
    noon.shift(2 * MINUTE_S)
    late = make_report()
    count_inside()
    assert said(client) == (1, "2026-11-21T11:59:50Z", False)

    noon.shift(4 * MINUTE_S)
    count_inside()
    assert said(client) == (None, None, True)

    tell_consumer([late])
    noon.shift(10)
    count_inside()
    assert said(client) == (2, "2026-11-21T12:06:00Z", False)


def test_quiet_hours_are_no_age(client: FlaskClient, noon: Any, warned: str) -> None:
    noon.shift(3 * 60 * MINUTE_S)
    count_inside()

    assert said(client) == (1, "2026-11-21T14:59:50Z", False)


def test_without_documents_it_is_counted_from_the_indexes(client: FlaskClient, noon: Any) -> None:
    announce_at(square())
    make_report()
    count_inside()

    assert said(client)[::2] == (1, False)


def test_consumer_counts_what_it_brings(client: FlaskClient, noon: Any, warned: str) -> None:
    noon.shift(20)
    tell_consumer([make_report(), make_report(lat=-30)])

    assert said(client) == (2, "2026-11-21T11:59:50Z", False)


def test_consumer_counts_at_a_pace(client: FlaskClient, noon: Any, warned: str) -> None:
    noon.shift(20)
    tell_consumer([make_report()])
    tell_consumer([make_report()])
    assert said(client)[0] == 2

    noon.shift(5)
    tell_consumer([make_report(lat=-30)])
    assert said(client)[0] == 3


def test_consumer_counts_nothing_where_no_report_has_come_or_gone(
    client: FlaskClient, noon: Any, warned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon.shift(20)
    report = make_report(severity="severe")
    tell_consumer([report])
    noon.shift(20)
    monkeypatch.setattr(counting, "count_active", None)

    from handlers import report_changed

    report_changed.handler({"Records": [stream_record(old=report, new=report)], "shardId": "shard-1"}, None)

    assert said(client)[0] == 2


def test_no_reader_counts(client: FlaskClient, warned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("count_active", "count_by_index"):
        monkeypatch.setattr(counting, name, None)

    assert said(client)[0] == 1
    paths = (f"/warnings/{warned}", "/", "/warnings", "/areas/ea-A1", "/feeds/warnings.atom", "/view_floods")
    assert all(client.get(path).status_code in (200, 404) for path in paths)


def test_unchanged_world_is_counted_with_few_reads(client: FlaskClient, noon: Any, warned: str) -> None:
    noon.shift(MINUTE_S)
    with counted() as calls:
        count_inside()

    assert calls.made.total() <= 14
    assert said(client) == (1, "2026-11-21T12:00:50Z", False)


def test_newer_number_of_the_consumer_stays(client: FlaskClient, noon: Any, warned: str) -> None:
    """The minute's run reads documents, then the consumer brings a report, and counts."""
    noon.shift(20)
    count, told = counting.count_active, [make_report()]

    def count_late(outlines: Any) -> list[int]:
        numbers = count(outlines)
        if told:
            tell_consumer([told.pop()])
        return numbers

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(counting, "count_active", count_late)
        tell_consumer([make_report()])
        count_inside()

    assert said(client)[0] == 3


def test_document_that_cannot_be_read_is_missing_and_written_again(
    client: FlaskClient, warned: str, counts: list[str]
) -> None:
    [document] = InsideDocument.read(["ea"]).values()
    document.replace(b"damaged", as_of_ms=clock.now_ms())
    inside_reading.forget()

    assert said(client) == (None, None, True)
    assert "UnreadableWarningDocuments" in counts
    count_inside()
    assert said(client)[::2] == (1, False)


def test_etag_does_not_follow_the_moment(client: FlaskClient, noon: Any, warned: str) -> None:
    paths = ("/v1/warnings", "/v1/warnings.geojson", "/v1/warnings.csv", f"/v1/warnings/{warned}.geojson")
    tags = [client.get(path).headers["ETag"] for path in paths]
    noon.shift(MINUTE_S)
    count_inside()

    assert [client.get(path).headers["ETag"] for path in paths] == tags


@pytest.mark.parametrize("spoil", [lambda body: body[:-3], lambda body: b"", lambda body: pack(Numbers())[:5]])
def test_numbers_that_are_cut_are_unreadable(spoil: Callable[[bytes], bytes]) -> None:
    numbers = Numbers({"abcdefgh": 3, "ijklmnop": 0}, {("abcdefgh", "ijklmnop"): 1})

    assert unpack(pack(numbers)) == numbers
    with pytest.raises(Unreadable):
        unpack(spoil(pack(numbers)))


def test_reports_in_two_areas_count_once() -> None:
    inside = dict(zip("abcd", (5, 3, 2, 0), strict=True))
    shared = {("a", "b"): 2, ("b", "c"): 1}

    assert Numbers(inside, shared).in_any("ab") == 6
    assert Numbers(inside, shared).in_any("acd") == 7
    assert Numbers(inside, shared).in_any("abc") is None  # perhaps one is in all three
    assert Numbers(inside, shared | {("a", "c"): -1}).in_any("ac") is None
    assert Numbers(inside).in_any("ax") is None
