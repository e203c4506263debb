"""The database of a local run: dynoxide, which stores its data in one file, or a stand-in in memory; and its photos."""

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from infra.local import photo_run
from infra.local.data_folder import PREFIX, REGION, DataFolder
from infra.local.dynoxide import DYNOXIDE
from infra.local.processes import LOOK_EVERY_S, LOOPBACK, PYTHON, Ending, Failed, Family, await_true, kept_port
from infra.tables import create_tables, incomplete_copies

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
else:
    DynamoDBClient = Any

START_WITHIN_S = 120
NAME = "database"
BACKFILL = "backfill"
FASTEST = "100000"  # rows a second: only this run uses the database


def can_keep_data() -> bool:
    """Return whether there is a database for this system that survives a restart."""
    return os.access(DYNOXIDE, os.X_OK)


@contextmanager
def own_database(
    folder: DataFolder, ending: Ending, *, is_kept: bool = True, origins: Sequence[str] = ()
) -> Iterator[tuple[str, Family]]:
    """Run the folder's database with all tables, and its store of photos, while the block lasts.

    Yields the database's address and its process family. `origins`: their pages may send photos. The caller holds the
    folder's lock, so an address left there by a crashed run is unused.
    """
    with ExitStack() as held:
        port = held.enter_context(kept_port())
        address = f"http://{LOOPBACK}:{port}"
        log = held.enter_context(folder.database_log.open("ab"))
        store_port = held.enter_context(photo_run.reserved_port(folder))
        photos = held.enter_context(photo_run.photos_of(folder, is_kept=is_kept))
        family = held.enter_context(Family(folder.environment(address)))
        family.start(NAME, _on_disk(folder, port) if is_kept else _in_memory(port), log=log)
        photo_run.start_store(family, store_port, photos, origins)
        _await_start(folder, family, address, ending)
        create_tables(database_client(address), PREFIX)
        _await_store(family, store_port, ending)
        _fill_copies(family, address, ending)
        part = folder.endpoint.with_suffix(".part")
        part.write_text(address + "\n", encoding="utf-8")
        part.replace(folder.endpoint)  # written completely before it appears
        try:
            yield address, family
        finally:
            folder.endpoint.unlink(missing_ok=True)
            # The database and the store last: the others may still be writing.
            family.end(*(name for name in family.members if name not in (NAME, photo_run.NAME)))


def running_address(folder: DataFolder) -> str:
    """Return the address of a database that another run started on this folder; empty if none answers."""
    with contextlib.suppress(OSError):
        address = folder.endpoint.read_text(encoding="utf-8").strip()
        if _answers(address):
            return address
    return ""


def database_client(address: str) -> DynamoDBClient:
    return boto3.client("dynamodb", **client_options(address))


def client_options(address: str, **options: Any) -> dict[str, Any]:
    """Return client options for any local database. The keys are dummies, which local databases ignore."""
    return {
        "endpoint_url": address,
        "region_name": REGION,
        "aws_access_key_id": "local",
        "aws_secret_access_key": "local",
        "config": Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 2}, **options),
    }


def _on_disk(folder: DataFolder, port: int) -> list[str]:
    return [str(DYNOXIDE), "--host", LOOPBACK, "--port", str(port), "--db-path", str(folder.database)]


def _in_memory(port: int) -> list[str]:
    return [str(PYTHON), "-m", "infra.local.stand_in", str(port)]


def _await_start(folder: DataFolder, family: Family, address: str, ending: Ending) -> None:
    def is_decided() -> bool:
        return _answers(address) or family.code_of(NAME) is not None

    if not await_true(is_decided, ending=ending, within_s=START_WITHIN_S) or family.code_of(NAME) is not None:
        raise Failed(f"The database did not start. {folder.database_log} says why.")


def _await_store(family: Family, port: int, ending: Ending) -> None:
    def is_decided() -> bool:
        return _answers(f"http://{LOOPBACK}:{port}") or family.code_of(photo_run.NAME) is not None

    is_there = await_true(is_decided, ending=ending, within_s=START_WITHIN_S)
    if not is_there or family.code_of(photo_run.NAME) is not None:
        raise Failed("The store of photos did not start; the lines above say why.")


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    if not parts.hostname or not parts.port:
        return False
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def _fill_copies(family: Family, address: str, ending: Ending) -> None:
    """Fill what an older release has not written, also if it has used this folder in between."""
    if not (copies := incomplete_copies(database_client(address), PREFIX)):
        return
    print(f"The data are of an older release. Filling {', '.join(copies)} ...", flush=True)
    command: list[str | Path] = [PYTHON, "-m", "flask", "--app", "app.factory", "backfill", "--rate", FASTEST, *copies]
    family.start(BACKFILL, command)
    while (code := family.code_of(BACKFILL)) is None:
        ending.wait(LOOK_EVERY_S)
    if code:
        raise Failed("The data of an older release could not be brought up; the lines above say why. Start again.")
    family.end(BACKFILL)
