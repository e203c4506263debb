"""CAP documents of many senders."""

import csv
from pathlib import Path

import pytest

from app.core import clock
from app.warnings.sources.cap import reader, times
from app.warnings.sources.cap.reader import CapAlert, CapReference, Unreadable
from app.warnings.sources.safe_xml import read_xml

SAMPLES = Path(__file__).parents[4] / "samples" / "cap"
HEADER = "<identifier>1</identifier><sender>s</sender><sent>2026-01-05T10:00:00+00:00</sent>"
WORDS = "<status>Actual</status><msgType>Alert</msgType>"


def alert(inner: str) -> CapAlert:
    return reader.read(f"<alert>{inner}</alert>".encode())


def alerts_expected(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "cap" / "expected.tsv").open(encoding="utf-8") as table:
        return [row for row in csv.DictReader(table, delimiter="\t") if row["info"]]


def test_every_recorded_alert_is_read_with_its_parts(shared_data: Path) -> None:
    expected, found = {}, {}
    for row in alerts_expected(shared_data):
        if row["file"].endswith("xee.cap"):  # has a document type: never read
            continue
        read = reader.read((shared_data / row["file"]).read_bytes())
        areas = [area for info in read.infos for area in info.areas]
        drawn = sum(len(area.polygons) for area in areas), sum(len(area.circles) for area in areas)
        found[row["file"]] = (len(read.infos), len(areas), *drawn)
        expected[row["file"]] = tuple(int(row[name]) for name in ("info", "area", "polygon", "circle"))

    assert len(found) > 50
    assert found == expected


def test_every_recorded_alert_has_its_version_and_languages(shared_data: Path) -> None:
    for row in alerts_expected(shared_data):
        if row["file"].endswith("xee.cap"):
            continue
        read = reader.read((shared_data / row["file"]).read_bytes())
        languages = set(filter(None, row["languages"].split(","))) or {"en-US"}

        assert read.version == (row["cap"] if row["schema"] != "no schema" else ""), row["file"]
        assert {info.language for info in read.infos} in (languages, set()), row["file"]


def test_alert_with_a_document_type_is_refused(shared_data: Path) -> None:
    with pytest.raises(Unreadable, match="document type"):
        reader.read((shared_data / "cap" / "invalid" / "xee.cap").read_bytes())


def test_elements_are_found_in_any_order_and_repeated_texts_are_joined() -> None:
    info = reader.read((SAMPLES / "river-two-languages.cap.xml").read_bytes()).infos[0]

    assert (info.cap_event, info.severity, info.response_types) == ("Hochwasser", "Severe", ("Avoid",))
    assert info.instruction == "Meiden Sie die Ufer.\nFolgen Sie den Behörden."
    assert info.onset_at_ms is not None and clock.rfc3339(info.onset_at_ms) == "2026-02-03T06:00:00Z"
    assert [area.description for area in info.areas] == ["Unterstadt", "Insel"]
    assert info.areas[0].geocodes == (("REACH", "12"),)


@pytest.mark.parametrize(
    ("written", "moment", "zone"),
    [
        ("2026-01-05T10:00:00-00:00", "2026-01-05T10:00:00Z", "UTC"),
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", "UTC"),
        ("2026-01-05T10:00:00+14:00", "2026-01-04T20:00:00Z", "+14:00"),
        ("2026-01-05T10:00:00.123-0330", "2026-01-05T13:30:00.123Z", "-03:30"),
        ("2026-10-25T01:30:00", "2026-10-25T01:30:00Z", "UTC, since none is said"),
        ("20260105T100000Z", "2026-01-05T10:00:00Z", "UTC"),
    ],
)
def test_times_become_utc_and_their_zone_is_written_down(written: str, moment: str, zone: str) -> None:
    at, said = times.read_time(written)

    assert (clock.rfc3339(at), said) == (moment, zone)


