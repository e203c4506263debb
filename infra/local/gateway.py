"""A packaged artifact behind a URL, as API Gateway and Lambda would serve it: `python -m infra.local.gateway ZIP`.

The functions see nothing of this machine but the variables that are meant for them: RESOURCE_PREFIX, FLOOD_...,
AWS_ENDPOINT_URL..., and the keys of a store of photos if one is named there. (`make gateway` starts a database and a
store beside it and sets them; tests call `running`.)
"""

import argparse
import os
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from infra.deployed import faults_of_compiled
from infra.local.gateway_api import Api
from infra.local.gateway_menu import MENU, Menu, read_menu
from infra.local.gateway_reply import HTTP, REST
from infra.local.gateway_server import GatewayServer
from infra.local.processes import Ending, Failed, Stopped
from infra.local.runtime import Runtime, libraries_of
from infra.target import Target

KINDS = (HTTP, REST)
WORKERS = 2
LOOK_EVERY_S = 0.5
_FOR_FUNCTIONS = ("AWS_ENDPOINT_URL", "FLOOD_", "RESOURCE_PREFIX")
_STORE, _KEYS = "AWS_ENDPOINT_URL_S3", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class Gateway:
    """A running gateway. `url` ends without a slash; that of a REST API holds its stage."""

    def __init__(self, url: str, menu: Menu, runtimes: Mapping[str, Runtime]) -> None:
        self.url = url
        self.menu = menu
        self._runtimes = runtimes

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke a function with any event, without the gateway. Raises runtime_api.FunctionFailed."""
        return self._runtimes[function].invoke(event, self.menu.functions[function].timeout_s)


@contextmanager
def running(
    artifact: Path,
    environment: Mapping[str, str],
    *,
    kind: str = HTTP,
    port: int = 0,
    menu: Path = MENU,
    log: IO[bytes] | None = None,
) -> Iterator[Gateway]:
    """Serve a zip while the block lasts, on a free port unless one is given.

    Routes, timeouts and handlers come from `menu`, a serverless.yml. Functions print to `log`, or to standard error.
    Functions with a layer find theirs beside the zip (`layer_of`). The access log goes to standard output. Raises
    Failed if the zip is not for this machine.
    """
    read = read_menu(menu)
    with unpacked(artifact) as folder, unpacked_layer(layer_of(artifact)) as libraries:
        seen = {True: {**environment, **libraries}, False: environment}
        runtimes = {
            function.name: Runtime(
                folder, function.handler, seen[function.has_layer], name=function.name, workers=WORKERS, log=log
            )
            for function in read.functions.values()
        }
        api = Api(read, kind, lambda name, event, timeout_s: runtimes[name].invoke_bytes(event, timeout_s))
        server = GatewayServer(port, api)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield Gateway(server.url, read, runtimes)
        finally:
            server.shutdown()
            server.server_close()
            for runtime in runtimes.values():
                runtime.close()


@contextmanager
def unpacked(artifact: Path) -> Iterator[Path]:
    """Unzip into a folder of its own. Raises Failed if it is not a zip, or is for another machine."""
    with tempfile.TemporaryDirectory(prefix="floodmanager-function-") as folder:
        try:
            with zipfile.ZipFile(artifact) as packed:
                packed.extractall(folder)
        except FileNotFoundError as error:
            raise Failed(f"There is no {artifact}. `make gateway` without ZIP= builds one.") from error
        except zipfile.BadZipFile as error:
            raise Failed(f"{artifact} is no zip. `make gateway` without ZIP= builds one.") from error
        here = Target.here()
        if faults := faults_of_compiled(Path(folder), here):
            raise Failed(
                f"{artifact} was not built for this machine (Python {here.version}, {here.architecture}): {faults[0]} "
                "`make gateway` without ZIP= builds one that is."
            )
        yield Path(folder)


def layer_of(artifact: Path) -> Path:
    """Return the path where the layer of an artifact lies, as infra/package.py and infra/photo_layer.py put them."""
    return artifact.with_name(f"{artifact.stem}-photos.zip")


@contextmanager
def unpacked_layer(layer: Path) -> Iterator[dict[str, str]]:
    """Unzip a layer; give the variable by which functions find it. Without one they find nothing."""
    if not layer.exists():
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="floodmanager-layer-") as folder:
        with zipfile.ZipFile(layer) as packed:
            packed.extractall(folder)
        yield libraries_of(Path(folder))


def environment_of_functions(ours: Mapping[str, str]) -> dict[str, str]:
    """Return what is meant for functions; keys only together with a store on this machine that wants them."""
    meant = (*_FOR_FUNCTIONS, *_KEYS) if ours.get(_STORE) else _FOR_FUNCTIONS
    return {name: value for name, value in ours.items() if name.startswith(meant)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.gateway")
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, default=HTTP)
    parser.add_argument("--menu", type=Path, default=MENU, help="the serverless.yml that names functions and routes")
    options = parser.parse_args()
    ending = Ending()
    chosen = {"kind": options.kind, "port": options.port, "menu": options.menu}
    try:
        with running(options.artifact, environment_of_functions(os.environ), **chosen) as gateway:
            print(f"Serving {options.artifact} at {gateway.url}", file=sys.stderr, flush=True)
            while True:
                ending.wait(LOOK_EVERY_S)
    except Stopped:
        return 0
    except (Failed, OSError) as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
