"""DynamoDB's price list: the size of an item and what reading and writing it consumes. Pure.

Rules: "DynamoDB item sizes and formats" and "Read and write operations" of the DynamoDB developer guide.
"""

from collections.abc import Iterable
from math import ceil
from typing import Any

Item = dict[str, dict[str, Any]]

READ_BYTES = 4096
WRITE_BYTES = 1024
_NESTED_BYTES = 3
_MEMBER_BYTES = 1


def item_size(item: Item) -> int:
    """Return the bytes of an item in wire form: every name and every value."""
    size = 0
    for name, value in item.items():
        text = value.get("S")
        is_plain = text is not None and text.isascii() and name.isascii()
        size += len(name) + len(text) if is_plain else len(name.encode()) + _value_size(value)
    return size


def _value_size(value: dict[str, Any]) -> int:
    (kind, content), *_ = value.items()
    if kind in ("S", "B"):
        return len(content.encode() if kind == "S" else content)
    if kind == "N":
        return _number_size(content)
    if kind in ("SS", "NS", "BS"):
        return sum(_value_size({kind[0]: member}) for member in content)
    if kind == "L":
        return _NESTED_BYTES + sum(_MEMBER_BYTES + _value_size(member) for member in content)
    if kind == "M":
        return _NESTED_BYTES + item_size(content) + _MEMBER_BYTES * len(content)
    return 1  # BOOL, NULL


def _number_size(text: str) -> int:
    """Return a byte for two significant digits, one more, and one for a minus."""
    digits = text.lstrip("-").partition("e")[0].partition("E")[0]
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    significant = (whole + fraction).lstrip("0") if fraction else whole.strip("0")
    return ceil(len(significant) / 2) + 1 + text.startswith("-")


def read_units(size: int, *, consistent: bool = False) -> float:
    """Return the units of one item, or of all read by a query: half a unit for each 4 KB begun, at least one half."""
    return max(1, ceil(size / READ_BYTES)) * (1.0 if consistent else 0.5)


def units_of_read(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> float:
    """Return the consumption of a read from its request and answer. A query must not have filtered."""
    if operation == "GetItem":
        return read_units(item_size(answer.get("Item") or {}), consistent=bool(request.get("ConsistentRead")))
    if operation == "BatchGetItem":
        return sum(
            _batch_units(asked, answer["Responses"].get(name, [])) for name, asked in request["RequestItems"].items()
        )
    assert answer.get("ScannedCount", answer["Count"]) == answer["Count"], "rows were read that did not come back"
    size = sum(item_size(item) for item in answer["Items"])
    return read_units(size, consistent=bool(request.get("ConsistentRead")))


def _batch_units(asked: dict[str, Any], items: list[Item]) -> float:
    consistent = bool(asked.get("ConsistentRead"))
    missing = len(asked["Keys"]) - len(items)
    return sum(read_units(item_size(item), consistent=consistent) for item in items) + missing * read_units(
        0, consistent=consistent
    )


def write_units(old: Item | None, new: Item | None) -> int:
    """Return the units of a write: by the larger of the item before and after."""
    return max(_begun(old), _begun(new), 1)


def index_write_units(old: Item | None, new: Item | None, keys: Iterable[str]) -> int:
    """Return an index's write units for a changed entry; a changed key is a removal and an addition."""
    if old == new:
        return 0
    if old and new and any(old[key] != new[key] for key in keys):
        return _begun(old) + _begun(new)
    return max(_begun(old), _begun(new))


def _begun(item: Item | None) -> int:
    return max(1, ceil(item_size(item) / WRITE_BYTES)) if item else 0
