"""The PMTiles file with the streets of a local run, and the credit in it.

The header and the metadata are those of the PMTiles specification, version 3.
"""

import gzip
import html
import json
import re
import struct
import zlib
from pathlib import Path

from app.geo.pmtiles import SIGNATURE
from infra.local.processes import ROOT, Failed

# Bath and North East Somerset, where the demo's flood is.
DEMO_MAP = ROOT / "infra" / "data" / "bath-ne-somerset-2017.pmtiles"
NONE = "none"
_HEADER_BYTES = 127
_METADATA = struct.Struct("<QQ")  # its position and length
_METADATA_AT, _COMPRESSION_AT = 24, 97
_PLAIN, _GZIP = 1, 2
_MOST_METADATA = 1_000_000


def environment_of(name: str) -> dict[str, str]:
    """Return the settings for a map file; "" means the demo's. Raises Failed if it is no PMTiles."""
    file = Path(name).expanduser().absolute() if name else DEMO_MAP
    return {"FLOOD_MAP_FILE": str(file), "FLOOD_TILE_ATTRIBUTION": read_credit(file)}


def read_credit(file: Path) -> str:
    """Read the credit in the file's metadata; "" if there is none. Raises Failed for a file that is no PMTiles 3."""
    refusal = f"MAP={file} cannot be used: it is no PMTiles file of version 3."
    try:
        with file.open("rb") as source:
            header = source.read(_HEADER_BYTES)
            if len(header) < _HEADER_BYTES or not header.startswith(SIGNATURE):
                raise Failed(refusal)
            at, length = _METADATA.unpack_from(header, _METADATA_AT)
            source.seek(at)
            packed = source.read(min(length, _MOST_METADATA))
    except OSError as error:
        raise Failed(f"MAP={file} cannot be read: {error.strerror}.") from error
    except (ValueError, OverflowError) as error:  # a position that no file has
        raise Failed(refusal) from error
    if header[_COMPRESSION_AT] not in (_PLAIN, _GZIP):
        return ""
    try:
        told = json.loads(gzip.decompress(packed) if header[_COMPRESSION_AT] == _GZIP else packed)
    except (ValueError, EOFError, OSError, RecursionError, zlib.error) as error:
        raise Failed(refusal) from error
    credit = told.get("attribution", "") if isinstance(told, dict) else ""
    return _plain(credit) if isinstance(credit, str) else ""


def _plain(credit: str) -> str:
    """Return a credit as text: many files have it in HTML."""
    text = html.unescape(re.sub(r"<[^>]*>", "", credit)).replace("(c)", "\N{COPYRIGHT SIGN}")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
