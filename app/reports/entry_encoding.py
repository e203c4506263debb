"""Entries as the indexes hold them: one attribute, a format number and then columns by name, packed.

A new field changes what the attribute holds and never a projection. A column that is absent has its default, one that
nobody here knows is passed over, so that releases before and after read each other's entries.
"""

import json
import zlib
from typing import Any

from app.reports.entry import STORED, Entry, sort_key

FORMAT = 1
# Packing begins with these words as if it had seen them already. They belong to format 1: others are another format.
_WORDS = (
    b'"water_source":"groundwaterseaseweriverunknownsurface","title":"Water ","depth":0,"condition":"receded"'
    b'rejectedmergedverifiedwithdrawnextremesevereminormoderate","version":2}'
    b'{"lat":5-0.12,"lon":-2.,"place":"home","radius":50,"severity":"moderate","depth":30,"title":"Water","status":"pending'
    b'","condition":"flooded","version":1,"created":1764,"observed":0,"updated":0,"expires":172800000}'
)
_RAW = -15  # deflate without zlib's header and checksum: DynamoDB keeps bytes whole
_MOST_BYTES = 65_536
_KNOWN = frozenset(STORED)
_TIMES = ("observed", "updated", "expires")  # stored as differences from the time of creation


class Unreadable(ValueError):
    """Bytes that hold no entry for this release: cut, or of a later format."""


def pack(entry: Entry, *, before: bytes | None = None) -> bytes:
    """The entry as it is stored; with the columns of a later release that it had `before`."""
    columns = _unknown(before) | {name: _short(value) for name, value in zip(Entry._fields, entry, strict=True)}
    created = entry.created
    columns |= {"created": created} | {name: _short(columns[name] - created) for name in _TIMES}
    del columns["id"], columns["sort"]
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW, zdict=_WORDS)
    return bytes([FORMAT]) + packer.compress(text) + packer.flush()


def unpack(report_id: str, packed: bytes | None) -> Entry:
    """The entry of a report. Raises Unreadable."""
    columns = _columns(packed)
    try:
        created = columns.pop("created")
        columns |= {name: columns[name] + created for name in _TIMES}
        known = {name: value for name, value in columns.items() if name in _KNOWN}
        return Entry(report_id, sort_key(created, report_id), **known)
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
    """The columns that this release does not know."""
    try:
        return {name: value for name, value in _columns(packed).items() if name not in _KNOWN | {"created"}}
    except Unreadable:
        return {}


def is_of(packed: bytes | None, entry: Entry) -> bool:
    """Does it hold the entry, as far as it tells? A later release's is left as it is: it can tell more."""
    if packed and packed[0] > FORMAT:
        return True
    try:
        return unpack(entry.id, packed) == entry
    except Unreadable:
        return False


def _short(value: Any) -> Any:
    """30 for 30.0, as the database has it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
