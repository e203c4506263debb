"""`flask backfill`: fill the indexes and tile documents of a new release, so that readers may use them."""

import sys
import time
from collections.abc import Callable, Iterable

import click

from app.core import dynamodb
from app.core.config import settings
from app.reports.index import backfill as backfilling
from app.reports.index import completeness, rebuild
from app.reports.models import Report

ROWS, CELLS = "reports", "cells"  # names of their positions; those of an earlier release held more


@click.command("backfill")
@click.argument("copies", nargs=-1, type=click.Choice(completeness.COPIES))
@click.option("--rate", type=click.IntRange(1), default=100, show_default=True, help="Reports a second, at most.")
def backfill(copies: tuple[str, ...], rate: int) -> None:
    """Fill indexes and tile documents (COPIES; default: all that are not complete), then let readers use them.

    Safe to repeat: it resumes where it was stopped, and changes nothing that is complete.
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    completeness.mark_root()
    complete = completeness.read_notes().copies or set()
    copies_to_fill = [copy for copy in completeness.COPIES if (copy in copies if copies else copy not in complete)]
    filled = [copy for copy in copies_to_fill if copy in completeness.INDEXES]
    if filled:
        check_active({*filled, completeness.BY_DAY})
        fill_rows(filled, rate)
    if completeness.TILES in copies_to_fill:
        fill_tiles(rate)
    click.echo(f"Complete: {', '.join(copies_to_fill) or 'everything was already'}.")


def check_active(copies: Iterable[str]) -> None:
    """Refuse to run until DynamoDB has the indexes ready."""
    states = dynamodb.index_states(Report.Meta.table_name)
    for copy in sorted(copies):
        if (state := states.get(copy)) is None:
            raise click.ClickException(f"The table {Report.Meta.table_name} has no index {copy} yet. Deploy it first.")
        if state != "ACTIVE":
            raise click.ClickException(f"The index {copy} is {state}. Wait until it is ACTIVE, then run this again.")


def fill_rows(copies: list[str], rate: int) -> None:
    """Add entries to reports, and note that the indexes are complete."""
    position = completeness.read_notes().positions.get(ROWS)
    places = backfilling.remaining(backfilling.partitions(), position and position["at"])
    pace, row_count, completed_count = paced(rate), 0, 0
    with progress(len(places), "Reports") as bar:
        for step in backfilling.read_partitions(places):
            completed_count += backfilling.complete_rows(step.reports)
            row_count += len(step.reports)
            completeness.note_position(ROWS, {"at": list(step.position)})
            bar.update(step.is_last)
            pace(row_count)
    close(copies, ROWS)
    click.echo(f"{row_count} reports read, {completed_count} completed.")


def fill_tiles(rate: int) -> None:
    """Rebuild all tile documents, and note that they are complete."""
    if completeness.BY_CELL not in (completeness.read_notes().copies or set()):
        raise click.ClickException(f"Fill {completeness.BY_CELL} first: the tiles are made from it.")
    position = completeness.read_notes().positions.get(CELLS)
    cells = [cell for cell in rebuild.known_cells() if not position or cell > position["at"]]
    pace, done = paced(rate), 0
    with progress(len(cells), "Cells") as bar:
        for cell in rebuild.build_all(cells):
            completeness.note_position(CELLS, {"at": cell})
            bar.update(cells.index(cell) + 1 - done)
            done = cells.index(cell) + 1
            pace(done)
    close([completeness.TILES], CELLS)
    click.echo(f"{len(cells)} cells made.")


def close(copies: list[str], part: str) -> None:
    """Note that copies are complete, unless an earlier release has written in between."""
    completeness.note_position(part, None)
    if completeness.is_root_foreign():
        raise click.ClickException("An earlier release has served meanwhile. When it no longer does, run this again.")
    completeness.note_complete(copies)


def progress(length: int, label: str) -> "click._termui_impl.ProgressBar[int]":
    """Return a progress bar on a terminal, nothing elsewhere."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def paced(rate: int) -> Callable[[int], None]:
    """Return a function that waits until the rate allows a number of items to be done."""
    began = time.monotonic()

    def pace(done: int) -> None:
        time.sleep(max(0.0, done / rate - (time.monotonic() - began)))

    return pace