@pytest.mark.parametrize(
    "written",
    ["2026-02-30T10:00:00+00:00", "10000-01-01T00:00:00+00:00", "05/01/2026", "1900-01-01T00:00:00+00:00", ""],
)
def test_what_is_no_time_of_a_message_is_not_guessed(written: str) -> None:
    with pytest.raises(Unreadable, match="is no time"):
        times.read_time(written)


def test_end_in_another_age_counts_as_none() -> None:
    info = "<info><event>Flood</event><expires>9999-12-31T23:59:59+00:00</expires></info>"

    assert alert(HEADER + WORDS + info).infos[0].expires_at_ms is None


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (WORDS, "no <identifier>, <sent>"),
        (HEADER + "<msgType>Alert</msgType>", "no <status>"),
        (HEADER + "<status>Actual</status><msgType>Greeting</msgType>", "<msgType> is no word of CAP"),
        (HEADER + WORDS.replace("Actual", "Aktuell"), "<status> is no word of CAP"),
        (HEADER + WORDS + "<scope>Everyone</scope>", "<scope> is no word of CAP"),
        (HEADER.replace("2026-01", "2026-13") + WORDS, "is no time"),
        ("<identifier>" + "9" * 501 + "</identifier><sent>2026-01-05</sent>" + WORDS, "<identifier> is endless"),
    ],
)
def test_alert_without_its_bearings_is_refused(inner: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        alert(inner)


def test_words_of_the_header_are_folded_and_an_absent_scope_is_public() -> None:
    read = alert(HEADER + "<status>ACTUAL</status><msgType>update</msgType>")

    assert (read.status, read.message_type, read.scope) == ("actual", "update", "public")


def test_references_are_parted_by_any_blanks_and_what_is_none_is_told() -> None:
    found, remarks = reader.read_references(
        " a@b.c,1,2026-01-05T10:00:00+00:00\n\ta@b.c, 2 ,2026-01-05T11:00:00+00:00  x,y "
    )

    assert [(one.sender, one.identifier) for one in found] == [("a@b.c", "1"), ("a@b.c", "2")]
    assert remarks == ("1 references cannot be read",)
    assert reader.read_references("") == ((), ())


def test_sender_with_blanks_is_known_by_the_time_at_the_end() -> None:
    time = "2026-01-05T10:00:00+00:00"
    found, remarks = reader.read_references(f"Met Office UK, A 1,{time} s@x,2,{time}\n  S@X , 3 , 2026-01-05T10:00:00Z")

    assert [(one.sender, one.identifier) for one in found] == [("Met Office UK", "A 1"), ("s@x", "2"), ("S@X", "3")]
    assert remarks == () and reader.read_references("A-1") == ((), ("1 references cannot be read",))


def test_reference_twice_is_one() -> None:
    found, _ = reader.read_references("s,1,t s,1,t")

    assert found == (CapReference("s", "1", "t"),)


def test_pairs_are_read_in_the_forms_of_1_0_and_of_several_in_one_element() -> None:
    parameters = "<parameter>HSAS=ORANGE</parameter><parameter><valueName>A</valueName><value>1</value></parameter>"
    geocode = "<valueName>FIPS6</valueName><value>002090</value><valueName>UGC</valueName><value>AKZ221</value>"
    info = f"<info>{parameters}<area><geocode>{geocode}</geocode></area></info>"

    read = alert(HEADER + WORDS + info).infos[0]

    assert read.parameters == (("HSAS", "ORANGE"), ("A", "1"))
    assert read.areas[0].geocodes == (("FIPS6", "002090"), ("UGC", "AKZ221"))


def test_other_documents_are_no_alerts() -> None:
    with pytest.raises(Unreadable, match="no CAP alert but <feed>"):
        reader.read(b"<feed/>")


def test_alert_is_read_wherever_it_stands() -> None:
    root = read_xml((SAMPLES / "envelope.edxl.xml").read_bytes())
    inner = [one for one in root.iter() if one.tag.endswith("}alert")]

    assert [reader.read_alert(one).identifier for one in inner] == ["inner-1", "inner-2"]
