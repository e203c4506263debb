"""Compiled libraries are deployed without what only debuggers read, and work as before."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra import elf

AREA = "import _pyclipper; print(_pyclipper.Area([(0, 0), (10, 0), (10, 10)]))"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A compiled library as its wheel has it, in a folder of its own."""
    spec = find_spec("pyclipper")
    assert spec and spec.submodule_search_locations
    [file] = Path(spec.submodule_search_locations[0]).glob("_pyclipper*.so")
    copied = tmp_path / file.name
    copied.write_bytes(file.read_bytes())
    return copied


def test_cut_library_is_smaller_and_computes_the_same(library: Path) -> None:
    before = library.stat().st_size

    elf.cut(library.parent)

    assert library.stat().st_size < before / 4
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(library.parent)!r}); {AREA}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "50.0\n"


def test_cut_library_stays_as_it_is(library: Path) -> None:
    once = elf.loaded(library.read_bytes())

    assert elf.loaded(once) == once


@pytest.mark.parametrize("raw", [b"", b"\x7fELF", b"MZ\x90", b"\x7fELF\x01\x01" + b"\0" * 60])
def test_what_is_no_library_of_this_kind_stays_as_it_is(raw: bytes) -> None:
    assert elf.loaded(raw) == raw


def test_file_that_an_installer_shares_is_not_changed(library: Path, tmp_path: Path) -> None:
    shared = tmp_path / "cache"
    shared.hardlink_to(library)
    before = shared.read_bytes()

    elf.cut(tmp_path)

    assert shared.read_bytes() == before
