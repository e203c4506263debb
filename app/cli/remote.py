"""Commands that operators may run in a deployment, by the function `run_command`: these, and no other.

They change only what the audit keeps, take no password and no file, and end within a minute. The words of a call are
read as a command line of one of them; nothing in them is run as a program.
"""

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import click

from app.cli.audit import show_audit
from app.cli.invite_command import invite
from app.cli.key_command import end_key
from app.cli.staff_commands import reset_second_factor
from app.cli.switch_command import switch
from app.core import dynamodb

COMMANDS = {str(one.name): one for one in (show_audit, end_key, invite, reset_second_factor, switch)}
PROGRAM = "flask"
FAILED, MISUSED = 1, 2
# An answer of Lambda has at most 6 MB, and each character may take twelve bytes in it.
MOST_CHARACTERS = 400_000
CUT = "\nThis is only the beginning: ask for less."


class Ran(NamedTuple):
    """Result of a command: its exit status and what it printed."""

    status: int
    output: str


def refusal(words: Sequence[str], prefix: str) -> str:
    """Return what to type instead of a command that is not among these; "" for one that is."""
    name = words[0] if words else ""
    if name in COMMANDS:
        return ""
    listed = ", ".join(sorted(COMMANDS))
    if not name or name.startswith("-"):
        return f"Name one of the commands that run in a deployment: {listed}."
    return (
        f"{name!r} does not run in a deployment, where {listed} do: from a checkout, with rights of your own, type "
        f"RESOURCE_PREFIX={prefix} .venv/bin/flask --app app.factory {name}"
    )


def run(words: Sequence[str], prefix: str) -> Ran:
    """Run one of the commands by its words, as typed after `flask`. An outage of the database is its exit status 1."""
    if told := refusal(words, prefix):
        return Ran(MISUSED, f"{told}\n")
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        status = _status(COMMANDS[words[0]], words[1:])
    text = output.getvalue()
    if len(text) > MOST_CHARACTERS:
        return Ran(status or FAILED, text[:MOST_CHARACTERS] + CUT)
    return Ran(status, text)


def _status(command: click.Command, words: Sequence[str]) -> int:
    try:
        command.main(args=list(words), prog_name=f"{PROGRAM} {command.name}", standalone_mode=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED
    except dynamodb.FAILURES as error:
        click.echo(f"Error: the database failed: {type(error).__name__}. Look what was done before you repeat it.")
        return FAILED
