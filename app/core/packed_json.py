"""JSON in few bytes, as stored documents hold it: without blanks, compressed; equal values are equal bytes."""

import json
import zlib
from typing import Any


def pack(value: Any) -> bytes:
    """The bytes of a value that JSON can hold."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 9)


def unpack(raw: bytes) -> Any:
    """The value of packed bytes; raises ValueError for bytes that are cut, damaged or none of ours."""
    try:
        return json.loads(zlib.decompress(raw))
    except (zlib.error, RecursionError) as error:
        raise ValueError("These bytes are no packed JSON.") from error
