"""`flask doctor`: check what a deployment promises about its records, and name what is wrong."""

from datetime import UTC, datetime

import click

from app.aws.buckets import BucketFailed
from app.core import clock, dynamodb
from app.core.config import settings
from app.core.retention import AUDIT_ROW
from app.review import audit_copy

_DAY = "%Y-%m-%d"


def _day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str:
    """Return a UTC day; by default yesterday. Raises BadParameter."""
    today = clock.day_of(clock.now_ms())
    if text is None:
        return clock.day_of(clock.now_ms() - clock.DAY_MS)
    try:
        day = datetime.strptime(text, _DAY).replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day, as 2026-01-05.") from None
    if not clock.day_of(clock.now_ms() - AUDIT_ROW.ms + 2 * clock.DAY_MS) <= day <= today:
        raise click.BadParameter(f"Rows are kept for {AUDIT_ROW.days} days; {day} is not within them.")
    return day


@click.command("doctor")
@click.option("--day", callback=_day, metavar="YYYY-MM-DD", help="The UTC day to look at; by default yesterday.")
@click.option("--mend", is_flag=True, help="First copy what is missing. Nothing is overwritten.")
def examine(day: str, *, mend: bool) -> None:
    """Compare a day's audit rows with their copies, and name what is missing, differs, or has no row any more.

    For a deployment, also set FLOOD_AUDIT_BUCKET to its AuditBucketName. The exit status is 1 if anything is wrong.
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    if not settings().audit_bucket and settings().is_local:
        click.echo("audit: there is no copy on one machine, so there is nothing to compare.")
        return
    try:
        if mend:
            click.echo(f"audit {day}: {audit_copy.mend(day)} copied now.")
        compared = audit_copy.compare(day)
    except (BucketFailed, audit_copy.NoBucket, *dynamodb.FAILURES) as error:
        raise click.ClickException(f"The audit and its copy could not be compared: {error}") from error
    faults = (("missing", compared.missing), ("differs", compared.differing), ("without its row", compared.without_row))
    for fault, keys in faults:
        for key in keys:
            click.echo(f"audit: {fault}: {key}", err=True)
    click.echo(f"audit {day}: {compared.rows} rows, " + ", ".join(f"{len(keys)} {fault}" for fault, keys in faults))
    if not compared.is_right:
        raise click.exceptions.Exit(1)
