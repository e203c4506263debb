"""Compressed compact JSON for stored documents; equal values give equal bytes."""

import json
import zlib
from typing import Any


def pack(value: Any) -> bytes:
    """Serialise and compress a JSON value."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 9)


def unpack(raw: bytes) -> Any:
    """Decompress and parse; raises ValueError for bytes that are truncated, damaged or foreign."""
    try:
        return json.loads(zlib.decompress(raw))
    except (zlib.error, RecursionError) as error:
        raise ValueError("These bytes are not packed JSON.") from error
