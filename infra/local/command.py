"""Run a flask command on the database of a local run: `python -m infra.local.command --data .local import FILE ...`.

While `make serve` runs it shares that database; otherwise it starts the database itself, and then also reads the stream
to its end, so that tiles are right at the next start.
"""

import argparse
import sys
from pathlib import Path

from infra.local.data_folder import DataFolder
from infra.local.database import can_keep_data, own_database, running_address
from infra.local.processes import LOOK_EVERY_S, PYTHON, Ending, Failed, Family, Stopped, await_true

COMMAND, STREAM = "command", "stream"
SHARED_WITHIN_S = 120


def main() -> int:
    parser = argparse.ArgumentParser(prog="make import")
    parser.add_argument("--data", default=".local")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        return run(DataFolder(Path(options.data).expanduser().absolute()), options.command, Ending())
    except Failed as failure:
        print(failure, file=sys.stderr)
    except Stopped:
        print("Ended before its end. It can be repeated.", file=sys.stderr)
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
    """Run a process and wait for its end, however long it takes."""
    family.start(name, command)
    while (code := family.code_of(name)) is None:
        ending.wait(LOOK_EVERY_S)
    return code


if __name__ == "__main__":
    sys.exit(main())
