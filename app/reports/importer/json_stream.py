"""Read JSON documents as a stream: the members of one long list, one at a time, and all else whole. Pure.

The standard library's decoder reads each member, so that values are the same as in a file that is read whole.
"""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from app.reports.importer.row import Unreadable

LONGEST_VALUE = 16_000_000  # characters of one feature, or of any value outside the long list
CUT_OFF = "The file ends in the middle: it is cut off. Fetch it again, whole."
_BLOCK = 262_144
_MOST_DIGITS = 30  # of an integer; a longer one is read as the nearest float
_BLANKS = " \t\n\r"
_DEEPEST = 8


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


_decoder = json.JSONDecoder(parse_int=_whole)


def loads(text: str) -> Any:
    """Parse a whole value; raises ValueError or RecursionError.

    One bad feature must not cost the whole file: duplicate names and NaN are accepted here and refused with that
    feature.
    """
    return _decoder.decode(text)


class Scanner:
    """A window on a text, which moves on with what is read."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._window, self._at, self._is_whole = "", 0, False

    def peek(self) -> str:
        """Return the next character that is no blank, without taking it; "" at the end."""
        while True:
            while self._at < len(self._window) and self._window[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._window) or not self._more():
                return self._window[self._at : self._at + 1]

    def take(self, expected: str) -> str:
        """Take the next character that is no blank; raises Unreadable if it is none of those expected."""
        found = self.peek()
        if not found or found not in expected:
            if not found:
                raise Unreadable(CUT_OFF)
            wanted = " or ".join(expected)
            raise Unreadable(f"The file is not JSON: it holds {found} where {wanted} is expected.")
        self._at += 1
        return found

    def value(self) -> Any:
        """Take the next value, whole; raises Unreadable."""
        self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self._window, self._at)
            except RecursionError as error:
                raise Unreadable("The file is nested too deep.") from error
            except ValueError as error:
                if len(self._window) - self._at < LONGEST_VALUE and self._more():
                    continue
                raise Unreadable(_fault(error, self._is_whole, len(self._window))) from error
            if end < len(self._window) or not self._more():  # a number may go on
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on; False at the end. The window grows by as much as it holds, so that long values are tried rarely."""
        rest = self._window[self._at :]
        block = self._text.read(max(_BLOCK, len(rest))) if not self._is_whole else ""
        self._is_whole |= not block
        self._window, self._at = rest + block, 0
        return bool(block)


def _fault(error: ValueError, is_whole: bool, length: int) -> str:
    """Return what is wrong with a value; `length`: characters up to the end of the file, if it `is_whole`."""
    if not is_whole:
        return f"The file is not JSON: a value of more than {LONGEST_VALUE:,} characters, or a mistake in one."
    is_open = isinstance(error, json.JSONDecodeError) and (error.pos >= length or error.msg.startswith("Unterminated"))
    return CUT_OFF if is_open else f"The file is not JSON: {error}."


class Document:
    """An object whose list of features is long, or a list. After the features were read, `others` has the rest."""

    def __init__(self, text: TextIO) -> None:
        self._scanner = Scanner(text)
        self.others: dict[str, Any] = {}
        self.has_features = False

    def features(self) -> Iterator[Any]:
        """Yield the members of the list, or of `features` in the object, or in its `result`; raises Unreadable."""
        if self._scanner.peek() == "\ufeff":
            self._scanner.take("\ufeff")
        if self._scanner.peek() == "[":
            self.has_features = True
            yield from self._members()
        elif self._scanner.peek() == "{":
            yield from self._in_object(depth=0)
        else:
            self.others["value"] = self._scanner.value()
        if self._scanner.peek():
            raise Unreadable("The file is not JSON: it goes on behind its end.")

    def _in_object(self, *, depth: int) -> Iterator[Any]:
        self._scanner.take("{")
        if self._scanner.peek() == "}":
            self._scanner.take("}")
            return
        while True:
            name = self._name()
            if name == "features" and self._scanner.peek() == "[":
                self.has_features = True
                yield from self._members()
            elif name == "result" and self._scanner.peek() == "{" and depth < _DEEPEST:
                yield from self._in_object(depth=depth + 1)
            else:
                self.others[name] = self._scanner.value()
            if self._scanner.take(",}") == "}":
                return

    def _name(self) -> str:
        if self._scanner.peek() != '"':
            raise Unreadable("The file is not JSON: a name in quotes is missing.")
        name: str = self._scanner.value()
        self._scanner.take(":")
        return name

    def _members(self) -> Iterator[Any]:
        self._scanner.take("[")
        if self._scanner.peek() == "]":
            self._scanner.take("]")
            return
        while True:
            yield self._scanner.value()
            if self._scanner.take(",]") == "]":
                return
