"""Run everything for `make serve` after the installation: `python -m infra.local.serve --help`."""

import argparse
import contextlib
import http.client
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from app.core.settings_groups import LOCAL_MAILBOX
from app.warnings.sources.registry import NONE
from infra.local import local_demo, map_file
from infra.local.data_folder import DataFolder
from infra.local.database import NAME as DATABASE
from infra.local.database import can_keep_data, own_database
from infra.local.photo_run import NAME as PHOTOS
from infra.local.processes import LOOPBACK, PYTHON, ROOT, Ending, Failed, Family, Stopped, await_true, is_port_free
from infra.local.relay import Relay
from infra.local.welcome import welcome

SERVERLESS = ROOT / "node_modules/.bin/serverless"
WEB = "web"
STREAM, SCHEDULE, PLACES = "reader of the stream", "schedule", "loading of places"
CLEANING = "cleaning of photos"
# Also without LIVE: they ask no source.
OWN_SCHEDULES = ("handlers/alerts_due.handler", "handlers/clean_photo.handler", "handlers/end_expired.handler")
# Only a hanging process takes so long: an early end is noticed immediately.
ANSWER_WITHIN_S = 300
RESTART_AFTER_S = 1.0


class Web(NamedTuple):
    """The process that answers HTTP, and its path prefix."""

    command: Sequence[str | Path]
    mount: str = ""
    has_mailbox: bool = True  # what runs as in Lambda may have none
    artifact: Path | None = None  # whose packaged function cleans photos


def main() -> int:
    parser = argparse.ArgumentParser(prog="make serve")
    add_options(parser, port=5000, data=".local")
    options = parser.parse_args()
    return run(options, Ending(), Web([SERVERLESS, "wsgi", "serve", "-p", str(options.port), "--host", LOOPBACK]))


def run(options: argparse.Namespace, ending: Ending, web: Web) -> int:
    """Serve until the end; return the exit status."""
    options.keep &= can_keep_data()
    try:
        serve(options, ending, web)
    except Stopped:
        say(f"Ended. {'Data is kept in ' + str(options.data.path) if options.keep else 'Nothing was kept'}.")
        return 0
    except Failed as failure:
        print(failure, file=sys.stderr)
    return 1


def add_options(parser: argparse.ArgumentParser, *, port: int, data: str) -> None:
    parser.set_defaults(verb=parser.prog)
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--data", type=lambda text: DataFolder(Path(text).expanduser().absolute()), default=data)
    parser.add_argument("--demo", choices=["0", "1"], default="1", help="0 starts without demo data")
    parser.add_argument("--map", default="", help="PMTiles file with the streets; 'none' for no streets")
    parser.add_argument("--places", choices=["all", "large"], default="all", help="large: the gazetteer is not loaded")
    parser.add_argument("--live", choices=["0", "1"], default="0", help="1 runs the schedules, which ask upstreams")
    parser.add_argument("--in-memory", dest="keep", action="store_false", help="as where dynoxide has no binary for")


def say(text: str) -> None:
    """Print, unless no reader is left."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def serve(options: argparse.Namespace, ending: Ending, web: Web) -> None:
    """Run until the end is requested (Stopped) or a required process has ended (Failed)."""
    folder: DataFolder = options.data
    if options.keep and web.has_mailbox:  # the reader of the streams sends, and without a kept database there is none
        os.environ.setdefault("FLOOD_MAIL", f"{LOCAL_MAILBOX}{folder.mail}")
    if options.live == "0":  # they are switched off, so they must not count as silent
        os.environ.setdefault("FLOOD_SOURCES", NONE)
    _choose_map(options.map)
    _check_port(options.port, options.verb)
    folder.make()
    with folder.owned() as is_ours:
        if not is_ours:
            raise Failed(f"Another run uses {folder.path}. End it, or choose another folder with DATA=.")
        if not (options.keep and folder.database.exists()):
            folder.demo_mark.unlink(missing_ok=True)
        if options.demo == "1" or folder.demo_mark.exists():
            os.environ.setdefault("FLOOD_DEMO", "true")
        say("Starting the database ...")
        origins = [f"http://{host}:{options.port}" for host in ("localhost", LOOPBACK)]
        with own_database(folder, ending, is_kept=options.keep, origins=origins) as (address, family):
            if options.demo == "1" and local_demo.is_due(folder):
                say("Loading the demo ...")
                local_demo.load(folder, family, ending)
            say("Starting the app ...")
            relay = _start_web(family, web, options.port, ending)
            url = f"http://localhost:{options.port}{web.mount}"
            workers = _workers(folder, address, url, has_stream=options.keep, is_live=options.live == "1")
            workers[CLEANING] = _cleaning(folder, web.artifact, is_kept=options.keep)
            for name, command in workers.items():
                family.start(name, command)
            _load_places(family, options.places)  # not earlier: the first page waits only for what it needs
            say(welcome(folder, url, has_demo=folder.demo_mark.exists(), is_kept=options.keep))
            relay.release(with_held=False)
            _watch(family, workers, ending, demo_folder=folder if options.demo == "1" else None)


def _choose_map(name: str) -> None:
    """Set the map file, the demo's if neither MAP nor a setting names another background. Raises Failed."""
    if name == map_file.NONE:
        os.environ.pop("FLOOD_MAP_FILE", None)
    elif name or not any(map(os.environ.get, ("FLOOD_PMTILES_URL", "FLOOD_MAP_FILE", "FLOOD_TILE_URL"))):
        chosen = map_file.environment_of(name)
        credit = os.environ.get("FLOOD_TILE_ATTRIBUTION")
        os.environ.update(chosen | ({"FLOOD_TILE_ATTRIBUTION": credit} if name and credit else {}))


