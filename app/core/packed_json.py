"""Compressed compact JSON for stored documents, with binary parts or without; equal values give equal bytes."""

import json
import zlib
from collections.abc import Iterable
from typing import Any

_HEAD_BYTES = 4


def pack(value: Any) -> bytes:
    """Serialise and compress a JSON value."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 9)


def unpack(raw: bytes) -> Any:
    """Decompress and parse; raises ValueError for bytes that are truncated, damaged or foreign."""
    try:
        return json.loads(zlib.decompress(raw))
    except (zlib.error, RecursionError) as error:
        raise ValueError("These bytes are not packed JSON.") from error


def pack_with_parts(value: Any, parts: Iterable[bytes]) -> bytes:
    """Serialise a JSON value and binary parts behind it, which are compressed together."""
    packed = pack(value)
    return len(packed).to_bytes(_HEAD_BYTES, "big") + packed + zlib.compress(b"".join(parts), 9)


def unpack_with_parts(raw: bytes) -> tuple[Any, bytes]:
    """Return the value and its parts, joined: the value says how long each is. Raises ValueError as `unpack`."""
    middle = _HEAD_BYTES + int.from_bytes(raw[:_HEAD_BYTES], "big")
    try:
        return unpack(raw[_HEAD_BYTES:middle]), zlib.decompress(raw[middle:])
    except zlib.error as error:
        raise ValueError("The parts behind this JSON are damaged.") from error
