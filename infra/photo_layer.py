"""Build the layer of the function that cleans photos: `python -m infra.photo_layer` writes one zip of its libraries.

Lambda unpacks it to /opt, where Python looks for modules in `python/`. Our own code is in the artifact that all
functions share (infra/package.py), which does not grow by these libraries. The same bytes each time.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra import deployed, elf, package, stage, target
from infra.target import Target

OUTPUT = stage.ROOT / "build" / "floodmanager-photos.zip"
REQUIREMENTS = stage.ROOT / "requirements-photos.txt"
# As in infra/package.py; unpacked, the artifact and this may have 250 MB together.
CEILING_BYTES = 11_500_000
FOLDER = "python"
# Path where Lambda unpacks a layer, for the byte code.
PLACE = f"/opt/{FOLDER}"
NOT_NEEDED = (
    "bin",
    ".lock",
    "**/__pycache__",
    "**/*.pyi",
    "**/py.typed",
    # Kinds of pictures that are not taken, text, windows; and the libraries that only these need.
    "PIL/_avif.*",
    "PIL/_imagingft.*",
    "PIL/_imagingtk.*",
    "pillow.libs/libavif-*",
    "pillow.libs/libbrotli*",
    "pillow.libs/libfreetype-*",
    "pillow.libs/libharfbuzz-*",
    "pillow.libs/libpng16-*",
)


def build(output: Path, wanted: Target, interpreter: Path | None, *, is_local: bool = False) -> None:
    """Write the layer for a target. `is_local`: for this machine, whatever Lambda's own would say of it.

    Raises stage.StageFailed.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".layer-", dir=output.parent) as work:
        folder, packed = Path(work) / "layer", Path(work) / "packed.zip"
        _stage(folder / FOLDER, wanted, interpreter, is_local=is_local)
        package.write_zip(folder, packed)
        package.refuse_too_large(packed, CEILING_BYTES)
        packed.replace(output)


def _stage(folder: Path, wanted: Target, interpreter: Path | None, *, is_local: bool) -> None:
    folder.mkdir(parents=True)
    stage.install(folder, REQUIREMENTS, target=wanted)
    for pattern in NOT_NEEDED:
        for path in list(folder.glob(pattern)):
            deployed.remove(path)
    deployed.cut_metadata(folder)
    faults = deployed.faults_of_compiled(folder, wanted)
    if faults and not is_local:
        raise stage.StageFailed(f"{faults[0]} Deploy on a newer Python: FLOOD_RUNTIME={target.RUNTIME}.")
    elf.cut(folder)
    if interpreter:
        stage.compile_all(folder, interpreter, place=PLACE)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m infra.photo_layer", description="Build the layer for photos.")
    reader.add_argument("--runtime", default=os.environ.get("FLOOD_RUNTIME") or target.RUNTIME)
    reader.add_argument("--architecture", default=os.environ.get("FLOOD_ARCHITECTURE") or target.ARCHITECTURE)
    reader.add_argument("--output", type=Path, default=OUTPUT)
    return reader.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    asked = _asked(arguments)
    signal.signal(signal.SIGTERM, package.end)
    try:
        wanted = Target.named(asked.runtime, asked.architecture)
        build(asked.output, wanted, target.interpreter_for(wanted))
    except (stage.StageFailed, target.UnknownTarget) as failed:
        print(f"No layer was built. {failed}", file=sys.stderr)
        return 1
    print(package.report(asked.output))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
