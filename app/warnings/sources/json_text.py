"""Parse JSON of strangers: as much as can be read, within limits; one sentence says what is wrong.

Unlike app/http/strict_json.py, which checks our own callers, this accepts duplicate names (the last one counts),
invalid bytes in texts and control characters. NaN and Infinity, which JSON does not have, count as null.
"""

import json
import re
from typing import Any

from app.warnings.sources.http_client import MOST_BYTES

DEEPEST = 40
_SHOWN = 60
_BRACKETS_AND_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.S)


class NotJson(ValueError):
    """The text is not acceptable JSON; the message says why."""


def parse(raw: bytes) -> Any:
    """Parse a JSON text; raises NotJson."""
    if len(raw) > MOST_BYTES:
        raise NotJson(f"the answer has more than {MOST_BYTES} bytes")
    text = raw.decode(json.detect_encoding(raw), errors="replace").removeprefix("\ufeff")
    start = text.lstrip()[:1]
    if start == "<":
        raise NotJson("the answer is a page (HTML or XML), not JSON")
    if start not in ("{", "["):
        raise NotJson("the answer is not a JSON object" if start else "the answer is empty")
    _refuse_depth(text)
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotJson(f"the answer is not JSON{where}") from error


def _refuse_depth(text: str) -> None:
    """Refuse deep nesting by counting brackets before parsing, because callers may walk the value by recursion."""
    depth = 0
    for match in _BRACKETS_AND_STRINGS.finditer(text):
        sign = match[0]
        if sign in ("[", "{"):
            depth += 1
            if depth > DEEPEST:
                raise NotJson(f"the answer is nested deeper than {DEEPEST} levels")
        elif sign in ("]", "}"):
            depth -= 1


def shown(value: Any) -> str:
    """Quote a foreign value, short and escaped, for a message of our own."""
    text = value if isinstance(value, str) else repr(value)[: _SHOWN * 2]
    return ascii(text[:_SHOWN])
