"""Build the artifact: `python -m infra.package` writes one zip, with the same bytes each time, and prints its size.

A build that fails or is interrupted leaves the earlier zip, and concurrent builds do not collide.
"""

import argparse
import hashlib
import os
import signal
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from infra import stage, target
from infra.target import Target

OUTPUT = stage.ROOT / "build" / "floodmanager.zip"
# Lambda allows 50 MB compressed and 250 unpacked; a cold start reads every byte. Raise it deliberately.
CEILING_BYTES = 9_000_000
LARGEST = 10
# Runtimes of Lambda whose system cannot load the libraries of photos (infra/photo_layer.py).
WITHOUT_PHOTOS = ("python3.11",)
# The earliest date that a zip can hold. Mode: readable for all, as Lambda's own user needs.
DATE = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644
UNIX = 3


def build(output: Path, wanted: Target, interpreter: Path | None, *, requirements: Path = stage.REQUIREMENTS) -> None:
    """Write the zip for a target, compiled by the interpreter. Raises stage.StageFailed."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".package-", dir=output.parent) as work:
        folder, packed = Path(work) / "function", Path(work) / "packed.zip"
        stage.stage(folder, target=wanted, interpreter=interpreter, requirements=requirements)
        write_zip(folder, packed)
        refuse_too_large(packed)
        packed.replace(output)  # on the same file system, so that it is replaced atomically


def write_zip(folder: Path, packed: Path) -> list[zipfile.ZipInfo]:
    """Write all files of a folder, in order, without their dates, owners and modes; return the entries."""
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=DATE)
            entry.create_system = UNIX
            entry.external_attr = MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / name).read_bytes(), compresslevel=9)
        return archive.infolist()


def refuse_too_large(packed: Path, most: int = CEILING_BYTES) -> None:
    """Raise StageFailed above the limit, so that a zip never grows unnoticed."""
    if (size := packed.stat().st_size) > most:
        raise stage.StageFailed(f"{size:,} bytes are more than this zip may have ({most:,}).")


def report(output: Path) -> str:
    """Return sizes, the hash, and the largest parts."""
    with zipfile.ZipFile(output) as archive:
        entries = archive.infolist()
    packed, unpacked = output.stat().st_size, sum(entry.file_size for entry in entries)
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    largest = sorted(entries, key=lambda entry: -entry.compress_size)[:LARGEST]
    return "\n".join(
        [
            f"{output}: {packed:,} bytes packed, {unpacked:,} unpacked, {len(entries)} files",
            f"sha256 {digest}",
            "Largest, packed and unpacked:",
            *(f"{entry.compress_size:>11,} {entry.file_size:>11,}  {entry.filename}" for entry in largest),
        ]
    )


def told_of_byte_code(wanted: Target, interpreter: Path | None) -> str:
    """Return the compiling interpreter; or the cost of missing byte code, and what to do."""
    if interpreter:
        return f"Byte code by {interpreter}."
    here = f"python3.{sys.version_info.minor}"
    by_this = f", or deploy on the Python that is here: FLOOD_RUNTIME={here}" if here not in WITHOUT_PHOTOS else ""
    return (
        f"NO BYTE CODE: no Python {wanted.version} was found here that starts, so Lambda compiles at each cold start, "
        "which then takes three times as long (docs/performance.md).\n"
        f"Install Python {wanted.version}, or name one by {target.CHOSEN}=...{by_this}."
    )


def end(number: int, _: FrameType | None) -> NoReturn:
    """Exit normally, so that unfinished files are removed."""
    sys.exit(128 + number)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    environment = os.environ
    reader = argparse.ArgumentParser(prog="python -m infra.package", description="Build the zip that is deployed.")
    reader.add_argument("--runtime", default=environment.get("FLOOD_RUNTIME") or target.RUNTIME)
    reader.add_argument("--architecture", default=environment.get("FLOOD_ARCHITECTURE") or target.ARCHITECTURE)
    reader.add_argument("--output", type=Path, default=OUTPUT)
    reader.add_argument("--requirements", type=Path, default=stage.REQUIREMENTS)
    return reader.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    asked = _asked(arguments)
    signal.signal(signal.SIGTERM, end)
    try:
        wanted = Target.named(asked.runtime, asked.architecture)
        interpreter = target.interpreter_for(wanted)
        build(asked.output, wanted, interpreter, requirements=asked.requirements)
    except (stage.StageFailed, target.UnknownTarget) as failed:
        print(f"No package was built. {failed}", file=sys.stderr)
        return 1
    print(f"For {asked.runtime} on {asked.architecture}. {told_of_byte_code(wanted, interpreter)}")
    print(report(asked.output))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
