"""Forms of files: which one a file has, packed or not, and what is no file of reports."""

import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.reports.importer.opening import Source, require_file
from app.reports.importer.row import RefusedRow, Row, Unreadable
from tests import importing

TABLE = "id,lat,lon,time\n1,51.05,-2.85,2020-02-18T12:00:00Z\n2,51.06,-2.86,2020-02-18T12:00:00Z\n"
POINT = {"type": "Point", "coordinates": [-2.85, 51.05]}
FEATURE = {"type": "Feature", "properties": {"id": 7, "time": "2020-02-18T12:00:00Z"}, "geometry": POINT}
OBJECT = {"id": 7, "lat": 51.05, "lon": -2.85, "time": "2020-02-18T12:00:00Z"}
KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>
<Placemark id="p1"><name>Mill Lane</name><description>Deep &amp; fast</description>
<TimeStamp><when>2020-02-18T12:00:00Z</when></TimeStamp>
<ExtendedData><Data name="depth_cm"><value>40</value></Data></ExtendedData>
<Point><coordinates>-2.85,51.05,0</coordinates></Point></Placemark>
<Placemark><TimeSpan><begin>2020-02-18</begin></TimeSpan><MultiGeometry>
<LineString><coordinates>1,50 3,50</coordinates></LineString></MultiGeometry></Placemark>
<Placemark><name>Nowhere</name></Placemark></Folder></Document></kml>"""


def rows(data: bytes, format_: str = "auto", **options: Any) -> list[Row | RefusedRow]:
    return importing.read(data, format_, **options).rows


def form(data: bytes) -> str:
    return importing.learned(data)[0].name


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def lines(*values: Any, mark: str = "") -> bytes:
    return "".join(f"{mark}{json.dumps(value)}\n" for value in values).encode()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TABLE.encode(), "csv"),
        (TABLE.encode("utf-16"), "csv"),
        (json.dumps(FEATURE).encode(), "geojson"),
        (json.dumps({"type": "FeatureCollection", "features": [FEATURE]}, indent=1).encode(), "geojson"),
        (b'{"type":"FeatureCollection","features":[\n' + json.dumps(FEATURE).encode() + b"\n]}", "geojson"),
        (lines(FEATURE, FEATURE), "geojsonseq"),
        (lines(FEATURE, FEATURE, mark="\x1e"), "geojsonseq"),
        (lines(OBJECT, OBJECT), "ndjson"),
        (json.dumps([OBJECT, OBJECT]).encode(), "ndjson"),
        (KML.encode(), "kml"),
        (lines({**FEATURE, "properties": {"report_data": None, "created_at": "2020-02-18T12:00:00"}}), "petabencana"),
    ],
)
def test_form_of_a_file_is_found_by_its_content(data: bytes, name: str) -> None:
    assert form(data) == name
    assert any(isinstance(row, Row) for row in rows(data))
    assert rows(gzip.compress(data)) == rows(data) == rows(zipped(reports__json=data, README__txt=b"Read me"))


def test_id_does_not_depend_on_packing_or_spelling() -> None:
    collection = json.dumps({"type": "FeatureCollection", "features": [FEATURE]}).encode()
    ids = [
        importing.import_file(data).reports[0].id
        for data in (collection, gzip.compress(collection), lines(FEATURE, FEATURE), zipped(a__geojson=collection))
    ]

    assert len(set(ids)) == 1


def test_record_of_a_sequence_may_have_several_lines_and_a_broken_one_costs_itself() -> None:
    pretty = json.dumps(FEATURE, indent=1)
    found = rows(f"\x1e{pretty}\n\x1e{{broken\n\x1e{pretty}\n".encode())

    assert [type(row) for row in found] == [Row, RefusedRow, Row]
    assert [type(row) for row in rows(lines(FEATURE) + b'{"type": \n' + lines(FEATURE))] == [Row, RefusedRow, Row]


def test_placemarks_give_their_place_time_depth_and_words() -> None:
    point, line, nowhere = rows(KML.encode())

    assert isinstance(point, Row) and isinstance(line, Row) and isinstance(nowhere, RefusedRow)
    assert (point.own_id, point.lat, point.lon, point.depth_cm) == ("p1", 51.05, -2.85, 40)
    assert (point.title, point.description) == ("Mill Lane", "Deep & fast")
    assert (line.lat, line.lon) == pytest.approx((50, 2))
    assert "no geometry" in nowhere.reason or "there is none" in nowhere.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>', "no Placemark"),
        ("<kml><Document>", "not XML"),
        ("<gpx><wpt/></gpx>", "not KML"),
        ('<!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>', "entities"),
        ("<kml>" + "<Folder>" * 200 + "</Folder>" * 200 + "</kml>", "too deep"),
    ],
)
def test_xml_that_is_no_file_of_placemarks_is_told(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        rows(text.encode())


def test_workbook_is_read_as_its_table_would_be() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    from datetime import datetime

    book = openpyxl.Workbook()
    book.create_sheet("Reports").append(["id", "lat", "lon", "date", "title"])
    book["Reports"].append([7, 51.05, -2.85, datetime(2020, 2, 18, 12), "Wet"])  # noqa: DTZ001 - a sheet knows no zone
    book["Reports"].append([8, "51,06", "2°51'W", 43879.5, None])
    out = io.BytesIO()
    book.save(out)
    first, second = rows(out.getvalue(), name="reports.xlsx")

    assert isinstance(first, Row) and isinstance(second, Row)
    assert (first.own_id, first.lat, first.title, first.observed_at_ms) == ("7", 51.05, "Wet", 1_582_027_200_000)
    assert (second.lat, second.lon, second.observed_at_ms) == (51.06, pytest.approx(-2.85), 1_582_027_200_000)


def test_filled_sheets_of_a_workbook_that_are_not_read_are_named() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for name in ("2023", "2024"):
        book.create_sheet(name).append(["lat", "lon", "date"])
        book[name].append([51.05, -2.85, f"{name}-02-18"])
    out = io.BytesIO()
    book.save(out)

    assert importing.read(out.getvalue(), name="reports.xlsx").remarks == [
        "Only the sheet 2023 is read; there are also 2024. To import another, save it as CSV."
    ]


def test_formulas_without_their_results_are_told() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in (["lat", "lon", "date", "depth_cm"], [51.05, -2.85, "2024-02-18", "=10+20"], [51.05, -2.85, "=B1", 7]):
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)

    (remark,) = importing.read(out.getvalue(), name="reports.xlsx").remarks
    assert remark.startswith("2 cells of the workbook hold a formula without its result, and count as empty.")


def test_title_above_the_names_of_a_workbook_is_named() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in (["Floods of 2024"], [], ["id", "lat", "lon", "date"], [1, 51.05, -2.85, "2024-02-18"]):
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)

    with pytest.raises(Unreadable, match=r"'Floods of 2024', looks like a title.* begins with 'id'"):
        importing.read(out.getvalue(), name="reports.xlsx")


def test_workbook_without_its_reader_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(Unreadable, match="save the sheet as CSV"):
        rows(zipped(**{"xl/workbook__xml": b"<workbook/>"}))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "xls"),
        (b"SQLite format 3\0", "ogr2ogr"),
        (b"BZh91AY", "bzip2"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (gzip.compress(gzip.compress(TABLE.encode())), "packed twice"),
        (gzip.compress(TABLE.encode() * 200)[:-20], "to its end"),
        (zipped(a__csv=b"1", b__csv=b"2"), "a.csv, b.csv"),
        (zipped(a__shp=b"1", a__dbf=b"2"), "import one file"),
        (zipped(), "nothing"),
        (b"PK\x03\x04broken", "zip"),
    ],
)
def test_what_is_no_file_of_reports_is_told_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        rows(data)


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(reports__csv=data)])
def test_bomb_is_refused_before_it_is_unpacked(pack: Any) -> None:
    row = b"1,51.05,-2.85,2020-02-18T12:00:00Z\n"
    bomb = pack(TABLE.encode() + row * 1_200_000)  # 42 MB in less than 0.2

    with pytest.raises(Unreadable, match="times smaller"):
        rows(bomb)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("https://example.org/reports.csv", "curl"),
        ("s3://bucket/reports.csv", "address"),
        ("-", "read twice"),
        ("absent.csv", "does not exist"),
        (".", "folder"),
    ],
)
def test_name_that_is_no_file_is_told_with_what_to_do(name: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        require_file(name)


def test_folder_is_told_with_the_files_in_it(tmp_path: Path) -> None:
    (tmp_path / "reports.csv").write_text(TABLE)

    with pytest.raises(Unreadable, match=r"It holds reports\.csv"):
        require_file(str(tmp_path))
    assert Source(require_file(str(tmp_path / "reports.csv"))).size == len(TABLE)
