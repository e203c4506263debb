"""Rows of a table that report no flood, known by the columns that name their kind."""

import json

import pytest

from app.reports.importer.row import RefusedRow
from app.warnings.sources.flood_events import is_flood
from tests.importing import read

TIME = "2024-06-03T10:00:00Z"


def reasons(*kinds: str, column: str = "category", **more: bool) -> list[str]:
    """Return for each row why it is refused, "" for a row that is taken."""
    rows = [{"lat": 51.5, "lon": -0.1, "time": TIME, column: kind} for kind in kinds]
    found = read(json.dumps(rows).encode(), is_flood=is_flood, **more).rows
    return [row.reason if isinstance(row, RefusedRow) else "" for row in found]


@pytest.mark.parametrize(
    "kind",
    [
        *("Fire", "House fire", "Wildfire", "Waldbrand", "incendio forestal", "Kebakaran", "Pothole", "Large pothole"),
        *("Earthquake", "Erdbeben", "Terremoto", "gempa bumi", "Động đất", "Landslide", "Glissement de terrain"),
        *("Longsor", "Graffiti removal", "Street light out", "Volcano", "Tsunami", "Drought", "Verkehrsunfall"),
    ],
)
@pytest.mark.parametrize("column", ["category", "Hazard Type", "disaster_type", "Incident Type", "type", "Kategorie"])
def test_another_hazard_is_no_flood(kind: str, column: str) -> None:
    assert reasons(kind, column=column) == [f"it reports {kind}, not a flood (--any-kind takes every row)"]


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "Flood",
            "Street Flooding",
            "Hochwasser",
            "Überschwemmung",
            "inundación",
            "inondation",
            "Banjir",
            "alagamento",
        ),
        *(
            "Fire station flooded",
            "Landslide and flooding",
            "residential",
            "unclassified",
            "Heavy rain",
            "Dam",
            "Storm",
        ),
        *("Fire station", "unknown", "", "Brandenburg", "street"),
    ],
)
def test_flood_and_whatever_may_be_one_is_taken(kind: str) -> None:
    assert reasons(kind) == [""]


def test_where_a_column_names_floods_other_words_in_it_are_none() -> None:
    assert reasons("Flooding", "Abandoned shopping trolley", "No flooding", "", "unknown", "flooded cellar") == [
        "",
        "its category is Abandoned shopping trolley, which is not known as a flood (--any-kind takes every row)",
        "its category is No flooding, which is not known as a flood (--any-kind takes every row)",
        *("", "", ""),
    ]


@pytest.mark.parametrize("column", ["SR TYPE", "Call Category", "Disaster Subtype", "service_request_type"])
def test_column_of_kinds_is_known_by_the_words_of_its_name(column: str) -> None:
    known = column != "service_request_type"

    assert bool(reasons("Flooding", "Dead Animal Collection", column=column)[1]) is known
    assert reasons("Flood wall", "Timber", column="Property Type") == ["", ""]


def test_codes_of_gdacs_are_known_in_its_column_only() -> None:
    assert [bool(reason) for reason in reasons("FL", "EQ", "TC", column="eventtype")] == [False, True, True]
    assert reasons("EQ", column="category") == [""]


def test_row_of_several_kinds_is_a_flood_if_one_is() -> None:
    rows = [
        {"lat": 51.5, "lon": -0.1, "time": TIME, "category": "Fire", "type": "flood"},
        {"lat": 51.5, "lon": -0.1, "time": TIME, "type": ["landslide", "flood"]},
    ]

    assert not any(isinstance(row, RefusedRow) for row in read(json.dumps(rows).encode(), is_flood=is_flood).rows)


@pytest.mark.parametrize(
    ("column", "value", "is_taken"),
    [
        *(("flooded", "no", False), ("is_flooded", False, False), ("Inundado", "não", False), ("flooded", 0, False)),
        *(("flooded", "yes", True), ("is_flooded", True, True), ("flooded", "", True), ("flooded", 1, True)),
        *(("status", "rejected", False), ("Status", "Hoax", False), ("review_status", "spam", False)),
        *(("status", "open", True), ("status", "closed", True), ("status", "duplicate", True), ("state", "test", True)),
    ],
)
def test_row_that_denies_a_flood_or_is_taken_back_is_refused(column: str, value: object, is_taken: bool) -> None:
    (row,) = read(json.dumps([{"lat": 51.5, "lon": -0.1, "time": TIME, column: value}]).encode()).rows

    assert isinstance(row, RefusedRow) is not is_taken


def test_every_kind_is_taken_when_it_is_asked_for() -> None:
    assert reasons("Flood", "Fire", "Pothole", takes_any_kind=True) == ["", "", ""]
