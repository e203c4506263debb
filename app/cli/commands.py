"""Commands for a terminal: `flask --app app.factory <command>`."""

import logging
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask

from app.cli import demo, redrive
from app.cli.audit import show_audit
from app.cli.backfill import backfill
from app.cli.doctor import examine
from app.cli.ingest import ingest_warnings
from app.cli.invite_command import invite
from app.cli.key_command import end_key
from app.cli.load_gazetteer import load_gazetteer
from app.cli.mail_command import allow_mail
from app.cli.push_static import push_static
from app.cli.queue_waiting import queue_waiting
from app.cli.staff_commands import create_admin, create_responder, reset_second_factor
from app.cli.switch_command import switch
from app.core import telemetry
from app.core.config import settings
from app.core.parse_time import parse_offset
from app.core.unicode_text import shown
from app.reports.importer import load
from app.reports.importer.load import READERS, ImportedFile, ImportTerms, Outcome
from app.reports.importer.row import FIELDS, ImportOptions, Unreadable

LONGEST_ACTIVE_HOURS = 24 * 366


def register(app: Flask) -> None:
    """Add the product's commands to the app's."""
    app.cli.add_command(create_admin)
    app.cli.add_command(create_responder)
    app.cli.add_command(reset_second_factor)
    app.cli.add_command(end_key)
    app.cli.add_command(allow_mail)
    app.cli.add_command(invite)
    app.cli.add_command(switch)
    app.cli.add_command(import_reports)
    app.cli.add_command(load_demo)
    app.cli.add_command(redrive_letters)
    app.cli.add_command(ingest_warnings)
    app.cli.add_command(push_static)
    app.cli.add_command(backfill)
    app.cli.add_command(queue_waiting)
    app.cli.add_command(load_gazetteer)
    app.cli.add_command(show_audit)
    app.cli.add_command(examine)


