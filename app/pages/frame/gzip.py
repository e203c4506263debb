"""Pack an answer by gzip for those who can unpack it: a gateway packs nothing, and one bar of signal is little."""

import gzip

from flask import Response, request

WORTH_PACKING_BYTES = 1024
LEVEL = 6


def packed(response: Response) -> Response:
    """The same answer, smaller where that is worth it."""
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= WORTH_PACKING_BYTES and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
