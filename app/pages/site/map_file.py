"""Send the map file of a service on one machine; elsewhere a bucket or a CDN has it (FLOOD_PMTILES_URL)."""

from pathlib import Path

from flask import Response, request
from werkzeug.http import http_date

from app.core.config import settings
from app.core.errors import Invalid, NotFound, mistake_in_parameter

MEDIA_TYPE = "application/vnd.pmtiles"
CACHE_S = 3600
# A Lambda function's answer ends at 6 MB, in base64. Readers of PMTiles ask for some 20 kB at a time.
MOST_BYTES = 4_000_000


def send() -> Response:
    """Send the file, or the range of bytes that is asked for (RFC 9110, 14.2).

    Raises NotFound where there is none, Invalid for more bytes than an answer can hold and for those beyond its end.
    """
    file = Path(settings().map_file)
    try:
        if not settings().map_file:
            raise FileNotFoundError
        with file.open("rb") as source:
            state = file.stat()
            first, end = _wanted_bytes(state.st_size)
            source.seek(first)
            body = source.read(end - first)
    except OSError as error:
        raise NotFound("This service has no map file of its own.") from error
    answer = Response(body, mimetype=MEDIA_TYPE)
    answer.headers |= {
        "Accept-Ranges": "bytes",
        "Cache-Control": f"public, max-age={CACHE_S}",
        "Last-Modified": http_date(int(state.st_mtime)),
    }
    answer.set_etag(f"{state.st_mtime_ns:x}-{state.st_size:x}")
    if request.range:
        answer.status_code = 206
        answer.content_range.set(first, end, state.st_size)
    answer.make_conditional(request)
    return answer


def _wanted_bytes(size: int) -> tuple[int, int]:
    """Return the first byte that the request asks for, and the one after the last."""
    wanted = request.range.range_for_length(size) if request.range else (0, size)
    if wanted is None:
        raise Invalid([mistake_in_parameter("Range", "range", f"Ask for one range of bytes from 0 to {size - 1}.")])
    if wanted[1] - wanted[0] > MOST_BYTES:
        raise Invalid([mistake_in_parameter("Range", "required", f"Ask for a range of at most {MOST_BYTES:,} bytes.")])
    return wanted
