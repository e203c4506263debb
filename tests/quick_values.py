"""Values and items of moto's DynamoDB, made, measured, compared and copied with less work and the same result."""

import base64
import copy
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import moto.dynamodb.models.utilities
import moto.dynamodb.responses
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

LARGEST_ITEM = 405_000  # as moto has it
NESTED = frozenset({"L", "M", "SS", "NS", "BS"})
PLAIN = frozenset({str, int, float, bool, bytes, type(None)})
_init = DynamoType.__init__
_equals = DynamoType.__eq__
_differs = DynamoType.__ne__
_hash = DynamoType.__hash__
_deepcopy = DynamoType.__deepcopy__
_project = Item.project
_to_dict = moto.dynamodb.models.utilities.dynamo_to_dict
_contains_duplicates = DynamoHandler._contains_duplicates
_cast_value = DynamoType.cast_value
assert isinstance(_cast_value, property)


def _take(value: DynamoType, given: Any) -> None:
    """Moto makes two lists for each value and asks it twice what it is."""
    if type(given) is DynamoType:
        kind, held = given.type, given.value
    elif type(given) is dict and given:
        kind, held = next(iter(given.items()))
    else:
        _init(value, given)
        return
    value.type = kind
    if kind == "L":
        held = [DynamoType(each) for each in held]
    elif kind == "M":
        held = {name: DynamoType(each) for name, each in held.items()}
    value.value = held


def _cast(value: DynamoType) -> Any:
    """Return the value of an attribute as queries compare it."""
    if value.type == "S":
        return value.value
    return Decimal(value.value) if value.type == "N" else _cast_value.fget(value)


def _is_equal(one: DynamoType, other: DynamoType) -> bool:
    return one.value == other.value if one.type == "S" == other.type else _equals(one, other)


def _is_other(one: DynamoType, other: DynamoType) -> bool:
    return one.value != other.value if one.type == "S" == other.type else _differs(one, other)


def _hashed(value: DynamoType) -> int:
    return hash(("S", value.value)) if value.type == "S" else _hash(value)


def _copied(value: DynamoType, memo: dict[int, Any]) -> DynamoType:
    """Texts, numbers and the like never change: there is nothing to look up in the memo."""
    kind = value.type
    if kind in NESTED:
        return _deepcopy(value, memo)
    made = DynamoType.__new__(DynamoType)
    made.type, made.value = kind, value.value
    return made


def _copied_table(table: Table, memo: dict[int, Any]) -> Table:
    """Before each act of a transaction moto copies its table, with all that it is made of, for the case of a refusal.

    Only items change, and their texts and numbers are replaced as a whole; to a stream records are only added.
    """
    made = twin(table)
    made.items = defaultdict(dict)
    for name, held in table.items.items():
        is_one = isinstance(held, Item)
        made.items[name] = copied_item(held) if is_one else {key: copied_item(item) for key, item in held.items()}
    if table.stream_shard:
        made.stream_shard = twin(table.stream_shard)
        made.stream_shard.table, made.stream_shard.items = made, [*table.stream_shard.items]
    return made


def twin(one: Any) -> Any:
    """Return an object with the same members. Moto would keep each one that it makes to the end of the run."""
    made = object.__new__(type(one))
    made.__dict__ = {**vars(one)}
    return made


def copied_item(item: Item) -> Item:
    made = twin(item)
    made.attrs = LimitedSizeDict()
    dict.update(
        made.attrs,
        {name: copy.deepcopy(value) if value.type in NESTED else value for name, value in item.attrs.items()},
    )
    return made


def _bytes(text: Any) -> int:
    """A text of ASCII knows its length without being encoded."""
    return len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode())


def _size(value: DynamoType) -> int:
    """Moto copies each member of a map, with all that is in it, to ask its size."""
    kind, held = value.type, value.value
    if kind == "S":
        return _bytes(held)
    if kind == "N":
        return len(str(held))
    if kind == "M":
        return sum(_bytes(name) + _size_of(each) for name, each in held.items())
    if kind == "L":
        return sum(each.size() for each in held)
    if kind in {"SS", "NS", "BS"}:
        return sum(len(str(each)) if kind == "NS" else _bytes(each) for each in held)
    return 1 if isinstance(held, bool) else _bytes(held)


def _size_of(value: Any) -> int:
    return _size(value if type(value) is DynamoType else DynamoType(value))


def _size_in_item(value: Any) -> int:
    return _size(value) if type(value) is DynamoType else _bytes(str(value))


def _set_within_limit(held: LimitedSizeDict, name: str, value: Any) -> None:
    """Set a member, as moto does it, of which the size of all is asked."""
    present = sum(map(_size_in_item, held)) + sum(map(_size_in_item, held.values()))
    if present + _bytes(name) + _size_in_item(value) > LARGEST_ITEM:
        raise ItemSizeTooLarge
    dict.__setitem__(held, name, value)


def _fill(item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    """Moto measures all members again before it sets each: what the last one tells is enough."""
    item.hash_key, item.range_key = hash_key, range_key
    item.attrs = LimitedSizeDict()
    dict.update(item.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if item.size() > LARGEST_ITEM:
        raise ItemSizeTooLarge


def _item_size(item: Item) -> int:
    return sum(_bytes(name) + value.size() for name, value in item.attrs.items())


def _project_members(item: Item, expressions: list[list[str]]) -> Item:
    """Moto turns the whole item into Python's types and back, once for each member that is wanted."""
    if any(len(one) != 1 or "[" in one[0] for one in expressions):
        return _project(item, expressions)
    attrs = {name: copy.deepcopy(item.attrs[name]) for (name,) in expressions if name in item.attrs}
    return Item(hash_key=item.hash_key, range_key=item.range_key, attrs=attrs)


def _plain(told: Any) -> Any:
    """Moto asks each text and number whether it is a date, a value or can be JSON, before it takes it as it is."""
    kind = type(told)
    if kind in PLAIN:
        return told
    if kind is DynamoType:
        held = told.value
        if told.type == "B":
            return {"B": held if isinstance(held, bytes) else base64.b64decode(held)}
        return _to_dict(told) if told.type == "BS" else {told.type: _plain(held)}
    if kind is dict or kind is LimitedSizeDict:
        return {name: _plain(each) for name, each in told.items()}
    return [_plain(each) for each in told] if kind is list else _to_dict(told)


def _has_twins(handler: DynamoHandler, keys: Iterable[Any]) -> bool:
    """Moto compares each with each; texts can be counted."""
    told = list(keys)
    if all(type(each) is str for each in told):
        return len(set(told)) < len(told)
    return _contains_duplicates(handler, told)


QUICK = (
    (DynamoType, "__init__", _take),
    (DynamoType, "cast_value", property(_cast)),
    (DynamoType, "__eq__", _is_equal),
    (DynamoType, "__ne__", _is_other),
    (DynamoType, "__hash__", _hashed),
    (DynamoType, "__deepcopy__", _copied),
    (DynamoType, "size", _size),
    (LimitedSizeDict, "__setitem__", _set_within_limit),
    (Item, "__init__", _fill),
    (Item, "size", _item_size),
    (Item, "project", _project_members),
    (Table, "__deepcopy__", _copied_table),
    (moto.dynamodb.models.utilities, "dynamo_to_dict", _plain),
    (moto.dynamodb.responses, "dynamo_to_dict", _plain),
    (DynamoHandler, "_contains_duplicates", _has_twins),
)
