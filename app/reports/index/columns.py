"""Entries turned into columns by name, as tile documents hold them (format 2), and back.

A column that is absent has its field's default, one that nobody here knows is passed over. Times are differences: a
third smaller when compressed, so that more rows fit.
"""

import json
import zlib
from collections.abc import Iterable
from typing import Any

from app.reports.entry import DEFAULTS, STORED, Entry, sort_key

FORMAT = 2
TIMES = ("observed", "updated", "expires")
PLAIN = [name for name in STORED if name not in TIMES]


class Unreadable(ValueError):
    """Bytes that hold no document for this release: cut, or of a later format."""


def text_of(content: dict[str, Any], rows: list[Entry]) -> bytes:
    """A document's text: its members that say something, and its rows."""
    members = {name: value for name, value in content.items() if value}
    told = {"format": FORMAT, **members, "columns": _columns(rows)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read(packed: bytes, members: Iterable[str]) -> dict[str, Any]:
    """A document's known members, rows among them. Raises Unreadable."""
    try:
        content = json.loads(zlib.decompress(packed))
        if content["format"] != FORMAT:
            raise Unreadable("It is of another format.")
        rows = _rows(content["columns"])
        return {name: content[name] for name in members if name in content} | {"rows": rows}
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable("It is damaged.") from error


def _columns(rows: list[Entry]) -> dict[str, list[Any]]:
    before = 0
    columns: dict[str, list[Any]] = {"id": [row.id for row in rows], "step": []}
    for row in rows:
        columns["step"].append(before - row.created)
        before = row.created
    columns |= {name: [getattr(row, name) - row.created for row in rows] for name in ("observed", "updated")}
    columns["life"] = [row.expires - row.observed for row in rows]
    columns |= {name: [getattr(row, name) for row in rows] for name in PLAIN}
    return {
        name: values for name, values in columns.items() if any(value != DEFAULTS.get(name, "") for value in values)
    }


def _rows(columns: dict[str, list[Any]]) -> list[Entry]:
    if not columns:
        return []
    count = len(columns["id"])
    absent = {name: [DEFAULTS[name]] * count for name in PLAIN if name not in columns and name in DEFAULTS}
    names = [name for name in PLAIN if name in columns or name in absent]
    plain = [(columns | absent)[name] for name in names]
    rows, created = [], 0
    times = (columns[name] for name in ("id", "step", "observed", "updated", "life"))
    for report_id, step, observed, updated, life, *values in zip(*times, *plain, strict=True):
        created -= step
        seen = created + observed
        known = dict(zip(names, values, strict=True))
        known |= {"observed": seen, "updated": created + updated, "expires": seen + life}
        rows.append(Entry(report_id, sort_key(created, report_id), **known))
    return rows
