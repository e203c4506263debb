"""Files that hold or name CAP alerts."""

from pathlib import Path

import pytest

from app.warnings.sources.cap import index
from app.warnings.sources.cap.index import Entry, read_index
from app.warnings.sources.safe_xml import Unreadable

SAMPLES = Path(__file__).parents[4] / "samples" / "cap"
ALERT = "<alert><identifier>1</identifier></alert>"


def entry(inner: str) -> Entry:
    (found,) = read_index(f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{inner}</entry></feed>".encode()).entries
    return found


def recorded(shared_data: Path, name: str) -> tuple[Entry, ...]:
    return read_index((shared_data / name).read_bytes()).entries


def test_single_document_and_envelope_hold_alerts() -> None:
    single = read_index((SAMPLES / "river-two-languages.cap.xml").read_bytes())
    envelope = read_index((SAMPLES / "envelope.edxl.xml").read_bytes())

    assert (len(single.alerts), len(envelope.alerts), single.entries) == (1, 2, ())


def test_several_documents_in_one_file_are_all_found() -> None:
    one = (SAMPLES / "river-two-languages.cap.xml").read_bytes()

    assert len(read_index(one + b"\n" + one).alerts) == 2


@pytest.mark.parametrize(
    "inner",
    [
        f"<content type='text/xml'>{ALERT}</content>",
        f"<content type='text'>{ALERT.replace('<', '&lt;')}</content>",
        f"<description><![CDATA[<?xml version='1.0'?>{ALERT}]]></description>",
    ],
)
def test_embedded_alert_is_found_as_elements_and_as_text(inner: str) -> None:
    assert len(entry(inner).alerts) == 1


def test_broken_text_is_no_embedded_alert() -> None:
    assert entry("<content>&lt;alert&gt;&lt;</content>").alerts == ()


@pytest.mark.parametrize(
    ("inner", "link"),
    [
        ("<link href='/a'/>", "/a"),
        ("<link rel='self' href='/s'/><link rel='alternate' href='/a'/>", "/a"),
        ("<link href='/page'/><link rel='related' type='application/cap+xml' href='/a'/>", "/a"),
        ("<link>https://host.example/a</link>", "https://host.example/a"),
        ("<link>/page</link><enclosure type='application/common-alerting-protocol+xml; cap' url='/a'/>", "/a"),
        ("<link>/page</link><x:cap xmlns:x='urn:x'>https://host.example/a</x:cap>", "https://host.example/a"),
        ("<content type='application/cap+xml' src='/a'/>", "/a"),
        ("<link rel='self' href='/s'/>", ""),
    ],
)
def test_link_that_says_cap_comes_before_the_page(inner: str, link: str) -> None:
    assert entry(inner).link == link


def test_version_changes_with_any_of_the_entrys_times() -> None:
    first = entry("<id>1</id><updated>2026-01-05T10:00:00Z</updated>")
    second = entry("<id>1</id><updated>2026-01-05T10:00:01Z</updated>")

    assert first.id == second.id
    assert first.version != second.version


@pytest.mark.parametrize(
    ("name", "count", "link"),
    [
        ("cap/feeds/amber.atom", 1, ""),
        ("cap/feeds/no_id.atom", 1, ""),
        ("cap/feeds/sweden.atom", 4, "http://api.krisinformation.se/v1/capmessage/11337sv?format=xml"),
        ("cap/feeds/empty_weather_index.atom", 0, ""),
        ("feeds/gdacs-24h.rss.xml", 21, "http://www.gdacs.org/contentdata/resources/DR/1012728/cap_1012728.xml"),
    ],
)
def test_recorded_indexes_are_read(shared_data: Path, name: str, count: int, link: str) -> None:
    entries = recorded(shared_data, name)

    assert len(entries) == count
    assert next((one.link for one in entries), "") == link


def test_index_in_another_encoding_than_declared_is_read(shared_data: Path) -> None:
    (found,) = recorded(shared_data, "cap/feeds/pelmorex.atom")

    assert found.link.startswith("http://capcp2.naad-adna.pelmorex.com/2014-05-10/")


def test_entry_that_repeats_its_alert_says_what_where_and_when(shared_data: Path) -> None:
    (found,) = recorded(shared_data, "nws/cap-atom-2015-small.atom")
    alert = found.outline

    assert alert is not None and alert.status == "actual" and alert.zone == "-08:00"
    assert alert.infos[0].cap_event == "Special Weather Statement"
    assert alert.infos[0].areas[0].description.startswith("Central Interior, Deltana")
    assert ("UGC", "AKZ224") in alert.infos[0].areas[0].geocodes


def test_entry_that_does_not_say_that_it_is_real_has_no_outline(shared_data: Path) -> None:
    assert [found.outline for found in recorded(shared_data, "cap/feeds/sweden.atom")] == [None] * 4


def test_index_without_entries_is_a_good_one() -> None:
    assert read_index(b"<rss><channel/></rss>") == index.Index()


def test_other_documents_are_refused() -> None:
    with pytest.raises(Unreadable, match="but <kml>"):
        read_index(b"<kml><Document/></kml>")
