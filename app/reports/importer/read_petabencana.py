"""Read reports of PetaBencana (CogniCity) from its archive and its API.

Its times have no zone and are UTC+7; `report_data.flood_depth` is in centimetres. Flooded areas have a `state` instead
of a depth: 1 unknown, 2 up to 70 cm, 3 up to 150 cm, 4 above.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core.unicode_text import shown
from app.reports.importer import read_geojson
from app.reports.importer.columns import chosen
from app.reports.importer.opening import Source
from app.reports.importer.row import FIELDS, RawRecord, RefusedRow, Row

JAKARTA = timedelta(hours=7)
# CogniCity's `state` of an area (10-70, 71-150, above 150 cm) as our severity, which has the same limits.
STATE_SEVERITY = {2: "moderate", 3: "severe", 4: "extreme"}
_LAYOUT: dict[str, Sequence[str]] = {
    **dict.fromkeys(FIELDS, ()),
    "id": ["pkey"],
    "observed_at": ["created_at", "changed", "last_updated"],
    "title": ["title"],
    "description": ["text"],
    "depth_cm": ["report_data.flood_depth"],
}


def records(source: Source) -> Iterator[RawRecord | RefusedRow]:
    """Yield all reports; raises Unreadable."""
    return map(_flood_only, read_geojson.records(source))


def layout(_names: Sequence[str], given_columns: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Return its fixed columns; the user's choice (`--map`) overrides them."""
    return _LAYOUT | chosen(given_columns)


def is_its(columns: Mapping[str, Any]) -> bool:
    """Return whether a feature's properties are those of its reports, or of its flooded areas."""
    if "report_data" in columns and "created_at" in columns:
        return True
    return columns.keys() <= {"geom_id", "area_id", "changed", "last_updated", "state"} and "state" in columns


def judged(row: Row, record: RawRecord) -> Row:
    """Return the row with the severity that the state of a flooded area stands for, if it says no other."""
    state = record.columns.get("state")
    is_told = "severity" in {*row.words, *row.left_out} or row.depth_cm is not None
    if is_told or not isinstance(state, int) or state not in STATE_SEVERITY:
        return row
    return replace(row, words={**row.words, "severity": STATE_SEVERITY[state]})


def _flood_only(record: RawRecord | RefusedRow) -> RawRecord | RefusedRow:
    """Refuse fires, winds and earthquakes, which newer files also hold."""
    if isinstance(record, RefusedRow):
        return record
    kind = record.columns.get("disaster_type")
    if isinstance(kind, str) and kind.strip() and kind.strip().casefold() != "flood":
        own_id = record.columns.get("pkey")
        named = None if own_id is None else str(own_id)
        reason = f"it reports {shown(kind)}, not a flood"
        return RefusedRow(record.where, named, reason, record.columns, record.geometry)
    return _unpacked(record)


def _unpacked(record: RawRecord) -> RawRecord:
    """Parse `report_data` where an export holds it as JSON text."""
    packed = record.columns.get("report_data")
    if not isinstance(packed, str) or not packed.lstrip().startswith("{"):
        return record
    try:
        data: Any = json.loads(packed[:100_000])
    except (ValueError, RecursionError):
        return record
    return replace(record, columns={**record.columns, "report_data": data})