@click.command("demo")
@click.option("--sign-ins", type=click.Path(path_type=Path), help="File that keeps the demo accounts' pass-phrases.")
def load_demo(sign_ins: Path | None) -> None:
    """Load the demo flood and three demo accounts. Safe to repeat.

    A flood that is a day old is moved into the present.
    """
    phrases = demo.make_accounts(sign_ins)
    with (
        _without_log(),
        click.progressbar(
            length=demo.count(), label="Loading the demo", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar,
    ):
        loaded = demo.load(lambda: bar.update(1))
    if loaded.new:
        click.echo(f"The demo is loaded: {loaded.reports} invented reports and {loaded.warnings} warnings at Bath.")
    if sign_ins is None:
        for name, phrase in phrases.items():
            click.echo(f"  {name:<10} {phrase}")


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep lines of the log out of a command's own words, except warnings."""
    logger = telemetry.logger()
    level = logger.level
    logger.setLevel(max(level, logging.WARNING))
    try:
        yield
    finally:
        logger.setLevel(level)


@click.command("redrive")
@click.argument("queues", nargs=-1, type=click.Choice(redrive.EVERY_QUEUE))
def redrive_letters(queues: tuple[str, ...]) -> None:
    """Bring dead letters back to where they came from: those of QUEUES, or all. Safe to repeat.

    For a deployment, set RESOURCE_PREFIX, AWS_REGION and AWS_PROFILE. The exit status is 1 while letters remain.
    """
    if not settings().has_queues:
        raise click.ClickException("A local run has no queues. Set RESOURCE_PREFIX, AWS_REGION and AWS_PROFILE.")
    failed = 0
    for queue in queues or redrive.EVERY_QUEUE:
        tally = redrive.redrive(queue)
        click.echo(f"{queue}: {tally.done} brought back, {len(tally.failed)} still there")
        for reason in tally.failed:
            click.echo(f"  {shown(reason, 300)}", err=True)
        failed += len(tally.failed)
    if failed:
        raise click.exceptions.Exit(1)


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


def _offset(_context: click.Context, _parameter: click.Parameter, text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_offset(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "format_", type=click.Choice(list(READERS)), required=True, help="What the file is.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    callback=_columns,
    metavar="FIELD=COLUMN",
    help="Where a field stands, when it is not found: observed_at=seen_on; a.b for b inside the object a.",
)
@click.option("--shift-to-now", is_flag=True, help="Move all times by one constant so that the newest is now.")
@click.option(
    "--active-hours",
    type=click.IntRange(1, LONGEST_ACTIVE_HOURS),
    help="How long after its time each report is active. Without it past reports are history.",
)
@click.option(
    "--utc-offset",
    callback=_offset,
    metavar="+HH:MM",
    help="Of times without a zone. PetaBencana's are +07:00, all others UTC.",
)
@click.option(
    "--date-order",
    type=click.Choice(["dmy", "mdy"]),
    help="Of dates such as 1/2/2000. Found out from the whole column where it shows; else mdy.",
)
@click.option("--source", default="", help="Name of the data set: keeps apart two with the same ids and columns.")
def import_reports(file: Path, format_: str, columns: dict[str, str], **options: Any) -> None:
    """Load reports from FILE. Safe to repeat: a report that is already stored is left unchanged.

    Only a row without a usable place or time is refused; each is printed on stderr with the reason. The exit status is
    0 if every usable row is stored; it is 1 if the file cannot be read, holds no usable row, or the database fails
    half-way (the work done until then is printed).
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    day_first = None if options["date_order"] is None else options["date_order"] == "dmy"
    terms = ImportTerms(format_, options["source"].strip(), options["shift_to_now"], options["active_hours"])
    try:
        imported = load.import_file(file.read_bytes(), ImportOptions(columns, options["utc_offset"], day_first), terms)
    except Unreadable as error:
        raise click.ClickException(str(error)) from error
    _tell_rows(imported)
    _store(imported)
    if not imported.reports:
        raise click.ClickException("No row of the file can be used.")


def _tell_rows(imported: ImportedFile) -> None:
    for remark in imported.remarks:
        click.echo(f"note: {remark}", err=True)
    for row in imported.refused:
        click.echo(f"refused: {row.where}{_named(row.own_id)}: {row.reason}", err=True)
    for repeated in imported.repeated:
        click.echo(f"repeated: {repeated}", err=True)
    for field, times in imported.left_out.items():
        click.echo(f"note: {field} left out of {times} rows: not a value that a report may have", err=True)


def _named(own_id: str | None) -> str:
    return "" if own_id is None else f", id {shown(own_id)}"


def _store(imported: ImportedFile) -> None:
    """Store with a progress bar on a terminal; print what was done, however it ends."""
    counts: Counter[Outcome] = Counter()
    total = len(imported.reports)
    try:
        with click.progressbar(length=total, label="Storing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for outcome in load.store(imported.reports):
                counts[outcome] += 1
                bar.update(1)
    except (Exception, KeyboardInterrupt) as error:
        _tell_counts(imported, counts)
        reason = shown(f"{type(error).__name__} {error}", 300)
        raise click.ClickException(
            f"Stopped after {counts.total()} of {total} reports: {reason}. Run it again; nothing is doubled."
        ) from error
    _tell_counts(imported, counts)


def _tell_counts(imported: ImportedFile, counts: Counter[Outcome]) -> None:
    if elsewhere := counts[Outcome.ELSEWHERE]:
        click.echo(
            f"note: {elsewhere} of those already there lie at another place: are they of another data set with the same"
            " ids? Then say --source NAME.",
            err=True,
        )
    there = counts[Outcome.PRESENT] + counts[Outcome.ELSEWHERE]
    click.echo(
        f"{counts[Outcome.CREATED]} created, {there} already there, {len(imported.repeated)} repeated in the file, "
        f"{len(imported.refused)} refused."
    )
