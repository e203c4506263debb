"""Read reports of PetaBencana (CogniCity) from its archive and its API. Pure.

Its times have no zone and are UTC+7; `report_data.flood_depth` is in centimetres. Flooded areas have a `state` instead
of a depth: 1 unknown, 2 up to 70 cm, 3 up to 150 cm, 4 above.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core.unicode_text import shown
from app.reports.importer.columns import chosen
from app.reports.importer.interpret import interpret
from app.reports.importer.read_geojson import features_of, parse, require_mapped
from app.reports.importer.row import FIELDS, ImportOptions, RawRecord, ReadResult, RefusedRow, Row

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


def read(data: bytes, options: ImportOptions) -> ReadResult:
    """Read all reports; raises Unreadable."""
    records = [_flood_only(record) for record in features_of(parse(data))]
    require_mapped(options.columns, [record for record in records if isinstance(record, RawRecord)])
    own = replace(options, utc_offset=JAKARTA if options.utc_offset is None else options.utc_offset)
    reading = interpret(records, _LAYOUT | chosen(options.columns), own)
    states = {record.where: record.columns.get("state") for record in records if isinstance(record, RawRecord)}
    reading.rows = [row if isinstance(row, RefusedRow) else _judged(row, states[row.where]) for row in reading.rows]
    return reading


def _flood_only(record: RawRecord | RefusedRow) -> RawRecord | RefusedRow:
    """Refuse fires, winds and earthquakes, which newer files also hold."""
    if isinstance(record, RefusedRow):
        return record
    kind = record.columns.get("disaster_type")
    if isinstance(kind, str) and kind.strip() and kind.strip().casefold() != "flood":
        own_id = record.columns.get("pkey")
        return RefusedRow(
            record.where, None if own_id is None else str(own_id), f"it reports {shown(kind)}, not a flood"
        )
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


def _judged(row: Row, state: Any) -> Row:
    is_told = "severity" in {*row.words, *row.left_out} or row.depth_cm is not None
    if is_told or not isinstance(state, int) or state not in STATE_SEVERITY:
        return row
    return replace(row, words={**row.words, "severity": STATE_SEVERITY[state]})
