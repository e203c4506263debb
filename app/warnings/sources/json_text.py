"""JSON as the world sends it: read what can be read, within limits, and say in one sentence what cannot.

Unlike app/http/strict_json.py, which judges our own callers, this takes names given twice (the last one counts), wrong
bytes inside texts and control characters. NaN and Infinity, which JSON does not have, count as nothing given.
"""

import json
import re
from typing import Any

from app.warnings.sources.http_client import MOST_BYTES

DEEPEST = 40
_SHOWN = 60
_BRACKETS_AND_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.S)


class NotJson(ValueError):
    """The text is not JSON that is read here; its text says why."""


def parse(raw: bytes) -> Any:
    """The value of a JSON text; raises NotJson."""
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
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotJson(f"the answer is not JSON{place}") from error


def _refuse_depth(text: str) -> None:
    """Count brackets before parsing; whoever reads the value may walk it by recursion."""
    depth = 0
    for found in _BRACKETS_AND_STRINGS.finditer(text):
        sign = found[0]
        if sign in ("[", "{"):
            depth += 1
            if depth > DEEPEST:
                raise NotJson(f"the answer is nested deeper than {DEEPEST} levels")
        elif sign in ("]", "}"):
            depth -= 1


def shown(value: Any) -> str:
    """A value of theirs, short and safe enough for a sentence of ours."""
    text = value if isinstance(value, str) else repr(value)[: _SHOWN * 2]
    return ascii(text[:_SHOWN])
