"""Compress answers by gzip for clients that accept it: the gateway does not, and phones may have a weak signal.

Brotli would save another tenth, but is one more native library to load at each start: only static files use it.
"""

import gzip

from flask import Response, request

# Types of text: they compress well and are not compressed already.
TYPES = frozenset(
    {
        "application/geo+json",
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "text/csv",
        "text/html",
        "text/javascript",
    }
)
WORTH_IT_BYTES = 1024
LEVEL = 6


def compress(response: Response) -> None:
    """Compress an answer in place if that saves enough; leave one whose Vary names the encoding already."""
    if response.mimetype not in TYPES or response.direct_passthrough or "Accept-Encoding" in response.vary:
        return
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) < WORTH_IT_BYTES or not request.accept_encodings["gzip"]:
        return
    response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag and not is_weak:  # a strong ETag names exact bytes, and these differ now (RFC 9110, 8.8.1)
        response.set_etag(tag, weak=True)
