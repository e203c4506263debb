"""Queries of moto's DynamoDB, which puts a whole table in order and copies each row by Python's general means."""

from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from tests.quick_values import copied_item, twin

_query = Table.query
Conditions = list[tuple[str, DynamoType]]


def _asked(
    table: Table, hash_key: DynamoType | None, *told: Any, hash_key_conditions: Conditions | None = None, **more: Any
) -> Any:
    """Let moto look at the rows of one key alone, in a copy of the table that knows no others.

    Several threads ask one table, so the table itself stays as it is. Moto sorts what it has found by all keys.
    """
    names = dict(zip(_NAMES, told, strict=False))
    found = _with_values(table, hash_key_conditions or []) if names.get("index_name") else _of_key(table, hash_key)
    seen = twin(table)
    vars(seen)["all_items"] = lambda: found
    return _query(seen, hash_key, *told, hash_key_conditions=hash_key_conditions, **more)


_NAMES = ("range_comparison", "range_objs", "limit", "exclusive_start_key", "scan_index_forward")
_NAMES += ("projection_expressions", "index_name")


def _of_key(table: Table, hash_key: DynamoType | None) -> list[Item]:
    held: Any = table.items.get(hash_key)  # type: ignore[call-overload]
    if held is None:
        return []
    return sorted(held.values(), key=_place) if table.range_key_attr else [held]


def _with_values(table: Table, conditions: Conditions) -> list[Item]:
    return [
        item
        for item in _rows(table)
        if all((held := item.attrs.get(name)) is not None and held == value for name, value in conditions)
    ]


def _rows(table: Table) -> list[Item]:
    held: Any = list(table.items.values())
    return [item for items in held for item in list(items.values())] if table.range_key_attr else held


def _all(table: Table) -> list[Item]:
    """Return all rows by their keys: values themselves are compared, and not moto's objects around them."""
    return sorted(_rows(table), key=_place)


def _place(item: Item) -> tuple[Any, ...]:
    own = item.hash_key.cast_value
    return (own, item.range_key.cast_value) if item.range_key else (own,)


def _sorted(table: Table, hash_keys: list[str], range_keys: list[str | None], items: list[Item]) -> list[Item]:
    names = table._generate_attr_to_sort_by(hash_keys, range_keys)
    items.sort(key=lambda item: tuple([item.attrs[name].cast_value for name in names]))
    return items


QUICK = (
    (Table, "query", _asked),
    (Table, "all_items", _all),
    (Table, "sorted_items", _sorted),
    (Item, "__deepcopy__", lambda item, _: copied_item(item)),
)
