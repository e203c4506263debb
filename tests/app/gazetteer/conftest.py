"""A small gazetteer of our own rows in its table, as a deployment has it."""

import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.gazetteer import loading, pack_file
from app.gazetteer.models import STORE, GazetteerBlock
from infra.gazetteer.__main__ import FOLDER_NAMES, main
from tests.app.gazetteer.judging import SAMPLES

OWN_NAMES = FOLDER_NAMES | {
    "postcodes": "postcodes",
    "world": "world-cities500.csv",
    "zips": "us-zip-geonames.csv",
}


def build(to: Path, *more: str) -> Path:
    """Build the pack of the sample rows."""
    sources = [part for name, file in OWN_NAMES.items() for part in (f"--{name}", str(SAMPLES / file))]
    assert main([*sources, "--date", "2026-11-28", "--to", str(to), *more]) == 0
    return to


@pytest.fixture(scope="session")
def sample_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("gazetteer") / "sample.pack")


@pytest.fixture
def places(tables: None, sample_pack: Path) -> None:
    """The table holds the sample rows."""
    for _ in loading.load(sample_pack):
        pass
    STORE.forget()


@pytest.fixture(scope="session")
def whole_blocks() -> dict[str, bytes]:
    """Return the blocks of the committed pack's file, uncompressed."""
    return {f"whole/{key}": content for key, content in pack_file.read_contents(pack_file.FILE)}


@pytest.fixture
def whole_pack(monkeypatch: pytest.MonkeyPatch, whole_blocks: dict[str, bytes]) -> Iterator[None]:
    """The committed pack, read from its file where the product would ask the table."""
    known = whole_blocks
    packed = {key: partial(zlib.compress, known[key], 1) for key in known}
    monkeypatch.setattr(GazetteerBlock, "read", lambda keys: {key: packed[key]() for key in keys if key in packed})
    monkeypatch.setattr(GazetteerBlock, "read_current", lambda: GazetteerBlock("current/1", version="whole"))
    STORE.forget()
    yield
    STORE.forget()
