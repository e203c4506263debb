"""Compress answers by gzip for clients that accept it: the gateway compresses nothing, and mobile links are slow."""

import gzip

from flask import Response, request

WORTH_PACKING_BYTES = 1024
LEVEL = 6


def packed(response: Response) -> Response:
    """Compress a response if that is worthwhile."""
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= WORTH_PACKING_BYTES and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
