"""Run a flask command on the database of a local run: `python -m infra.local.command --data .local import FILE ...`.

While `make serve` runs it shares that database; otherwise it starts the database itself, and then also reads the stream
to its end, so that tiles are right at the next start.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

from app.core.settings_groups import TYPED_AS
from infra.local.data_folder import DataFolder
from infra.local.database import can_keep_data, own_database, running_address
from infra.local.processes import LOOK_EVERY_S, PYTHON, Ending, Failed, Family, Stopped, await_true

COMMAND, STREAM = "command", "stream"
SHARED_WITHIN_S = 120
# Time for a command to end calls that it waits for, and to tell what it has done.
PATIENCE_S = 45
INTERRUPTED = 130  # exit status, as of a shell and of commands that have told their end


class _Ended(Stopped):
    """The command was asked to end, and has ended with this exit code."""

    def __init__(self, code: int) -> None:
        self.code = code


def main() -> int:
    parser = argparse.ArgumentParser(prog="make import")
    parser.add_argument("--data", default=".local")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.command[:1] == ["import"]:  # it says how to go on after an end, as it was typed
        data = "" if options.data == ".local" else f" DATA={shlex.quote(options.data)}"
        os.environ[TYPED_AS] = f"make import{data}"
    try:
        return run(DataFolder(Path(options.data).expanduser().absolute()), options.command, Ending())
    except Failed as failure:
        print(failure, file=sys.stderr)
    except Stopped as stopped:
        has_told = isinstance(stopped, _Ended) and stopped.code == INTERRUPTED
        if not has_told:
            print("Ended before its end. It can be repeated.", file=sys.stderr)
        return INTERRUPTED
    return 1


def run(folder: DataFolder, command: list[str], ending: Ending) -> int:
    """Run the command and return its exit code."""
    folder.make()
    flask = [str(PYTHON), "-m", "flask", "--app", "app.factory", *command]
    with folder.owned() as is_ours:
        if not is_ours:
            with Family(folder.environment(_shared_address(folder, ending))) as family:
                return _run(family, COMMAND, flask, ending)
        if not can_keep_data():
            raise Failed(
                "No database that keeps data exists for this system. Start `make serve` first and leave it on."
            )
        with own_database(folder, ending) as (address, family):
            code = _run(family, COMMAND, flask, ending)
            reader = [str(PYTHON), "-m", "infra.local.streams", address, str(folder.stream_position), "--once"]
            # Also after a failure, for what was written before it.
            return _run(family, STREAM, reader, ending) or code


def _shared_address(folder: DataFolder, ending: Ending) -> str:
    """Wait for the other run's address, as it may only just be starting."""
    if not await_true(lambda: bool(running_address(folder)), ending=ending, within_s=SHARED_WITHIN_S):
        raise Failed(f"Another run uses {folder.path}, but its database does not answer. End that run first.")
    return running_address(folder)


def _run(family: Family, name: str, command: list[str], ending: Ending) -> int:
    """Run a process and wait for its end, however long it takes; raises _Ended if it was asked to end."""
    family.start(name, command, patience_s=PATIENCE_S)
    member = family.members[name]
    while (code := family.code_of(name)) is None:
        try:
            ending.wait(LOOK_EVERY_S)
        except Stopped as stopped:
            family.end(name)  # before the database, which the command still needs
            raise _Ended(member.wait()) from stopped
    return code


if __name__ == "__main__":
    sys.exit(main())
