"""The conditions and updates that the product sends, evaluated on an item in wire form.

Only what the product uses: comparisons (also of the size of a set), BETWEEN, IN, attribute_exists,
attribute_not_exists, begins_with, AND, OR; SET (with if_not_exists), ADD, REMOVE and DELETE.
Anything else raises Unknown, so that a new kind of expression never goes by unnoticed.
"""

import re
from decimal import Decimal
from functools import cache
from typing import Any

from bench.units import Item

_TOKEN = re.compile(r"\s*(<=|>=|<>|[()=<>,+]|[#:]?\w+)")
_COMPARE = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Unknown(Exception):
    """An expression that this stand-in does not know."""


def plain(value: dict[str, Any]) -> Any:
    """Convert a wire value to a comparable one."""
    (kind, content), *_ = value.items()
    return Decimal(content) if kind == "N" else content


@cache
def _tokens_of(text: str) -> tuple[str, ...]:
    """Return the tokens of a text; the product sends the same few again and again."""
    return tuple(_TOKEN.findall(text))


class Expression:
    """One expression with its names and values; read from left to right."""

    def __init__(self, text: str, request: dict[str, Any]) -> None:
        self.tokens = [*_tokens_of(text)]
        self.names: dict[str, str] = request.get("ExpressionAttributeNames", {})
        self.values: dict[str, Any] = request.get("ExpressionAttributeValues", {})

    def _take(self, wanted: str = "") -> str:
        token = self.tokens.pop(0) if self.tokens else ""
        if wanted and token != wanted:
            raise Unknown(f"{wanted} expected, not {token!r}")
        return token

    def _peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def holds(self, item: Item) -> bool:
        """Return whether the condition holds for the item (empty: there is none)."""
        result = self._term(item)
        while self._peek() in ("AND", "OR"):
            word, right = self._take(), self._term(item)
            result = (result and right) if word == "AND" else (result or right)
        return result

    def _term(self, item: Item) -> bool:
        if self._peek() == "(":
            self._take()
            result = self.holds(item)
            self._take(")")
            return result
        if self._peek() in ("attribute_exists", "attribute_not_exists"):
            word, _, name, _ = self._take(), self._take("("), self._take(), self._take(")")
            return (self.names[name] in item) is (word == "attribute_exists")
        if self._peek() == "size":
            return self._size_comparison(item)
        return self._comparison(item)

    def _size_comparison(self, item: Item) -> bool:
        _, _, name, _, sign = self._take(), self._take("("), self.names[self._take()], self._take(")"), self._take()
        right = self._value()
        return name in item and bool(_COMPARE[sign](len(plain(item[name])), right))

    def _comparison(self, item: Item) -> bool:
        name, sign = self.names[self._take()], self._take()
        if sign == "BETWEEN":
            low, _, high = self._value(), self._take("AND"), self._value()
            return name in item and low <= plain(item[name]) <= high
        if sign == "IN":
            return self._is_one_of(item.get(name))
        if sign not in _COMPARE:
            raise Unknown(sign)
        right = self._value()
        return name in item and bool(_COMPARE[sign](plain(item[name]), right))

    def _is_one_of(self, held: dict[str, Any] | None) -> bool:
        self._take("(")
        values = [self._value()]
        while self._peek() == ",":
            self._take()
            values.append(self._value())
        self._take(")")
        return held is not None and plain(held) in values

    def _value(self) -> Any:
        return plain(self.values[self._take()])

    def bounds(self) -> list[tuple[str, str, list[Any]]]:
        """Parse a key condition to attribute, sign, values."""
        bounds_found = []
        self.tokens = [token for token in self.tokens if token not in ("(", ")", ",")]
        while self.tokens:
            sign = self._take() if self._peek() == "begins_with" else ""
            name = self.names[self._take()]
            sign = sign or self._take()
            if sign not in ("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"):
                raise Unknown(sign)
            operands = [self._value()]
            if sign == "BETWEEN":
                self._take("AND")
                operands.append(self._value())
            bounds_found.append((name, sign, operands))
            if self.tokens:
                self._take("AND")
        return bounds_found

    def apply(self, item: Item) -> None:
        """Carry out an update."""
        word = ""
        while self.tokens:
            if self._peek() in ("SET", "ADD", "REMOVE", "DELETE"):
                word = self._take()
            elif self._peek() == ",":
                self._take()
            name = self.names[self._take()]
            if word == "REMOVE":
                item.pop(name, None)
            elif word == "SET":
                self._take("=")
                item[name] = self._operand(item)
            elif word == "DELETE":
                _take_out(item, name, self.values[self._take()])
            else:
                item[name] = _added(item.get(name), self.values[self._take()])

    def _operand(self, item: Item) -> dict[str, Any]:
        """Return a value, or with `if_not_exists` the one that is there already, in wire form."""
        if self._peek() != "if_not_exists":
            return dict(self.values[self._take()])
        _, _, name, _ = self._take(), self._take("("), self.names[self._take()], self._take(",")
        value, _ = dict(self.values[self._take()]), self._take(")")
        return item.get(name, value)


def _added(old: dict[str, Any] | None, more: dict[str, Any]) -> dict[str, Any]:
    (kind, content), *_ = more.items()
    if kind == "N":
        return {"N": str((Decimal(old["N"]) if old else 0) + Decimal(content))}
    return {kind: sorted({*(old[kind] if old else []), *content})}


def _take_out(item: Item, name: str, members: dict[str, Any]) -> None:
    """Remove members of a set; an empty set is no attribute."""
    (kind, content), *_ = members.items()
    left = [member for member in item.get(name, {kind: []})[kind] if member not in content]
    item.pop(name, None)
    if left:
        item[name] = {kind: left}
