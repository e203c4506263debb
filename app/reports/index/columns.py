"""Encode entries as columns by name for tile documents (format 2), and decode them.

An absent column has its field's default. An unknown column is kept with its rows: after a roll-back and a roll-forward,
documents that this release wrote in between still hold all that the reports hold. Times are stored as differences: a
third smaller when compressed, so that more rows fit.
"""

import json
import zlib
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from app.reports.entry import DEFAULTS, STORED_COLUMNS, Entry, sort_key

FORMAT = 2
KEYS = ("id", "step", "observed", "updated", "life")
GRAVE_ROWS = "grave"  # the member with rows of its own
TIMES = ("observed", "updated", "expires")
# The columns whose values are stored as they are, with the names of their fields.
PLAIN = {stored: name for stored, name in STORED_COLUMNS.items() if stored not in TIMES}


class Unreadable(ValueError):
    """Bytes without a document that this release can read: truncated, or of a later format."""


def text_of(content: dict[str, Any], rows: list[Entry]) -> bytes:
    """Serialise a document: its non-empty members and its rows, also those of `grave`."""
    members = {name: _columns(value) if name == GRAVE_ROWS else value for name, value in content.items() if value}
    document = {"format": FORMAT, **members, "columns": _columns(rows)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def read(packed: bytes, members: Iterable[str]) -> dict[str, Any]:
    """Read a document's known members and its rows. Raises Unreadable."""
    try:
        content = json.loads(zlib.decompress(packed))
        if content["format"] != FORMAT:
            raise Unreadable("It is of another format.")
        known = {name: content[name] for name in members if name in content}
        return known | {"rows": _rows(content["columns"]), GRAVE_ROWS: _rows(content.get(GRAVE_ROWS, {}))}
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable("It is damaged.") from error


def _columns(rows: list[Entry]) -> dict[str, list[Any]]:
    before = 0
    columns: dict[str, list[Any]] = {"id": [row.id for row in rows], "step": []}
    for row in rows:
        columns["step"].append(before - row.created_at_ms)
        before = row.created_at_ms
    columns["observed"] = [row.observed_at_ms - row.created_at_ms for row in rows]
    columns["updated"] = [row.updated_at_ms - row.created_at_ms for row in rows]
    columns["life"] = [row.expires_at_ms - row.observed_at_ms for row in rows]
    columns |= {stored: [getattr(row, name) for row in rows] for stored, name in PLAIN.items()}
    others = {name for row in rows for name in row.others or ()} - columns.keys()
    columns |= {name: [(row.others or {}).get(name) for row in rows] for name in sorted(others)}
    return {
        stored: values
        for stored, values in columns.items()
        if any(value != DEFAULTS.get(PLAIN.get(stored, ""), "") for value in values)
    }


def _rows(columns: dict[str, list[Any]]) -> list[Entry]:
    if not columns:
        return []
    ids = columns["id"]
    created = [-steps for steps in accumulate(columns["step"])]
    observed = [at_ms + later_ms for at_ms, later_ms in zip(created, columns["observed"], strict=True)]
    values: dict[str, Iterable[Any]] = {name: _plain(columns, stored, len(ids)) for stored, name in PLAIN.items()}
    values |= {
        "id": ids,
        "sort": map(sort_key, created, ids),
        "observed_at_ms": observed,
        "updated_at_ms": [at_ms + later_ms for at_ms, later_ms in zip(created, columns["updated"], strict=True)],
        "expires_at_ms": [at_ms + life_ms for at_ms, life_ms in zip(observed, columns["life"], strict=True)],
        "others": _others(columns, len(ids)),
    }
    return list(map(Entry._make, zip(*(values[name] for name in Entry._fields), strict=True)))


def _plain(columns: dict[str, list[Any]], stored: str, count: int) -> list[Any]:
    """Return a column with its default in place of null: a release that did not know the field wrote null."""
    name = PLAIN[stored]
    if stored not in columns and name in DEFAULTS:
        return [DEFAULTS[name]] * count
    values, default = columns[stored], DEFAULTS.get(name)
    if default is None or None not in values:
        return values
    return [default if value is None else value for value in values]


def _others(columns: dict[str, Any], count: int) -> list[dict[str, Any] | None]:
    """Return each row's values of unknown columns; whatever is not a column of these rows is ignored."""
    unknown = columns.keys() - {*KEYS, *PLAIN}
    unknown = {name for name in unknown if isinstance(columns[name], list) and len(columns[name]) == count}
    if not unknown:
        return [None] * count
    unknown_values = ({name: columns[name][number] for name in unknown} for number in range(count))
    return [{name: value for name, value in row.items() if value is not None} or None for row in unknown_values]
