"""`flask doctor`: check what the service needs, each part by itself, and say how to repair it.

Also `python -m app.cli.doctor`, which loads no application: for settings with which none can be loaded.
"""

import json
import logging
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click

from app.cli import checks_of_machine as machine
from app.cli.checks import Check, Finding, State, run, unchecked

_DAY = "%Y-%m-%d"
AUDIT, ENVIRONMENT, PYTHON, PHOTOS = "audit", "environment", "python", "photos"
NAMES = (
    *(PYTHON, ENVIRONMENT, "port", "credentials", "region", "clock"),
    *("keys", "tables", "sources", AUDIT, PHOTOS, "gazetteer", "map"),
)
AUDIT_WITHIN_S = 300.0  # a day may have very many rows
WIDTH = 80
_STATE_WIDTH, _NAME_WIDTH = 11, 13
_INDENT = " " * (_STATE_WIDTH + _NAME_WIDTH)


def _day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str:
    """Return a UTC day; by default yesterday. Raises BadParameter."""
    from app.core.retention import AUDIT_ROW

    today = datetime.now(UTC).date()
    if text is None:
        return (today - timedelta(days=1)).isoformat()
    try:
        day = datetime.strptime(text, _DAY).replace(tzinfo=UTC).date()
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day, as 2026-01-05.") from None
    if not today - timedelta(days=AUDIT_ROW.days - 2) <= day <= today:
        raise click.BadParameter(f"Rows are kept for {AUDIT_ROW.days} days; {day} is not within them.")
    return day.isoformat()


@click.command("doctor")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Check this alone. Repeat it for several.")
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True, help="Of `make serve`.")
@click.option("--day", callback=_day, metavar="YYYY-MM-DD", help="Of the audit, in UTC; by default yesterday.")
@click.option("--mend", is_flag=True, help="First copy the audit rows that are missing. Nothing is overwritten.")
@click.option("--json", "is_json", is_flag=True, help="Print the findings as JSON, for a program.")
def examine(only: tuple[str, ...], *, mend: bool, is_json: bool, **told: Any) -> None:
    """Check Python, settings, access, keys, tables, clock, sources, audit copy, photos, gazetteer, map.

    Each line that is wrong says how to repair it; what cannot be checked here is called unchecked. Nothing is changed
    but copies of audit rows on request, and no secret is shown. For a deployment set RESOURCE_PREFIX, AWS_REGION and
    AWS_PROFILE, FLOOD_AUDIT_BUCKET to its AuditBucketName and FLOOD_PHOTOS_BUCKET to its PhotosBucketName; for the data
    of `make serve` use `make doctor`. The exit status is 1 if anything is wrong.
    """
    wanted = [name for name in NAMES if not only or name in only]
    found: dict[str, Finding] = {}
    with _without_log():
        for name, finding in run(_checks(wanted, mend=mend, **told)):
            found[name] = finding
            if not is_json:
                click.echo(_shown(name, finding))
    if is_json:
        click.echo(json.dumps([_form(name, finding) for name, finding in found.items()], indent=1))
    else:
        states = [finding.state for finding in found.values()]
        click.echo(", ".join(f"{states.count(state)} {state}" for state in State) + ".")
    if any(finding.state == State.WRONG for finding in found.values()):
        raise click.exceptions.Exit(1)


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep the log's lines out of the findings, which say the same."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _checks(wanted: list[str], *, port: int, day: str, mend: bool) -> Mapping[str, Check]:
    """Return the checks that are wanted. Without usable settings only Python and they can be checked."""
    checks = {PYTHON: Check(machine.python), ENVIRONMENT: Check(machine.environment)}
    if machine.environment().state == State.OK:
        from app.cli import checks_of_service as service  # reads the settings

        checks |= {
            "port": Check(partial(machine.port, port)),
            "credentials": Check(machine.credentials),
            "region": Check(machine.region),
            "clock": Check(service.answered(machine.clock)),
            "keys": Check(service.keys),
            "tables": Check(service.tables_and_indexes),
            "sources": Check(service.sources),
            AUDIT: Check(partial(service.audit, day, mend=mend), AUDIT_WITHIN_S),
            PHOTOS: Check(service.photos),
            "gazetteer": Check(service.gazetteer),
            "map": Check(service.streets),
        }
    blind = Check(lambda: unchecked("It needs settings that can be used: see `environment`."))
    return {name: checks.get(name, blind) for name in wanted}


def _shown(name: str, finding: Finding) -> str:
    """Return a finding in lines of a terminal's usual width: the state, the name, what was found, how to repair it."""
    head = f"{finding.state:<{_STATE_WIDTH}}{name:<{_NAME_WIDTH}}"
    lines = textwrap.wrap(finding.text, WIDTH, initial_indent=head, subsequent_indent=_INDENT)
    for detail in finding.details:
        lines += _wrapped(detail, "- ")
    if finding.fix:
        lines += _wrapped(finding.fix, "fix: ")
    return "\n".join(lines)


def _wrapped(text: str, mark: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=_INDENT + mark,
        subsequent_indent=_INDENT + " " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _form(name: str, finding: Finding) -> dict[str, Any]:
    return {
        "check": name,
        "state": str(finding.state),
        "text": finding.text,
        "fix": finding.fix,
        "details": list(finding.details),
    }


if __name__ == "__main__":
    examine()
