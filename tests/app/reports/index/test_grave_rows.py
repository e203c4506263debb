"""Rows of a tile's document: the newest reports, and of the older ones the newest grave, in 4 KB."""

from collections.abc import Iterable

import pytest

from app.core import clock
from app.reports.entry import Entry
from app.reports.index import document_content
from app.reports.index.models import ALL, GRAVE, MOST_BYTES, MOST_GRAVE, SHOWN_ROWS, Document, read_document
from tests.factories import make_report

EVERY = frozenset(("moderate", "severe", "extreme"))


@pytest.fixture
def entries(tables: None) -> list[Entry]:
    """Of 400 reports, newest first, every tenth is grave; each title is different, so that few rows fit."""
    now_ms = clock.now_ms()
    reports = [
        make_report(
            created_ms=now_ms - number * clock.MINUTE_MS,
            lat=51.5 + number / 1e5,
            severity="moderate" if number % 10 else "severe",
            title=f"Water at number {number * 7919 % 10007}",
        ).entry()
        for number in range(400)
    ]
    return sorted(reports, key=lambda entry: entry.sort, reverse=True)


def stored(document: Document) -> Document:
    packed = document.pack()
    assert len(packed) <= MOST_BYTES
    return read_document("0/0/0", packed, 1)


def grave(entries: Iterable[Entry]) -> list[str]:
    return [entry.id for entry in entries if entry.severity in GRAVE]


def test_newest_grave_reports_have_rows_although_many_others_are_newer(entries: list[Entry]) -> None:
    document = stored(document_content.summarise(entries, is_at_least=False))

    kept = grave([*document.rows, *document.grave])
    assert len(document.rows) >= SHOWN_ROWS
    assert kept == grave(entries)[: len(kept)] and len(kept) > len(grave(document.rows))
    low_watermark = document.low_watermark_of(GRAVE, clock.now_ms())
    assert [one.id for one in entries if one.severity in GRAVE and one.sort >= low_watermark] == kept
    assert document.low_watermark_of(EVERY, clock.now_ms()) == document.rows[-1].sort


def test_document_whose_grave_reports_all_have_rows_hides_none(entries: list[Entry]) -> None:
    some = [entry for entry in entries if entry.severity not in GRAVE] + entries[:1]
    some = sorted(some, key=lambda entry: entry.sort, reverse=True)

    document = stored(document_content.summarise(some, is_at_least=False))

    assert document.low_watermark
    assert document.low_watermark_of(GRAVE, clock.now_ms()) == ""


def test_documents_of_several_tiles_have_the_newest_grave_of_all(entries: list[Entry]) -> None:
    parts = [stored(document_content.summarise(entries[first::4], is_at_least=False)) for first in range(4)]

    document = stored(document_content.join({str(number): part for number, part in enumerate(parts)}))

    kept = grave([*document.rows, *document.grave])
    assert kept == grave(entries)[: len(kept)]
    assert len(kept) <= MOST_GRAVE
    low_watermark = document.low_watermark_of(GRAVE, clock.now_ms())
    assert [one.id for one in entries if one.severity in GRAVE and one.sort >= low_watermark] == kept


def test_part_of_an_earlier_release_is_known_as_far_as_its_rows_only(entries: list[Entry]) -> None:
    new = stored(document_content.summarise(entries[::2], is_at_least=False))
    old = stored(document_content.summarise(entries[1::2], is_at_least=False))
    old.grave, old.grave_low_watermark = [], ""

    document = document_content.join({"new": new, "old": old})

    low_watermark = document.low_watermark_of(GRAVE, clock.now_ms())
    rows = {entry.id for entry in (*document.rows, *document.grave)}
    assert low_watermark == old.low_watermark
    assert [
        one.id for one in entries if one.severity in GRAVE and one.sort >= low_watermark and one.id not in rows
    ] == []


def test_more_reports_than_are_counted_hide_grave_ones_below_what_was_read(entries: list[Entry]) -> None:
    document = document_content.summarise(entries, is_at_least=True, grave_low_watermark=entries[-1].sort)

    assert document.low_watermark_of(GRAVE, clock.now_ms()) == document.grave[-1].sort
    assert document_content.summarise(entries, is_at_least=True).grave == []
    assert document_content.summarise(entries[:20], is_at_least=False).grave_low_watermark == ALL
