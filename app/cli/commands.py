"""Commands for a terminal: `flask --app app.factory <command>`."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask

from app.cli import demo, redrive
from app.cli.audit import show_audit
from app.cli.backfill import backfill
from app.cli.doctor import examine
from app.cli.import_command import import_reports
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
from app.core.unicode_text import shown


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
