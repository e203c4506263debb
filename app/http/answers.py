"""Answers that our functions build: JSON text with the right headers, in a language and an encoding of the client.

A gateway compresses nothing, and one bar of signal is little. Brotli would take a tenth less, but it is one more native
library to load at each start: static files alone have it.
"""

import gzip
import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from app.core.translations import LANGUAGES, SOURCE

# Types of text: they compress well and are not compressed already.
TYPES = frozenset(
    {
        "application/atom+xml",
        "application/cap+xml",
        "application/geo+json",
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "application/rss+xml",
        "text/csv",
        "text/html",
        "text/javascript",
    }
)
WORTH_IT_BYTES = 1024
LEVEL = 6


def json_answer(
    value: Any,
    *,
    status: int = 200,
    cache: str,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """Build a JSON answer: compact, in UTF-8, with its Cache-Control."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    response = Response(text, status=status, mimetype=media_type)
    response.headers["Cache-Control"] = cache
    response.headers.extend(headers or {})
    return response


def accepted_language() -> str:
    """Return the first supported language of `Accept-Language`."""
    requested_languages = (tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in requested_languages if language in LANGUAGES), SOURCE)


def in_language(response: Response, language: str) -> Response:
    """Set Content-Language and Vary for the language of our words in an answer."""
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response


def compress(response: Response) -> None:
    """Compress an answer in place if that saves enough; leave one whose Vary names the encoding already."""
    if response.mimetype not in TYPES or response.direct_passthrough:
        return
    varies = response.headers.get("Vary", "")
    if "accept-encoding" in varies.lower():
        return
    response.headers["Vary"] = f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"
    body = response.get_data()
    if len(body) < WORTH_IT_BYTES or not request.accept_encodings["gzip"]:
        return
    response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag and not is_weak:  # a strong ETag names exact bytes, and these differ now (RFC 9110, 8.8.1)
        response.set_etag(tag, weak=True)
