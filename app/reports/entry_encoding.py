"""Encode entries for the indexes: one attribute with a format number and compressed columns by name.

A new field changes the content of the attribute, never a projection. An absent column has its default and an unknown
column is ignored, so that earlier and later releases can read each other's entries.
"""

import json
import zlib
from typing import Any

from app.reports.entry import DEFAULTS, STORED_COLUMNS, Entry, sort_key

FORMAT = 1
# Preset dictionary of the compression. It is part of format 1: another dictionary needs another format number.
_WORDS = (
    b'"water_source":"groundwaterseaseweriverunknownsurface","title":"Water ","depth":0,"condition":"receded"'
    b'rejectedmergedverifiedwithdrawnextremesevereminormoderate","version":2}'
    b'{"lat":5-0.12,"lon":-2.,"place":"home","radius":50,"severity":"moderate","depth":30,"title":"Water","status":"pending'
    b'","condition":"flooded","version":1,"created":1764,"observed":0,"updated":0,"expires":172800000}'
)
_RAW = -15  # raw deflate without zlib's header and checksum: DynamoDB protects the bytes already
_MOST_BYTES = 65_536
# Columns that most entries leave at their default: they are stored otherwise only, because entries are small.
_RARE = ("touches", "is_disputed", "confidence", "connection", "photo", "decided_photo")
_TIMES = ("observed", "updated", "expires")  # stored as differences from the creation time


class Unreadable(ValueError):
    """Bytes without an entry that this release can read: truncated, or of a later format."""


def pack(entry: Entry, *, before: bytes | None = None) -> bytes:
    """Encode an entry for storing, with the unknown columns that it had `before`."""
    own_columns = {stored: _short(getattr(entry, name)) for stored, name in STORED_COLUMNS.items()}
    own_columns = {
        stored: value
        for stored, value in own_columns.items()
        if stored not in _RARE or value != DEFAULTS[STORED_COLUMNS[stored]]
    }
    columns = {**_unknown(before), **(entry.others or {}), **own_columns}
    created_at_ms = entry.created_at_ms
    columns |= {"created": created_at_ms} | {name: _short(columns[name] - created_at_ms) for name in _TIMES}
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW, zdict=_WORDS)
    return bytes([FORMAT]) + packer.compress(text) + packer.flush()


def unpack(report_id: str, packed: bytes | None) -> Entry:
    """Decode the entry of a report. Raises Unreadable."""
    columns = _columns(packed)
    try:
        created_at_ms = columns.pop("created")
        columns |= {name: columns[name] + created_at_ms for name in _TIMES}
        known_values = {name: columns[stored] for stored, name in STORED_COLUMNS.items() if stored in columns}
        return Entry(report_id, sort_key(created_at_ms, report_id), **known_values, others=_unknown_values(columns))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("The entry is damaged.") from error


def _columns(packed: bytes | None) -> dict[str, Any]:
    if not packed or packed[0] != FORMAT:
        raise Unreadable("There is no entry of a known format.")
    try:
        unpacker = zlib.decompressobj(_RAW, zdict=_WORDS)
        text = unpacker.decompress(packed[1:], _MOST_BYTES)
        columns = json.loads(text) if unpacker.eof else None
    except (zlib.error, ValueError) as error:
        raise Unreadable("The entry is damaged.") from error
    if not isinstance(columns, dict):
        raise Unreadable("The entry is damaged.")
    return columns


def _unknown(packed: bytes | None) -> dict[str, Any]:
    """Return the columns that this release does not know."""
    try:
        return {name: value for name, value in _columns(packed).items() if name not in {*STORED_COLUMNS, "created"}}
    except Unreadable:
        return {}


def others_of(packed: bytes | None) -> dict[str, Any] | None:
    """Return the values of the columns that this release does not know, or None."""
    return _unknown_values(_unknown(packed))


def _unknown_values(columns: dict[str, Any]) -> dict[str, Any] | None:
    return {name: value for name, value in columns.items() if name not in STORED_COLUMNS and value is not None} or None


def is_of(packed: bytes | None, entry: Entry) -> bool:
    """Return whether the bytes hold this entry. A later format counts as equal, because it may hold more."""
    if packed and packed[0] > FORMAT:
        return True
    try:
        return unpack(entry.id, packed)._replace(others=None) == entry._replace(others=None)
    except Unreadable:
        return False


def _short(value: Any) -> Any:
    """Write 30.0 as 30, as the database does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