def _check_port(port: int, verb: str) -> None:
    if not 0 < port < 65536:
        raise Failed(f"PORT must be between 1 and 65535; it is {port}.")
    if not is_port_free(port):
        another = f"{verb} PORT={port % 65535 + 1}"
        raise Failed(f"Port {port} is taken. End what listens there, or choose another: {another}")


def _load_places(family: Family, wanted: str) -> None:
    if wanted == "all":
        family.start(PLACES, [PYTHON, "-m", "flask", "--app", "app.factory", "load-gazetteer"])


def _look_at_places(family: Family) -> None:
    """Load the gazetteer. If it fails, the small list stays in use, and the next start tries again."""
    if PLACES in family.members and (code := family.code_of(PLACES)) is not None:
        family.end(PLACES)
        if code != 0:
            say("The places could not be loaded; the lines above say why. Larger towns are found all the same.")


def _start_web(family: Family, web: Web, port: int, ending: Ending) -> Relay:
    """Start the app and wait until it answers; what it prints until then is shown only if it fails. Raises Failed."""
    relay = Relay()
    family.start(WEB, web.command, log=relay.log)
    relay.opened()

    def is_decided() -> bool:
        return family.code_of(WEB) is not None or is_healthy(port, web.mount)

    is_answering = await_true(is_decided, ending=ending, within_s=ANSWER_WITHIN_S) and family.code_of(WEB) is None
    if not is_answering:
        relay.release(with_held=True)
        raise Failed("The app did not start; the lines above say why.")
    return relay


def is_healthy(port: int, mount: str = "") -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", f"{mount}/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _workers(
    folder: DataFolder, address: str, url: str, *, has_stream: bool, is_live: bool
) -> dict[str, list[str | Path]]:
    """Return the workers beside the app: the reader of the streams, if they are stored, and the clock.

    Without LIVE the clock only releases alerts that were held back, tells of warnings over by their own time, sweeps
    photos, ends what has expired, and counts the reports inside warnings. Messages link to the app: only their senders
    need its address, which pages take from the request.
    """
    base = f"FLOOD_PUBLIC_BASE_URL={os.environ.get('FLOOD_PUBLIC_BASE_URL') or url}"
    stream: list[str | Path] = [
        "/usr/bin/env",
        base,
        PYTHON,
        "-m",
        "infra.local.streams",
        address,
        folder.stream_position,
    ]
    schedule: list[str | Path] = ["/usr/bin/env", base, PYTHON, "-m", "infra.local.schedules"]
    schedule += [] if is_live else OWN_SCHEDULES
    return ({STREAM: stream} if has_stream else {}) | ({SCHEDULE: schedule} if is_live or has_stream else {})


def _cleaning(folder: DataFolder, artifact: Path | None, *, is_kept: bool) -> list[str | Path]:
    """Return the command of the worker that cleans photos, and shows them where no stream is read."""
    photos = folder.photos if is_kept else folder.photos_of_this_run
    command: list[str | Path] = [PYTHON, "-m", "infra.local.photo_events", photos, folder.photo_tries]
    return command + ([artifact] if artifact else []) + ([] if is_kept else ["--publish"])


def _watch(
    family: Family, workers: dict[str, list[str | Path]], ending: Ending, *, demo_folder: DataFolder | None
) -> None:
    """Watch the processes. A worker may fail and restart; without database, store or app nothing can be served."""
    while True:
        ending.wait(RESTART_AFTER_S)
        _look_at_places(family)
        if demo_folder and (failure := local_demo.keep_present(demo_folder, family)):
            say(failure)
        for name in (DATABASE, PHOTOS, WEB):
            if family.code_of(name) is not None:
                raise Failed(f"The {name} has ended by itself with code {family.code_of(name)}.")
        for name, command in workers.items():
            if family.code_of(name) is not None:
                say(f"The {name} has ended by itself; it starts again.")
                family.end(name)
                family.start(name, command)


if __name__ == "__main__":
    sys.exit(main())
