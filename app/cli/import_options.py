"""Options of `flask import`, and what they mean."""

from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from typing import Any, NamedTuple

import click

from app.core import clock
from app.core.parse_time import UnreadableTime, day_and_month, parse_offset, parse_time
from app.reports.importer.forms import FORMS
from app.reports.importer.projection import READ, converter_of
from app.reports.importer.row import FIELDS, ImportOptions, Unreadable
from app.reports.importer.storing import PATIENCE_S
from app.reports.importer.text import USUAL_ENCODINGS, require_encoding

LONGEST_ACTIVE_HOURS = 24 * 366
_DAY_S = 86_400


class Meant(NamedTuple):
    """Meaning of the options."""

    reading: ImportOptions
    now_ms: int | None


def options_of(options: dict[str, Any]) -> Meant:
    """Return how the file is to be read, and the moment that counts as now."""
    offset = parse_offset(options["utc_offset"]) if options["utc_offset"] else None
    reading = ImportOptions(
        columns=options["map"],
        utc_offset=offset,
        day_first=None if options["date_order"] in (None, "ymd") else options["date_order"] == "dmy",
        is_year_first=options["date_order"] == "ymd",
        observed_at_ms=_moment(options["observed_at"], offset),
        is_comma_decimal=None if options["comma"] is None else options["comma"] == "decimal",
        takes_any_kind=options["any_kind"],
        crs=options["crs"],
    )
    return Meant(reading, _moment(options["now"], None))


def _moment(text: str | None, offset: timedelta | None) -> int | None:
    return None if text is None else parse_time(text, utc_offset=offset or timedelta(), order=None)


def _columns(_context: click.Context, _parameter: click.Parameter, assignments: tuple[str, ...]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for assignment in assignments:
        field, is_pair, column = assignment.partition("=")
        if not is_pair or not column or field not in FIELDS or field in columns:
            raise click.BadParameter(
                f"{assignment!r} is not FIELD=COLUMN, each field once. Fields: {', '.join(FIELDS)}."
            )
        columns[field] = column
    return columns


def _offset(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    try:
        return text if text is None or parse_offset(text) is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _time(_context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    try:
        if day_and_month(text):
            raise UnreadableTime(f"{text} can be read in more than one order")
        if (moment := _moment(text, None)) is not None and moment > clock.now_ms() + _DAY_S * 1000:
            raise click.BadParameter(f"{text} is still to come.")
    except UnreadableTime as error:
        raise click.BadParameter(f"{error}. Write it as 2026-11-30T18:00:00Z.") from error
    return text


def _system(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    try:
        converter_of(text)
    except Unreadable as error:
        raise click.BadParameter(f"{text!r} is not read here; read are {READ}.") from error
    return text


def _encoding(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    try:
        if name:
            require_encoding(name)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return name


_OPTIONS = (
    click.option(
        "--format",
        "format_",
        type=click.Choice(["auto", *FORMS]),
        default="auto",
        show_default=True,
        help="What the file is; gzip and zip are unpacked.",
    ),
    click.option(
        "--map",
        multiple=True,
        callback=_columns,
        metavar="FIELD=COLUMN",
        help="Where a field stands, when it is not found: observed_at=seen_on; a.b for b inside the object a.",
    ),
    click.option("--dry-run", is_flag=True, help="Store nothing; show the columns, five rows, and what is refused."),
    click.option("--observed-at", callback=_time, metavar="TIME", help="Time of the rows that state none."),
    click.option("--shift-to-now", is_flag=True, help="Move all times by one constant so that the newest is now."),
    click.option(
        "--active-hours",
        type=click.IntRange(1, LONGEST_ACTIVE_HOURS),
        help="How long after its time each report is active. Without it past reports are history.",
    ),
    click.option(
        "--utc-offset",
        callback=_offset,
        metavar="+HH:MM",
        help="Of times without a zone. PetaBencana's are +07:00, all others UTC.",
    ),
    click.option(
        "--date-order",
        type=click.Choice(["dmy", "mdy", "ymd"]),
        help="Of dates such as 1/2/2000 and 24/01/15. Found out from the whole column where it shows; else asked for.",
    ),
    click.option(
        "--comma", type=click.Choice(["decimal", "thousands"]), help="What 1,000 is, where the column does not show it."
    ),
    click.option(
        "--any-kind",
        is_flag=True,
        help="Take rows, too, whose columns name another hazard, or deny that it was a flood.",
    ),
    click.option("--crs", default="", callback=_system, metavar="EPSG:..", help=f"System of the places: {READ}."),
    click.option(
        "--encoding",
        default="",
        callback=_encoding,
        metavar="NAME",
        help=f"Of tables and JSON that are neither UTF-8 nor UTF-16: {USUAL_ENCODINGS}, ...",
    ),
    click.option("--source", default="", help="Name of the data set: keeps apart two with the same ids and columns."),
    click.option(
        "--patience",
        type=click.FloatRange(0, _DAY_S),
        default=PATIENCE_S,
        show_default=True,
        metavar="SECONDS",
        help="How long a database without any answer is waited for.",
    ),
    click.option("--from-row", type=click.IntRange(1), default=1, help="Row to go on from, after a run that stopped."),
    click.option("--now", callback=_time, metavar="TIME", help="Moment of the run that is continued (--shift-to-now)."),
)


def import_choices(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all options to the command."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)
