"""Parse JSON strictly by RFC 8259: no duplicate names, no NaN, no deep nesting."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

from app.core.errors import Invalid, Malformed, Mistake

DEEPEST = 32
MOST_NAMES = 50  # in one object: several times what any of our schemas has
MOST_NAMES_IN_BODY = 500


def parse(
    body: bytes, *, read_number: Callable[[str], float] | None = None, most_names: int = MOST_NAMES_IN_BODY
) -> Any:
    """Parse a JSON text in UTF-8; raises Malformed with the reason, or Invalid if it has too many names.

    `read_number` replaces our reader of decimal numbers and of NaN, Infinity, -Infinity, which refuses the latter.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8 text.") from error
    if not text.strip():
        raise Malformed("The body is empty; a JSON object is expected.")
    _refuse_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_Objects(most_names).make,
            parse_constant=read_number or _refuse_constant,
            parse_float=read_number or _finite,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {_reason(error)}.") from error
    if "\\u" in text:
        _refuse_surrogates(value)
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "a number has too many digits"


def _refuse_depth(text: str) -> None:
    """Refuse deep nesting by counting brackets before parsing; the parser itself would run out of stack."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Malformed(f"The body is nested deeper than {DEEPEST} levels.")
        elif character in "]}":
            depth -= 1


class _Objects:
    """Reader of a body's objects that counts their names, so that too many are refused before validation."""

    def __init__(self, most_names: int) -> None:
        self._names, self._most = 0, most_names

    def make(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._names += len(pairs)
        if len(pairs) > MOST_NAMES or self._names > self._most:
            limits = f"at most {MOST_NAMES} names in an object, and {self._most} in all"
            raise Invalid([Mistake("", "too-many-names", f"The body may have {limits}.")])
        return _object(pairs)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        names = ", ".join(ascii(name[:40]) for name in twice[:5])
        raise Malformed(f"The body has a name twice in one object: {names}.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"The body holds {name}, which JSON does not have.")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise Malformed(f"The number {digits[:40]} is too large.")
    return number


def _refuse_surrogates(value: Any) -> None:
    """Refuse lone surrogates, which cannot be stored or sent as UTF-8."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_surrogates(name)
            _refuse_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_surrogates(inner)
    elif isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Malformed("The body holds half of a surrogate pair, which is not a character.") from error
