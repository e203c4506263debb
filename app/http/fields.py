"""Field types of our schemas: strict about types, with clear messages and their own documentation.

A message is `code|sentence`; app/http/schemas.py splits it into a mistake's code and detail.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.core import clock
from app.core.unicode_text import (
    BIDI_CONTROLS,
    BLANKS,
    COMPOSED_OF,
    few_marks,
    is_control,
    shows_nothing,
    without_invisible,
)

_LINE_BREAKS = frozenset("\u2028\u2029")
# Patterns are compiled at first use (re caches them), because a cold start needs none.
_MARKUP = r"<[A-Za-z/!?]"
# RFC 3339 section 5.6: date-time, always with an offset.
_RFC3339 = r"(?a)(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
_TINY = 1e-100  # what is smaller no number of the database holds, and no measure has it
COMMON_MESSAGES: dict[str, Any] = {"required": "required|It is required.", "null": "null|It must not be null."}


def _range(low: float, high: float) -> validate.Range:
    return validate.Range(min=low, max=high, error="range|It must be from {min} to {max}.")


class Number(fields.Float):
    """A finite JSON number; text and booleans are refused."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be a number."}

    def __init__(self, *, low: float, high: float, **rest: Any) -> None:
        super().__init__(validate=_range(low, high), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or not isfinite(value):
            raise self.make_error("invalid")
        return float(value) + 0.0 if abs(value) > _TINY else 0.0  # minus zero becomes zero


class QueryNumber(Number):
    """A number in a query string, in plain decimal notation."""

    _decimal = r"(?a)[+-]?(\d{1,10}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?"

    @classmethod
    def reads(cls, text: str) -> bool:
        """Return whether the text is a number in plain notation."""
        return re.fullmatch(cls._decimal, text) is not None

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> float:
        if not isinstance(value, str) or not self.reads(value):
            raise self.make_error("invalid")
        return super()._deserialize(float(value), attr, data, **rest)


class Whole(fields.Integer):
    """A whole JSON number (50.0 is one, as in JSON Schema)."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be a whole number."}

    def __init__(self, *, low: int, high: int, **rest: Any) -> None:
        super().__init__(validate=_range(low, high), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or isinstance(value, float) and value % 1:
            raise self.make_error("invalid")
        return int(value)


class QueryWhole(Whole):
    """A whole number in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> int:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 15:
            raise self.make_error("invalid")
        return super()._deserialize(int(value), attr, data, **rest)


class Word(fields.String):
    """One of a few words."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be text."}

    def __init__(self, words: Iterable[str], **rest: Any) -> None:
        super().__init__(validate=validate.OneOf(tuple(words), error="choice|It must be one of: {choices}."), **rest)


class ByName(fields.Dict):
    """A JSON object whose names are not ours, and whose values are all of one kind; mistakes stand at the names."""

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be a JSON object."}

    def __init__(self, values: fields.Field[Any], **rest: Any) -> None:
        super().__init__(keys=fields.String(), values=values, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **rest)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            raise ValidationError({name: found["value"] for name, found in error.messages.items()}) from error


class ReadLater(fields.Nested):
    """A nested object of which each is validated by itself, so that one mistake stops no other."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, partial: Any = None, **_: Any
    ) -> Any:
        return value


class Text(fields.String):
    """Plain text in Unicode NFC, stripped, counted in characters. Invisible characters are left out.

    Refused: markup, control characters, and bidirectional controls. Line breaks only where `lines` allows them.
    """

    default_error_messages = COMMON_MESSAGES | {"invalid": "type|It must be text."}

    def __init__(self, *, shortest: int, longest: int, lines: bool = False, **rest: Any) -> None:
        self.shortest, self.longest, self.lines = shortest, longest, lines
        described = {"minLength": shortest, "maxLength": longest} | rest.pop("metadata", {})
        super().__init__(metadata=described, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if len(value) > COMPOSED_OF * self.longest:
            raise ValidationError(self._length_mistake(value))
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip(BLANKS)
        if all(shows_nothing(character) for character in text):
            text = ""
        text = _as_seen(text)
        if mistakes := self._mistakes(text):
            raise ValidationError(mistakes)
        return text

    def _mistakes(self, text: str) -> list[str]:
        mistakes = []
        if not self.shortest <= len(text) <= self.longest:
            mistakes.append(self._length_mistake(text))
        if re.search(_MARKUP, text):
            mistakes.append("markup|It must be plain text, without HTML.")
        # A printable text has only letters, signs and plain blanks: no control, break or noncharacter to look for.
        if not text.isprintable() and any(self._is_refused(character) for character in text):
            mistakes.append("control|It must not hold control characters.")
        if not BIDI_CONTROLS.isdisjoint(text):
            mistakes.append("bidi|It must not hold characters that change the direction of text.")
        return mistakes

    def _length_mistake(self, text: str) -> str:
        return f"length|It must have {self.shortest} to {self.longest} characters; it has {len(text)}."

    def _is_refused(self, character: str) -> bool:
        if self.lines:
            return is_control(character) and character not in "\n\t"
        return is_control(character) or character in _LINE_BREAKS


def _as_seen(text: str) -> str:
    """Leave out what shows nothing, and piles of marks: hidden words reach a search or a language model, not a reader.

    Controls and bidirectional controls stay, because they are mistakes to tell.
    """
    if text.isascii() or not BIDI_CONTROLS.isdisjoint(text) or any(map(is_control, text)):
        return text
    return few_marks(without_invisible(text))


class Moment(fields.DateTime):
    """A time with its offset (RFC 3339), as milliseconds since 1970 UTC."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": "time|It must be a time with its offset, such as 2026-01-05T10:00:00Z (RFC 3339).",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        moment = parse_moment(value) if isinstance(value, str) else None
        if moment is None:
            raise self.make_error("invalid")
        return clock.to_ms(moment)


def parse_moment(text: str) -> datetime | None:
    """Parse RFC 3339 to an aware UTC datetime, or None. A leap second counts as the second after it."""
    match = re.fullmatch(_RFC3339, text)
    if not match:
        return None
    day, minute, second, fraction, offset = match.groups()
    leap = second == "60"
    try:
        whole = f"{day}T{minute}:{'59' if leap else second}"
        moment = datetime.fromisoformat(f"{whole}{(fraction or '')[:7]}{offset.upper()}")
        return moment.astimezone(UTC) + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        return None
