"""`flask import FILE`: load reports from a file of others."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import click

from app.cli.import_ending import Ending
from app.cli.import_options import import_choices, options_of
from app.cli.import_preview import Preview, tell_columns
from app.cli.import_refused import RefusedRows
from app.cli.import_telling import Tally, Waiting, Watched, how_to_go_on, position
from app.core import clock, replies
from app.core.config import settings
from app.core.parse_time import UnreadableTime
from app.core.unicode_text import shown
from app.pages.frame.land import is_at_sea
from app.reports.importer.forms import Form, form_of
from app.reports.importer.learn import Learned, learn
from app.reports.importer.load import ImportTerms, LoadedRow, take
from app.reports.importer.opening import Source, require_file
from app.reports.importer.row import Unreadable
from app.reports.importer.storing import GaveUp, Patience, Storing
from app.warnings.sources.flood_events import is_flood

INTERRUPTED = 130  # exit status, as of a shell
_ANSWERS = {"date_order": ("dmy", "mdy", "ymd"), "comma": ("decimal", "thousands")}


class _Run(NamedTuple):
    """One run of the command."""

    source: Source
    form: Form
    options: Mapping[str, Any]
    learned: Learned
    terms: ImportTerms

    def rows(self) -> Iterator[LoadedRow]:
        """Yield the rows from the one that the run begins with."""
        first = self.options["from_row"]
        return (loaded for loaded in take(self.source, self.form, self.learned, self.terms) if loaded.number >= first)


@click.command("import")
@click.argument("file")
@import_choices
def import_reports(file: str, **options: Any) -> None:
    """Load reports from FILE. Safe to repeat: a report that is already stored is left unchanged.

    Only a row without a usable place or time, or that reports no flood, is refused; the refused rows are written, each
    with its reason, to a CSV beside FILE. A database that is slow or fails is waited for. The exit status is 0 if every
    usable row is stored; it is 1 if the file cannot be read, holds no usable row, or the database does not come back,
    and 130 after Ctrl-C: then the work done until then is printed, and the command to go on.
    """
    if not options["dry_run"] and (missing := settings().missing_database()):
        raise click.ClickException(missing)
    ending = Ending()
    try:
        with ending.on_signals(), replies.waiting_longer():
            run = _learn(Source(require_file(file), encoding=options["encoding"]), options)
            for remark in run.learned.remarks:
                click.echo(f"note: {remark}", err=True)
            if options["dry_run"]:
                _preview(run)
            else:
                ending.be_gentle()
                _store(run, ending)
    except (Unreadable, UnreadableTime) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as error:
        if not ending.is_gentle:
            click.echo("\nEnded while the file was read; nothing was stored.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from error


def _learn(source: Source, options: dict[str, Any]) -> _Run:
    """Read the file once, and ask what only a person knows."""
    form = form_of(source, options["format_"])
    now_ms = options_of(options).now_ms or clock.now_ms()
    terms = ImportTerms(options["source"].strip(), options["shift_to_now"], options["active_hours"], now_ms)
    while True:
        with Watched("Reading", source.size) as bar:
            learned = learn(
                source,
                form,
                options_of(options).reading,
                is_at_sea=is_at_sea,
                is_flood=is_flood,
                progress=lambda rows: bar.reach(*position(source, None, rows, 0)),
            )
        if not learned.questions or options["dry_run"]:
            return _Run(source, form, options, learned, terms)
        options |= {name: _answered(name, question) for name, question in learned.questions.items()}


def _answered(name: str, question: str) -> str:
    """Ask on a terminal; elsewhere raise a sentence that says how to answer."""
    flag, answers = f"--{name.replace('_', '-')}", _ANSWERS[name]
    if not _is_answered_by_a_person():
        raise Unreadable(f"{question} Say {' or '.join(f'{flag} {answer}' for answer in answers)}.")
    answer: str = click.prompt(question, type=click.Choice(answers), err=True)
    return answer


def _is_answered_by_a_person() -> bool:
    return sys.stdin.isatty()


def _preview(run: _Run) -> None:
    tell_columns(run.source, run.form, run.learned)
    for name, question in run.learned.questions.items():
        flag = f"--{name.replace('_', '-')}"
        click.echo(f"To be answered with {' or '.join(f'{flag} {answer}' for answer in _ANSWERS[name])}: {question}")
    preview = Preview()
    for loaded in run.rows():
        preview.see(loaded)
    preview.tell()
    if not preview.is_any_usable:
        raise click.exceptions.Exit(1)


def _store(run: _Run, ending: Ending) -> None:
    """Store with a progress bar on a terminal; print what was done, however it ends."""
    first = run.options["from_row"]
    patience = Patience(run.options["patience"])
    waiting = Waiting(patience)

    def look() -> None:
        waiting.look()
        ending.check()

    storing = Storing(patience, on_wait=look)
    with RefusedRows(run.source.path, run.learned.names, goes_on=first > 1) as refused:
        tally = Tally(refused)
        tally.last_row = first - 1
        try:
            with Watched("Storing", run.learned.rows) as bar:
                for stored in storing.run(run.rows()):
                    tally.see(stored)
                    bar.reach(*position(run.source, run.learned, tally.last_row, refused.count))
                    look()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - told with the work done, then raised
            for stored in storing.rest():
                tally.see(stored)
            tally.counts.update(storing.beyond())
            tally.tell()
            _raise_with_next_command(run, tally.last_row, error)
        tally.tell()
    if first == 1 and not tally.counts.total():
        raise click.ClickException("No row of the file can be used.")


def _raise_with_next_command(run: _Run, last_row: int, error: BaseException) -> None:
    command = how_to_go_on(run.source.path, run.options, last_row + 1, run.terms.now_ms or 0)
    done = f"Stopped after {last_row} of {run.learned.rows} rows"
    if isinstance(error, KeyboardInterrupt):
        click.echo(f"{done}. Nothing is doubled if it is run again. To go on:\n  {command}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from error
    reason = str(error) if isinstance(error, GaveUp | Unreadable) else shown(f"{type(error).__name__} {error}", 300)
    raise click.ClickException(
        f"{done}, at row {last_row + 1}: {reason}. Nothing is doubled if it is run again. To go on:\n  {command}"
    ) from error
