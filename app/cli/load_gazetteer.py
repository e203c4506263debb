"""`flask load-gazetteer`: load the gazetteer's pack into its table."""

import sys
from pathlib import Path

import click

from app.core import dynamodb
from app.core.config import settings
from app.core.unicode_text import shown
from app.gazetteer import loading, pack_file


@click.command("load-gazetteer")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False, default=pack_file.FILE
)
def load_gazetteer(file: Path) -> None:
    """Load the gazetteer's pack: the one of this version of the product, or FILE. Safe to repeat.

    It is stored beside the current one, which stays in use until the new one is complete. An interrupted run resumes
    where it stopped. For a deployment, set RESOURCE_PREFIX, AWS_REGION and AWS_PROFILE.
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    try:
        about = pack_file.read_about(file)
        _load(file, int(about["blocks"]))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except dynamodb.FAILURES as error:
        reason = shown(f"{type(error).__name__} {error}", 300)
        raise click.ClickException(f"Stopped: {reason}. Run it again; it goes on where it stopped.") from error
    click.echo(f"The gazetteer {about['version']} of {about['date']} is in use: {about['blocks']:,} blocks.")


def _load(file: Path, total: int) -> None:
    with click.progressbar(
        length=total, label="Loading places", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        before = 0
        for progress in loading.load(file):
            bar.update(progress.stored - before)
            before = progress.stored
