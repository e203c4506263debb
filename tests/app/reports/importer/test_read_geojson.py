"""GeoJSON of all kinds, and PetaBencana's."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reports.importer.row import RefusedRow, Row, Unreadable
from tests import importing
from tests.importing import ReadResult

SAMPLES = Path(__file__).parents[3] / "samples" / "reports"
POINT = {"type": "Point", "coordinates": [5.0, 50.0]}
SEEN = {"observed_at": "2020-02-18T12:00:00Z"}


def feature(properties: Any = SEEN, geometry: Any = POINT, **rest: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry, **rest}


def read(document: Any, **columns: str) -> ReadResult:
    return importing.read(json.dumps(document).encode(), "geojson", columns=columns)


def rows_of(reading: ReadResult) -> list[Row]:
    return [row for row in reading.rows if isinstance(row, Row)]


def reasons_of(reading: ReadResult) -> list[str]:
    return [row.reason for row in reading.rows if isinstance(row, RefusedRow)]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "FeatureCollection", "features": [feature()], "custom": 1, "bbox": [1]},
        feature(),
        [feature()],
        {"statusCode": 200, "result": {"type": "FeatureCollection", "features": [feature()]}},
        {
            "type": "Topology",
            "objects": {"out": {"type": "GeometryCollection", "geometries": [{**POINT, "properties": SEEN}]}},
            "arcs": [],
        },
    ],
)
def test_feature_is_read_in_every_wrapping(document: Any) -> None:
    (row,) = rows_of(read(document))

    assert (row.lat, row.lon) == (50, 5)


def test_features_one_a_line_are_read_and_a_broken_line_costs_itself_only() -> None:
    lines = [json.dumps(feature()), '{"type": "Feature"', "\x1e" + json.dumps(feature())]
    reading = importing.read("\n".join(lines).encode(), "geojson")

    assert len(rows_of(reading)) == 2
    assert "not JSON" in reasons_of(reading)[0]


def test_quantised_topology_gives_the_shape_that_its_arcs_make() -> None:
    document = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.5], "translate": [4, 49]},
        "arcs": [[[0, 0], [4, 0], [0, 4]], [[0, 0], [0, 4], [4, 0]]],
        "objects": {"area": {"type": "Polygon", "arcs": [[0, -2]], "properties": SEEN, "id": 7}},
    }
    (row,) = rows_of(read(document))

    assert row.own_id == "7"
    assert 4 < row.lon < 6
    assert 49 < row.lat < 51


@pytest.mark.parametrize(
    "broken",
    [feature(geometry=None), feature(properties={}), feature(properties=[]), None, 5, {"type": "feature"}, {}],
)
def test_broken_feature_is_told_and_costs_itself_only(broken: Any) -> None:
    reading = read({"type": "FeatureCollection", "features": [broken, feature()]})

    assert len(rows_of(reading)) == 1
    assert len(reasons_of(reading)) == 1


def test_feature_without_place_and_time_is_told_both() -> None:
    (reason,) = reasons_of(read(feature({}, None)))

    assert reason == "no usable place: there is none; no usable time: there is none"


def test_nan_huge_numbers_and_doubled_names_cost_no_more_than_their_feature() -> None:
    good = json.dumps(feature())
    nan = good.replace("50.0", "NaN")
    huge = good.replace("50.0", "9" * 5000)
    doubled = good.replace('"geometry"', '"type": "Feature", "geometry"')
    text = f'{{"type": "FeatureCollection", "features": [{nan}, {huge}, {doubled}]}}'

    assert [type(row) for row in importing.read(text.encode(), "geojson").rows] == [
        RefusedRow,
        RefusedRow,
        Row,
    ]


def test_deep_feature_is_refused_and_deeper_file_is_unreadable() -> None:
    deep = feature({**SEEN, "x": json.loads("[" * 100 + "]" * 100)})

    assert "nested" in reasons_of(read([deep]))[0]
    with pytest.raises(Unreadable):
        importing.read(b"[" * 200_000, "geojson")


@pytest.mark.parametrize("own_id", [7, 7.0, "7", " 7 "])
def test_id_is_one_however_it_is_written(own_id: Any) -> None:
    assert rows_of(read(feature(id=own_id)))[0].own_id == "7"
    assert rows_of(read(feature({**SEEN, "pkey": own_id})))[0].own_id == "7"


def test_what_is_no_id_is_not_taken_for_one() -> None:
    assert rows_of(read(feature({**SEEN, "osm_id": 7, "id": None}, id={})))[0].own_id is None


def test_content_is_equal_for_equal_features_however_written() -> None:
    one = rows_of(read(feature({"text": "wet ", "n": 1.0, **SEEN})))[0]
    other = rows_of(read(feature({**SEEN, "n": 1, "text": "wet"}, {"coordinates": [5, 50], "type": "Point"}, bbox=[])))[
        0
    ]

    assert one.content == other.content


def test_mapped_properties_are_found_inside_objects() -> None:
    properties = {"data": {"when": "2020-02-18", "deep": 12, "ref": 5}, "date": "1999-01-01", "what": "Wet"}
    wanted = {"observed_at": "data.when", "depth_cm": "data.deep", "id": "data.ref", "title": "what"}
    (row,) = rows_of(read(feature(properties, id="other"), **wanted))

    assert (row.own_id, row.title, row.depth_cm) == ("5", "Wet", 12)
    assert row.observed_at_ms == 1_581_984_000_000


def test_mapping_to_a_property_that_no_feature_has_is_told() -> None:
    with pytest.raises(Unreadable, match=r"observed_at=seen.*There are: observed_at"):
        read(feature(), observed_at="seen")


def test_place_in_another_reference_system_is_told_and_degrees_are_not() -> None:
    degrees = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    metres = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32630"}}

    assert rows_of(read({"type": "FeatureCollection", "crs": degrees, "features": [feature()]}))
    with pytest.raises(Unreadable, match="32630"):
        read({"type": "FeatureCollection", "crs": metres, "features": [feature()]})


def test_message_of_a_hostile_value_is_one_short_printable_line() -> None:
    (reason,) = reasons_of(read(feature({"observed_at": "\x1b[2J\nrefused: all " + "x" * 9000})))

    assert reason.isprintable()
    assert len(reason) < 200


@pytest.mark.parametrize("format_", ["geojson", "petabencana", "ndjson", "auto"])
def test_every_hostile_file_is_read_or_refused_with_a_sentence(shared_data: Path, format_: str) -> None:
    for path in (shared_data / "hostile").glob("*json/**/*json"):
        try:
            reading = importing.read(path.read_bytes(), format_)
        except Unreadable as error:
            assert str(error).endswith(".")
            continue
        assert all(isinstance(row, RefusedRow) and row.reason for row in reading.rows)  # none has a time


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda some: st.lists(some, max_size=4) | st.dictionaries(st.sampled_from(["type", "id", "date", "arcs"]), some),
    max_leaves=12,
)


@settings(max_examples=30)  # each writes and reads eight files
@given(properties=JSON, geometry=JSON, own_id=JSON, whole=JSON)
def test_any_json_is_rows_or_refusals(properties: Any, geometry: Any, own_id: Any, whole: Any) -> None:
    parts = [whole, feature(properties, geometry, id=own_id), {"type": "Topology", "objects": whole, "arcs": geometry}]
    for document in (*parts, {"type": "FeatureCollection", "features": parts}):
        for format_ in ("geojson", "petabencana"):
            try:
                assert importing.read(json.dumps(document).encode(), format_) is not None
            except Unreadable:
                continue


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        importing.read(b"\x01" + data, "geojson")


def test_petabencana_sample_is_read_as_its_makers_mean_it() -> None:
    reading = importing.read((SAMPLES / "petabencana.geojson").read_bytes(), "petabencana")
    first, second, zoned = rows_of(reading)[:3]

    assert first.observed_at_ms == 1_577_840_302_262  # 07:58:22.262 at UTC+7
    assert zoned.observed_at_ms == 1_577_875_260_000  # its own zone
    assert (first.depth_cm, second.depth_cm) == (77, None)
    assert (first.title, first.description) == (None, "Water up to the knee here")
    assert second.content == rows_of(reading)[4].content


def test_petabencana_refuses_only_what_has_no_time_no_place_or_is_no_flood() -> None:
    reading = importing.read((SAMPLES / "petabencana.geojson").read_bytes(), "petabencana")

    assert reasons_of(reading) == [
        "no usable time: there is none",
        "no usable place: there is none",
        "it reports fire, not a flood",
    ]
    assert rows_of(reading)[-1].depth_cm == 20


def test_petabencana_answer_of_the_api_is_the_same_report_as_in_the_archive() -> None:
    archived = importing.read((SAMPLES / "petabencana.geojson").read_bytes(), "petabencana")
    answered = importing.read((SAMPLES / "petabencana-answer.json").read_bytes(), "petabencana")

    assert rows_of(answered)[0].content == rows_of(archived)[0].content


def test_petabencana_flooded_areas_have_a_severity_by_their_state() -> None:
    areas = [feature({"geom_id": 1, "changed": "2020-02-18T07:00:00", "state": state}) for state in (1, 2, 3, 4)]
    reading = importing.read(json.dumps(areas).encode(), "petabencana")

    assert [row.words.get("severity") for row in rows_of(reading)] == [None, "moderate", "severe", "extreme"]
