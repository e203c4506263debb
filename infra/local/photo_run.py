"""Start the store of photos for a local run, and keep its port."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.local.data_folder import DataFolder
from infra.local.processes import PYTHON, Family, kept_port

NAME = "store of photos"
_HIGHEST_PORT = 65535


@contextmanager
def reserved_port(folder: DataFolder) -> Iterator[int]:
    """Reserve the port that the folder's store has had before, or another if it is taken, while the block lasts."""
    with ExitStack() as held:
        try:
            port = held.enter_context(kept_port(_port_of_before(folder)))
        except OSError:
            port = held.enter_context(kept_port())
        part = folder.photo_port.with_suffix(".part")
        part.write_text(f"{port}\n", encoding="utf-8")
        part.replace(folder.photo_port)
        yield port


def _port_of_before(folder: DataFolder) -> int:
    try:
        port = int(folder.photo_port.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return port if 0 < port <= _HIGHEST_PORT else 0


@contextmanager
def photos_of(folder: DataFolder, *, is_kept: bool) -> Iterator[Path]:
    """Yield the folder of the photos; that of a run that keeps nothing is empty, and gone after the block."""
    if is_kept:
        yield folder.photos
        return
    try:
        shutil.rmtree(folder.photos_of_this_run, ignore_errors=True)  # of a run that was killed
        yield folder.photos_of_this_run
    finally:
        shutil.rmtree(folder.photos_of_this_run, ignore_errors=True)


def start_store(family: Family, port: int, photos: Path, origins: Sequence[str]) -> None:
    """Start the store; pages of the origins may send it forms."""
    family.start(NAME, [PYTHON, "-m", "infra.local.photo_store", str(port), photos, *origins])
