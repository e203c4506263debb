"""`flask ingest`: ingest official warnings from their sources or from a recording."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from app.core import clock
from app.core.config import settings
from app.core.unicode_text import shown
from app.warnings.ingest import outlines
from app.warnings.ingest.outcome import Outcome
from app.warnings.ingest.run import ingest, store_answer
from app.warnings.models import SourceMemory
from app.warnings.sources.default_sources import READABLE
from app.warnings.sources.message import Answer, Message
from app.warnings.sources.registry import Source, asked_sources, source_named

TIMES = ("sent_at_ms", "onset_at_ms", "ends_at_ms", "expires_at_ms")
MOST_TOLD = 20
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("ingest")
@click.option("--source", "name", help="One source: ea, nws, cap or cap:NAME. Without it all that FLOOD_SOURCES names.")
@click.option("--file", type=FILE, help="A recorded answer, taken as all that the source says now. Nothing is asked.")
@click.option("--areas", type=FILE, help="Outlines of the source's areas as GeoJSON, each with its code.")
@click.option("--shift-to-now", is_flag=True, help="Move all times by one constant so that the newest message is now.")
def ingest_warnings(name: str | None, file: Path | None, areas: Path | None, shift_to_now: bool) -> None:
    """Ingest official warnings. Safe to repeat: unchanged warnings are not written.

    The exit status is 1 if a source or a file cannot be read; its stored warnings stay as they are. A file without any
    message does not end warnings the first time: give it again to confirm.
    """
    if missing := settings().missing_database():
        raise click.ClickException(missing)
    if (file or areas or shift_to_now) and not name:
        raise click.UsageError("Say whose file it is: --source ea, nws or cap.")
    if shift_to_now and not file:
        raise click.UsageError("--shift-to-now goes with --file.")
    sources = _sources(name)
    has_new_outlines = areas is not None and _keep_outlines(sources[0], areas)
    if file:
        outcomes = [_take_file(sources[0], file, shift_to_now=shift_to_now, has_new_outlines=has_new_outlines)]
    else:
        outcomes = [] if areas else [ingest(source, contact=settings().contact) for source in sources]
    for outcome in outcomes:
        _tell(outcome)
    if any(outcome.failure for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _sources(name: str | None) -> list[Source]:
    if name is None:
        return list(asked_sources().values())
    if name.partition(":")[0] not in READABLE:
        raise click.UsageError(f"There is no source {shown(name)}: it is one of {', '.join(READABLE)}.")
    return [source_named(name, settings().sources)]


def _keep_outlines(source: Source, file: Path) -> bool:
    if source.outlines is None:
        raise click.UsageError(f"Messages of {source.name} draw their areas themselves.")
    read = source.outlines.read_outlines(file.read_bytes())
    for reason in read.broken[:MOST_TOLD]:
        click.echo(f"broken: {shown(reason, 300)}", err=True)
    if not read.outlines:
        raise click.ClickException(f"{shown(file.name)} is not taken: no outline of an area can be read in it.")
    areas = outlines.store(source.name, read.outlines)
    click.echo(f"{source.name}: {len(areas)} outlines kept")
    return bool(areas)


def _take_file(source: Source, file: Path, *, shift_to_now: bool, has_new_outlines: bool) -> Outcome:
    answer = source.reader.parse(file.read_bytes(), now_ms=clock.now_ms())
    if shift_to_now:
        answer = _shifted(answer)
    return store_answer(source, answer, SourceMemory.of(source.name), has_new_outlines=has_new_outlines)


def _shifted(answer: Answer) -> Answer:
    """Shift all times by one constant, so that the newest message was sent now."""
    newest = max((message.sent_at_ms for message in answer.messages), default=0)
    step = clock.now_ms() - newest
    return replace(answer, messages=tuple(_moved(answer.messages, step)))


def _moved(messages: Iterable[Message], step: int) -> Iterable[Message]:
    for message in messages:
        times = {name: getattr(message, name) for name in TIMES}
        yield replace(message, **{name: at_ms + step for name, at_ms in times.items() if at_ms is not None})


def _tell(outcome: Outcome) -> None:
    for reason in outcome.broken[:MOST_TOLD]:
        click.echo(f"broken: {shown(reason, 300)}", err=True)
    if outcome.failure:
        click.echo(f"{outcome.source}: not taken, {shown(outcome.failure, 300)}", err=True)
        return
    click.echo(
        f"{outcome.source}: {outcome.in_force} in force ({outcome.drawn} drawn), {outcome.changed} changed, "
        f"{outcome.ended} ended, {outcome.removed} removed, {len(outcome.broken)} broken; {_messages(outcome)}"
    )
    if outcome.note:
        click.echo(f"{outcome.source}: {outcome.note}")


def _messages(outcome: Outcome) -> str:
    return (
        "the same answer as before" if outcome.is_not_modified else f"messages: {shown(outcome.counts.words(), 1000)}"
    )
