"""Build JSON answers with the right headers."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response


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
