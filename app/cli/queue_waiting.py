"""`flask queue-waiting`: bring what earlier releases have stored into the responders' queue, and rate it."""

import click

from app.cli.backfill import paced, progress
from app.core.config import settings
from app.reports.index import completeness
from app.reports.index.models import ROOT, TileDocument
from app.review.warned_areas import EVERYWHERE, Area, steps_through

QUEUE = "queue"  # the name of its position among those of backfills


@click.command("queue-waiting")
@click.option("--rate", type=click.IntRange(1), default=100, show_default=True, help="Reports a second, at most.")
def queue_waiting(rate: int) -> None:
    """Rate every active report, and queue those that wait for a responder.

    For reports that an earlier release has stored, which come into the queue by themselves only with their next change.
    Safe to repeat: it resumes where it was stopped, and writes only rows that are missing or outdated.
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    noted = completeness.read_notes().positions.get(QUEUE) or {}
    area = Area(EVERYWHERE, str(noted.get("cell", "")), str(noted.get("before", "")))
    root = TileDocument.read([ROOT]).get(ROOT)
    pace, looked_at, written = paced(rate), 0, 0
    with progress(sum(root.counts.values()) if root else 0, "Reports") as bar:
        for step in steps_through(area):
            looked_at, written = looked_at + step.reports, written + step.written
            left = step.left and {"cell": step.left.cell, "before": step.left.before}
            completeness.note_position(QUEUE, left)
            bar.update(step.reports)
            pace(looked_at)
    click.echo(f"{looked_at} active reports looked at, {written} rows of the queue written.")
