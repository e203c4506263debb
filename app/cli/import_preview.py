"""Preview of an import: `flask import FILE --dry-run`."""

from collections import Counter
from collections.abc import Sequence

import click

from app.cli.import_telling import Notes
from app.core import clock
from app.core.parse_time import DateOrder
from app.core.unicode_text import shown
from app.reports.importer.forms import Form
from app.reports.importer.kinds import kind_columns
from app.reports.importer.learn import Learned
from app.reports.importer.load import LoadedRow
from app.reports.importer.opening import Source
from app.reports.importer.row import FIELDS, RefusedRow, Row

FIRST_ROWS, FIRST_REFUSED = 5, 20
_SEVERAL = 3  # columns of a field that are listed


class Preview:
    """Gathers the first rows and the first refusals; prints them on stdout."""

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._refused: list[str] = []
        self._counts: Counter[str] = Counter()
        self._notes = Notes()

    def see(self, loaded: LoadedRow) -> None:
        """Add one row to what the preview shows."""
        is_refused = isinstance(loaded.row, RefusedRow)
        self._counts["refused" if is_refused else "usable"] += 1
        if isinstance(loaded.row, RefusedRow) and len(self._refused) < FIRST_REFUSED:
            self._refused.append(f"  {loaded.row.where}: {loaded.row.reason}")
        if isinstance(loaded.row, Row):
            self._notes.see(loaded, loaded.row)
            if len(self._rows) < FIRST_ROWS:
                self._rows.append(_row(loaded))

    def tell(self) -> None:
        """Print the rows, and how many would be stored and refused."""
        click.echo("First rows:" if self._rows else "No row can be used.")
        for row in self._rows:
            click.echo(row)
        if self._refused:
            click.echo(f"Would be refused: {self._counts['refused']:,}")
            for reason in self._refused:
                click.echo(reason)
            if more := self._counts["refused"] - len(self._refused):
                click.echo(f"  ... and {more:,} more")
        self._notes.tell()
        click.echo(
            f"Nothing was stored. {self._counts['usable']:,} rows can be used, {self._counts['refused']:,} refused."
        )

    @property
    def is_any_usable(self) -> bool:
        """Return whether a row could be stored."""
        return self._counts["usable"] > 0


def tell_columns(source: Source, form: Form, learned: Learned) -> None:
    """Print what the file is and what each column was taken for."""
    how = ", ".join(filter(None, (form.name, source.encoding, source.packing and f"packed ({source.packing})")))
    click.echo(f"{source.path.name}: {how}; {learned.rows:,} rows")
    click.echo("Columns:")
    layout, used = learned.sense.layout, set[str]()
    for field in FIELDS:
        if columns := layout[field]:
            used |= set(columns)
            click.echo(f"  {field:<13} {_columns(columns)}{_how(field, learned)}")
    for name, columns, how in _beside(learned):
        if columns := [column for column in columns if column not in used]:
            used |= set(columns)
            click.echo(f"  {name:<13} {', '.join(shown(column, 40) for column in columns)}{how}")
    if not (layout["lat"] or layout["geometry"] or learned.sense.places.lat.numbers):
        click.echo(f"  {'place':<13} the geometry of each feature")
    if unused := [shown(name, 40) for name in learned.names if name not in used]:
        click.echo(f"  {'(not used)':<13} {', '.join(unused[:40])}{', ...' if len(unused) > 40 else ''}")


def _beside(learned: Learned) -> list[tuple[str, Sequence[str], str]]:
    """Return the columns that are read beside those of the fields: what for, which, and a remark."""
    places, times = learned.sense.places, learned.sense.times
    return [
        ("lat parts", places.lat.columns, ""),
        ("lon parts", places.lon.columns, ""),
        ("time of day", times.clocks, ""),
        ("time zone", times.zones, ""),
        ("kind", kind_columns(learned.names), " (a row that is no flood is refused)"),
    ]


def _columns(columns: Sequence[str]) -> str:
    told = ", else ".join(shown(name, 40) for name in columns[:_SEVERAL])
    return f"{told}, ..." if len(columns) > _SEVERAL else told


def _how(field: str, learned: Learned) -> str:
    if field in learned.by_values:
        return " (by its values)"
    if field != "observed_at":
        return ""
    times = learned.sense.times
    orders = sorted({_ordered(order) for path in times.columns if (order := times.orders.get(path))})
    offset = clock_offset(times.utc_offset.total_seconds())
    return f" ({'; '.join([*orders, f'without a zone {offset}'])})"


def _ordered(order: DateOrder) -> str:
    if order is DateOrder.UNKNOWN:
        return "day or month first? Say --date-order dmy, mdy or ymd"
    return f"dates are {order.value}"


def clock_offset(seconds: float) -> str:
    """Return an offset from UTC in words."""
    if not seconds:
        return "UTC"
    hours, minutes = divmod(abs(int(seconds)) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"


def _row(loaded: LoadedRow) -> str:
    report = loaded.report
    assert report
    depth = "" if report.depth_cm is None else f", {report.depth_cm:g} cm"
    title = "" if report.title is None else f", {shown(report.title)!r}"
    severity = "" if report.severity == "unknown" else f", {report.severity}"
    moment = clock.rfc3339(report.observed_at_ms)
    return f"  {loaded.row.where}: {report.lat:.6g}, {report.lon:.6g}, {moment}{depth}{severity}{title}"
