"""`flask backfill`: fill the indexes and tile documents of a new release, so that readers may use them."""

import sys
import time
from collections.abc import Callable
from datetime import datetime

import click

from app.core import clock, dynamodb
from app.core.config import settings
from app.reports.index import backfill as backfilling
from app.reports.index import completeness, rebuild
from app.reports.models import Report

MARGIN_MS = clock.HOUR_MS  # clocks differ, and a deployment takes time
ROWS = "rows"


@click.command("backfill")
@click.argument("copies", nargs=-1, type=click.Choice(completeness.COPIES))
@click.option("--rate", type=click.IntRange(1), default=100, show_default=True, help="Reports a second, at most.")
@click.option("--since", type=click.DateTime(), help="Only reports made or changed since this time (UTC).")
@click.option("--all", "is_all", is_flag=True, help="All reports, even those that are known to be complete.")
def backfill(copies: tuple[str, ...], rate: int, since: datetime | None, is_all: bool) -> None:
    """Fill indexes and tile documents (COPIES; default: all that are not complete), then let readers use them.

    Safe to repeat: it resumes where it was stopped, and changes nothing that is complete. If the previous release has
    served since a copy was complete, only reports made or changed since then are read.
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    complete = completeness.read_notes().copies or set()
    copies_to_fill = [copy for copy in completeness.COPIES if (copy in copies if copies else copy not in complete)]
    filled = [copy for copy in copies_to_fill if copy in completeness.INDEXES]
    check_active(filled)
    if filled:
        since_ms = int(since.timestamp() * 1000) if since else None
        fill_rows(filled, rate, since_ms=since_ms, is_all=is_all)
    if completeness.TILES in copies_to_fill:
        fill_tiles(rate)
    click.echo(f"Complete: {', '.join(copies_to_fill) or 'everything was already'}.")


def check_active(copies: list[str]) -> None:
    """Refuse to run until DynamoDB has the indexes ready."""
    states = dynamodb.index_states(Report.Meta.table_name)
    for copy in copies:
        if (state := states.get(copy)) is None:
            raise click.ClickException(f"The table {Report.Meta.table_name} has no index {copy} yet. Deploy it first.")
        if state != "ACTIVE":
            raise click.ClickException(f"The index {copy} is {state}. Wait until it is ACTIVE, then run this again.")


def fill_rows(copies: list[str], rate: int, *, since_ms: int | None, is_all: bool) -> None:
    """Add entries to reports, and note that the indexes are complete."""
    noted, began = completeness.read_notes(), clock.now_ms()
    if since_ms is None and not is_all and all(copy in noted.since for copy in copies):
        since_ms = min(noted.since[copy] for copy in copies) - MARGIN_MS
    position = noted.positions.get(ROWS) if since_ms is None else None
    if position:
        began = position["began"]
    places = backfilling.remaining(backfilling.partitions(since_ms=since_ms), position and position["at"])
    pace, row_count, completed_count = paced(rate), 0, 0
    with progress(len(places), "Reports") as bar:
        for step in backfilling.read_partitions(places):
            completed_count += backfilling.complete_rows(step.reports)
            row_count += len(step.reports)
            if since_ms is None:
                completeness.note_position(ROWS, {"at": list(step.position), "began": began})
            bar.update(step.is_last)
            pace(row_count)
    close(copies, ROWS, began)
    click.echo(f"{row_count} reports read, {completed_count} completed.")


def fill_tiles(rate: int) -> None:
    """Rebuild all tile documents, and note that they are complete."""
    if completeness.BY_CELL not in (completeness.read_notes().copies or set()):
        raise click.ClickException(f"Fill {completeness.BY_CELL} first: the tiles are made from it.")
    position, began = completeness.read_notes().positions.get(completeness.TILES), clock.now_ms()
    cells = rebuild.known_cells()
    if position:
        cells, began = [cell for cell in cells if cell > position["at"]], position["began"]
    pace, done = paced(rate), 0
    with progress(len(cells), "Cells") as bar:
        for cell in rebuild.build_all(cells):
            completeness.note_position(completeness.TILES, {"at": cell, "began": began})
            bar.update(cells.index(cell) + 1 - done)
            done = cells.index(cell) + 1
            pace(done)
    close([completeness.TILES], completeness.TILES, began)
    click.echo(f"{len(cells)} cells made.")


def close(copies: list[str], part: str, began: int) -> None:
    """Note that copies are complete."""
    completeness.note_position(part, None)
    completeness.note_complete(copies, since_ms=began)


def progress(length: int, label: str) -> "click._termui_impl.ProgressBar[int]":
    """Return a progress bar on a terminal, nothing elsewhere."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def paced(rate: int) -> Callable[[int], None]:
    """Return a function that waits until so many items may have been done."""
    began = time.monotonic()

    def pace(done: int) -> None:
        time.sleep(max(0.0, done / rate - (time.monotonic() - began)))

    return pace
