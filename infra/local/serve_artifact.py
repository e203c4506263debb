"""Run everything for `make gateway` after the installation: `python -m infra.local.serve_artifact --help`.

Like `make serve`, but with the packaged artifact behind the local gateway.
"""

import argparse
import fcntl
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra import photo_layer
from infra.local.gateway import KINDS, layer_of
from infra.local.gateway_menu import read_menu
from infra.local.gateway_reply import HTTP
from infra.local.processes import PYTHON, ROOT, Ending, Failed
from infra.local.serve import Web, add_options, run
from infra.local.sweeper import sweep_after_us
from infra.stage import StageFailed
from infra.target import Target

OWN_ARTIFACT = ROOT / "build" / "gateway.zip"
BUILD_WITHIN_S = 900


def main() -> int:
    parser = argparse.ArgumentParser(prog="make gateway")
    add_options(parser, port=5080, data=".local-gateway")
    parser.add_argument("--kind", choices=KINDS, default=HTTP, help="of API: payload 2.0, or 1.0 below a stage")
    parser.add_argument("--zip", default="", help="an artifact for this machine; without it one is built")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing runs yet except the build, which the sweeper ends
    sweep_after_us()
    try:
        artifact = Path(options.zip).expanduser().absolute() if options.zip else build()
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    command = [PYTHON, "-m", "infra.local.gateway", artifact, "--port", str(options.port), "--kind", options.kind]
    mount = "" if options.kind == HTTP else f"/{read_menu().stage}"
    return run(options, Ending(), Web(command, mount, has_mailbox=False, artifact=artifact))


def build() -> Path:
    """Build the artifact and its layer for this machine's Python and processor, unless nothing in them has changed.

    A concurrent caller waits for the same build and uses it.
    """
    build_layer()
    with _alone(OWN_ARTIFACT):
        return _build()


def build_layer() -> Path:
    """Build the layer alone, in the same manner. Raises Failed."""
    layer, here = layer_of(OWN_ARTIFACT), Target.here()
    with _alone(layer):
        if not is_fresh_layer(layer, here):
            print(f"Building {layer.relative_to(ROOT)} ...", flush=True)
            try:
                photo_layer.build(layer, here, Path(sys.executable), is_local=True)
            except StageFailed as failure:
                raise Failed(f"The layer could not be built: {failure}") from failure
    return layer


@contextmanager
def _alone(zip_file: Path) -> Iterator[None]:
    """Wait for another process that builds it."""
    zip_file.parent.mkdir(exist_ok=True)
    with zip_file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_fresh_layer(layer: Path, here: Target) -> bool:
    """Return whether it is newer than the pinned libraries and what packs them, and made for this Python."""
    if not layer.exists():
        return False
    newest = max(file.stat().st_mtime for file in (photo_layer.REQUIREMENTS, *(ROOT / "infra").glob("*.py")))
    with zipfile.ZipFile(layer) as packed:
        is_ours = any(name.endswith(f".{here.tag}.pyc") for name in packed.namelist())
    return is_ours and layer.stat().st_mtime > newest


def _build() -> Path:
    here = Target.here()
    if is_fresh(OWN_ARTIFACT, here):
        return OWN_ARTIFACT
    wanted = ["--runtime", f"python{here.version}", "--architecture", here.architecture, "--output", str(OWN_ARTIFACT)]
    print(f"Building {OWN_ARTIFACT.relative_to(ROOT)} for Python {here.version} on {here.architecture} ...", flush=True)
    done = subprocess.run(
        [PYTHON, "-m", "infra.package", *wanted],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_WITHIN_S,
        check=False,
    )
    if done.returncode:
        raise Failed(f"The artifact could not be built:\n{done.stderr or done.stdout}")
    return OWN_ARTIFACT


def is_fresh(artifact: Path, here: Target) -> bool:
    """Return whether it is newer than its sources and made for this Python. (Unpacking detects another processor.)"""
    if not artifact.exists():
        return False
    folders = [ROOT / "app", ROOT / "handlers"]
    files = [ROOT / "requirements.txt", *(ROOT / "infra").glob("*.py"), *folders]
    files += [file for folder in folders for file in folder.rglob("*")]
    # A folder's date shows deleted files; byte code changes all the time.
    newest = max(file.stat().st_mtime for file in files if "__pycache__" not in file.parts)
    with zipfile.ZipFile(artifact) as packed:
        is_ours = f"app/__pycache__/factory.{here.tag}.pyc" in packed.namelist()
    return is_ours and artifact.stat().st_mtime > newest


if __name__ == "__main__":
    sys.exit(main())
