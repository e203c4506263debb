"""Messages of an import to a person: progress on a terminal, refused rows, counts, and how to go on."""

import os
import shlex
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import click
from click._termui_impl import ProgressBar

from app.cli.import_refused import RefusedRows
from app.core import clock
from app.core.settings_groups import TYPED_AS
from app.core.unicode_text import shown
from app.reports.importer.interpret import LONGEST
from app.reports.importer.learn import Learned
from app.reports.importer.load import LoadedRow
from app.reports.importer.opening import Source
from app.reports.importer.row import RefusedRow, Row
from app.reports.importer.storing import PATIENCE_S, Outcome, Patience, Stored

MOST_TOLD = 50  # lines of one kind; the file of refused rows has them all
_REDRAW_S = 0.2
_SAY_WAITING_S = 3.0


class Notes:
    """Counts of what is left out of rows or cut, with the first row of each."""

    def __init__(self) -> None:
        self._left_out: Counter[str] = Counter()
        self._cut: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def see(self, loaded: LoadedRow, row: Row) -> None:
        """Count what of a row is left out or cut."""
        self._left_out.update(loaded.left_out)
        self._cut.update(row.cut)
        for name in (*loaded.left_out, *row.cut):
            self._first.setdefault(name, row.where)

    def tell(self) -> None:
        """Tell it on stderr."""
        for name, rows in self._left_out.items():
            first = self._first[name]
            click.echo(
                f"note: {name} left out of {_rows(rows)}: not a value that a report may have (the first: {first})",
                err=True,
            )
        for name, rows in self._cut.items():
            first = self._first[name]
            click.echo(
                f"note: {name} cut to {LONGEST[name]:,} characters in {_rows(rows)} (the first: {first})", err=True
            )


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


class Tally:
    """Counts of a run, and its lines on stderr."""

    def __init__(self, refused: RefusedRows) -> None:
        self.refused = refused
        self.counts: Counter[Outcome] = Counter()
        self.last_row = 0
        self._notes = Notes()
        self._told: Counter[str] = Counter()

    def see(self, stored: Stored) -> None:
        """Count one row, and tell what is to be told of it."""
        loaded = stored.loaded
        self.last_row = loaded.number
        if isinstance(loaded.row, RefusedRow):
            self.refused.add(loaded.row)
            self._tell("refused", f"{loaded.row.where}{_named(loaded.row.own_id)}: {loaded.row.reason}")
            return
        if stored.outcome:
            self.counts[stored.outcome] += 1
        if stored.outcome is Outcome.REPEATED:
            self._tell("repeated", f"{loaded.row.where}: {stored.how}")
            return
        self._notes.see(loaded, loaded.row)

    def tell(self) -> None:
        """Tell the counts on stdout, and where the refused rows are."""
        self._notes.tell()
        if elsewhere := self.counts[Outcome.ELSEWHERE]:
            click.echo(
                f"note: {elsewhere} of those already there lie at another place: are they of another data set with the "
                "same ids? Then say --source NAME.",
                err=True,
            )
        if self.refused.fault:
            click.echo(f"note: {self.refused.fault}; the refused rows are only told here", err=True)
        elif self.refused.count:
            click.echo(f"note: the refused rows are in {self.refused.path}, each with its reason", err=True)
        there = self.counts[Outcome.PRESENT] + self.counts[Outcome.ELSEWHERE]
        click.echo(
            f"{self.counts[Outcome.CREATED]} created, {there} already there, "
            f"{self.counts[Outcome.REPEATED]} repeated in the file, {self.refused.count} refused."
        )

    def _tell(self, kind: str, line: str) -> None:
        self._told[kind] += 1
        if self._told[kind] <= MOST_TOLD:
            click.echo(f"{kind}: {line}", err=True)
        elif self._told[kind] == MOST_TOLD + 1:
            click.echo(f"{kind}: and more, which are counted below", err=True)


class Watched:
    """A progress bar on a terminal; nothing elsewhere. It is drawn at most five times a second."""

    def __init__(self, label: str, length: int) -> None:
        self.words = ""
        self._drawn_s = self._drawn = 0.0
        hidden = not sys.stderr.isatty()
        self._bar: ProgressBar[int] = click.progressbar(
            length=max(length, 1), label=label, file=sys.stderr, hidden=hidden, item_show_func=lambda _: self.words
        )

    def __enter__(self) -> "Watched":
        self._bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._bar.update(max(0, (self._bar.length or 0) - int(self._drawn)), 0)
        self._bar.__exit__(kind, error, at)

    def reach(self, place: int, words: str) -> None:
        """Show how far the work is, and these words behind the bar."""
        now_s = clock.running_s()
        if now_s - self._drawn_s < _REDRAW_S:
            return
        self.words = words
        self._bar.update(max(0, place - int(self._drawn)), 0)
        self._drawn_s, self._drawn = now_s, place


class Waiting:
    """Tells that the database is waited for, once for each time."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._is_told = False

    def look(self) -> None:
        """Tell it if the database has been silent for some seconds, or answers again."""
        silent_s, reason = self._patience.waiting()
        if reason and silent_s > _SAY_WAITING_S and not self._is_told:
            self._is_told = True
            click.echo(f"note: waiting for the database, up to {self._patience.seconds:.0f} s: {reason}", err=True)
        elif not reason and self._is_told:
            self._is_told = False
            click.echo("note: the database answers again", err=True)


def how_to_go_on(file: Path, options: Mapping[str, Any], row: int, now_ms: int) -> str:
    """Return the command that goes on with a row, as the person typed this one."""
    words = [word for name, value in options.items() for word in _option(name, value)]
    words += ["--from-row", str(row)]
    if options.get("shift_to_now"):
        words += ["--now", clock.rfc3339(now_ms)]
    typed = os.environ.get(TYPED_AS, "")
    if typed:
        form = options.get("format_") or "auto"
        rest = shlex.join([word for word in words if word not in ("--format", form)])
        return f"{typed} FILE={shlex.quote(str(file))} FORMAT={form} ARGS={shlex.quote(rest)}"
    return f"flask --app app.factory import {shlex.quote(str(file))} {shlex.join(words)}"


def _option(name: str, value: Any) -> list[str]:
    flag = f"--{name.strip('_').replace('_', '-')}"
    is_default = value in (None, False, "") or (name, value) in (("format_", "auto"), ("patience", PATIENCE_S))
    if is_default or name in ("from_row", "now", "dry_run"):
        return []
    if value is True:
        return [flag]
    if isinstance(value, Mapping):
        return [word for field, column in value.items() for word in ("--map", f"{field}={column}")]
    return [flag, str(value)]


def position(source: Source, learned: Learned | None, rows: int, refused: int) -> tuple[int, str]:
    """Return the place on the bar and the words behind it."""
    if learned is None:
        return source.position, f"{rows:,} rows"
    return rows, f"{rows:,} of {learned.rows:,} rows, {refused:,} refused"


def _named(own_id: str | None) -> str:
    return "" if own_id is None else f", id {shown(own_id)}"
