"""Figures as Markdown tables, one for each measure; docs/performance.md holds such tables."""

from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]
_BY_SIZE = {
    "list": ("question", "page"),
    "act": ("question",),
}
_HIDDEN = ("measure", "part", "by_call", "modules_ratio", "import_ms_ratio", "warm_health_us_ratio", "cold_ms_ratio")


def render(records: Iterable[Record]) -> str:
    """Render all tables, in the order of the measures."""
    kinds: dict[str, list[Record]] = {}
    for record in records:
        kinds.setdefault(record.get("measure") or record["part"], []).append(record)
    return "\n".join(f"## {kind}\n\n{_table(kind, rows)}\n" for kind, rows in kinds.items())


def _table(kind: str, rows: list[Record]) -> str:
    if kind in _BY_SIZE:
        return _sizes_beside(rows, _BY_SIZE[kind])
    columns = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in _HIDDEN]
    return _lines(
        [name.replace("_", " ") for name in columns], [[row.get(name, "") for name in columns] for row in rows]
    )


def _sizes_beside(rows: list[Record], keys: tuple[str, ...]) -> str:
    """Render one line for each query, one column for each size: units mean (max) · rounds mean (max) · calls."""
    sizes = sorted({row["stored"] for row in rows})
    lines: dict[tuple[str, ...], dict[int, str]] = {}
    for row in rows:
        lines.setdefault(tuple(row[key] for key in keys), {})[row["stored"]] = _cell(row)
    head = [*keys, *(f"{size:,} stored" for size in sizes)]
    return _lines(head, [[*names, *(cells.get(size, "") for size in sizes)] for names, cells in lines.items()])


def _cell(row: Record) -> str:
    if "rounds" not in row:
        return f"{row['read_units']:g} read, {row['write_units']:g} write · {row['calls']} calls"
    units = f"{row['read_units']:.1f} ({row['read_units_max']:g})"
    return f"{units} · {row['rounds']:.1f} ({row['rounds_max']}) · {row['calls']:.1f}"


def _lines(head: list[str], body: list[list[Any]]) -> str:
    rows = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
