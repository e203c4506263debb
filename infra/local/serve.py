"""Everything that `make serve` does once all is installed: `python -m infra.local.serve --help`."""

import argparse
import contextlib
import http.client
import sys
from pathlib import Path

from infra.local.data_folder import DataFolder
from infra.local.database import NAME as DATABASE
from infra.local.database import can_keep_data, own_database
from infra.local.processes import LOOPBACK, PYTHON, ROOT, Ending, Failed, Family, Stopped, await_true, is_port_free
from infra.local.welcome import welcome

SERVERLESS = ROOT / "node_modules/.bin/serverless"
WEB, STREAM, DEMO = "web", "stream", "demo"
ANSWER_WITHIN_S = 60
DEMO_WITHIN_S = 120
RESTART_AFTER_S = 1.0


def main() -> int:
    options = _options()
    ending = Ending()
    try:
        serve(options, ending)
    except Stopped:
        say(f"Ended. {'Data is kept in ' + str(options.data.path) if options.keep else 'Nothing was kept'}.")
        return 0
    except Failed as failure:
        print(failure, file=sys.stderr)
    return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make serve")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--data", type=lambda text: DataFolder(Path(text).expanduser().absolute()), default=".local")
    parser.add_argument("--demo", choices=["0", "1"], default="1", help="0 starts without demo data")
    parser.add_argument("--in-memory", dest="keep", action="store_false", help="as where dynoxide has no binary for")
    options = parser.parse_args()
    options.keep &= can_keep_data()
    return options


def say(text: str) -> None:
    """Print, unless nobody listens any more."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def serve(options: argparse.Namespace, ending: Ending) -> None:
    """Run until the end is asked for (Stopped) or something that must run has ended (Failed)."""
    folder: DataFolder = options.data
    _check_port(options.port)
    folder.make()
    with folder.owned() as is_ours:
        if not is_ours:
            raise Failed(f"Another run uses {folder.path}. End it, or choose another folder with DATA=.")
        if not (options.keep and folder.database.exists()):
            folder.demo_mark.unlink(missing_ok=True)
        with own_database(folder, ending, is_kept=options.keep) as (address, family):
            if options.demo == "1":
                _load_demo(folder, family, ending)
            _start_web(family, options.port, ending)
            if options.keep:
                _start_stream(folder, family, address)
            url = f"http://localhost:{options.port}"
            say(welcome(folder, url, has_demo=folder.demo_mark.exists(), is_kept=options.keep))
            _watch(folder, family, address, ending)


def _check_port(port: int) -> None:
    if not 0 < port < 65536:
        raise Failed(f"PORT must be between 1 and 65535; it is {port}.")
    if not is_port_free(port):
        raise Failed(
            f"Port {port} is taken. End what listens there, or choose another: make serve PORT={port % 65535 + 1}"
        )


def _load_demo(folder: DataFolder, family: Family, ending: Ending) -> None:
    """Once for each database; the pass-phrases stay the same."""
    if folder.demo_mark.exists():
        return
    family.start(DEMO, [PYTHON, "-m", "flask", "--app", "app.factory", "demo", "--sign-ins", folder.sign_ins])
    await_true(lambda: family.code_of(DEMO) is not None, ending=ending, within_s=DEMO_WITHIN_S)
    if family.code_of(DEMO) != 0:
        raise Failed("The demo data could not be loaded; the lines above say why. DEMO=0 starts without.")
    family.end(DEMO)
    folder.demo_mark.touch()


def _start_web(family: Family, port: int, ending: Ending) -> None:
    family.start(WEB, [SERVERLESS, "wsgi", "serve", "-p", str(port), "--host", LOOPBACK])

    def is_decided() -> bool:
        return family.code_of(WEB) is not None or is_healthy(port)

    if not await_true(is_decided, ending=ending, within_s=ANSWER_WITHIN_S) or family.code_of(WEB) is not None:
        raise Failed("The app did not start; the lines above say why.")


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _start_stream(folder: DataFolder, family: Family, address: str) -> None:
    family.start(STREAM, [PYTHON, "-m", "infra.local.streams", address, folder.stream_position])


def _watch(folder: DataFolder, family: Family, address: str, ending: Ending) -> None:
    """The stream's reader may fail and start anew; without the database or the app there is nothing left to serve."""
    while True:
        ending.wait(RESTART_AFTER_S)
        for name in (DATABASE, WEB):
            if family.code_of(name) is not None:
                raise Failed(f"The {name} has ended by itself with code {family.code_of(name)}.")
        if STREAM in family.members and family.code_of(STREAM) is not None:
            say("The reader of the stream has ended by itself; it starts anew.")
            family.end(STREAM)
            _start_stream(folder, family, address)


if __name__ == "__main__":
    sys.exit(main())
