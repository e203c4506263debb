"""The layer of the function that cleans photos: its libraries run from it alone, and no other function has them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra import deployed, package, photo_layer
from infra.local.gateway_menu import read_functions
from infra.local.serve_artifact import build, build_layer, is_fresh_layer
from infra.stage import StageFailed
from infra.target import Target

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 1200  # only what hangs takes so long
HERE = Target.here()
# Draws a picture, stores it in each form that is taken, and reads it again.
READS = """
import io, sys
sys.dont_write_bytecode = True
import pillow_heif
from PIL import Image
pillow_heif.register_heif_opener()
for form in ("JPEG", "PNG", "WEBP", "HEIF"):
    stored = io.BytesIO()
    Image.new("RGB", (64, 48), (20, 90, 160)).save(stored, form)
    with Image.open(io.BytesIO(stored.getvalue())) as read:
        read.load()
        print(read.format, read.size)
print([name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", "") or "")])
"""


@pytest.fixture(scope="module")
def layer() -> Path:
    return build_layer()


def names(packed: Path) -> list[str]:
    return zipfile.ZipFile(packed).namelist()


def test_each_kind_of_photo_is_read_by_the_libraries_of_the_layer_alone(layer: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(layer).extractall(tmp_path)
    environment = {"PYTHONPATH": str(tmp_path / "python"), "PATH": os.defpath}

    done = subprocess.run(
        [sys.executable, "-S", "-s", "-P", "-c", READS],
        env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip

    forms = ["JPEG (64, 48)", "PNG (64, 48)", "WEBP (64, 48)", "HEIF (64, 48)"]
    assert done.stdout.splitlines() == [*forms, "[]"], done.stderr


def test_the_layer_lies_where_lambda_looks_for_it_and_is_the_same_each_time(layer: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"

    photo_layer.build(again, HERE, Path(sys.executable), is_local=True)

    assert {name.partition("/")[0] for name in names(layer)} == {"python"}
    assert again.read_bytes() == layer.read_bytes()
    assert list(tmp_path.iterdir()) == [again]


def test_byte_code_of_the_layer_is_for_this_python(layer: Path) -> None:
    compiled = [name for name in names(layer) if name.endswith(".pyc")]

    assert len(compiled) == len([name for name in names(layer) if name.endswith(".py")])
    assert all(f".{HERE.tag}." in name for name in compiled)


def test_the_artifact_of_all_functions_has_no_library_of_pictures() -> None:
    held = {name.partition("/")[0].lower() for name in names(build())}

    assert not {name for name in held if name.startswith(("pil", "_pillow"))}


def test_one_function_alone_has_the_layer() -> None:
    assert [name for name, definition in read_functions().items() if "layers" in definition] == ["clean_photo"]


def test_libraries_that_lambda_cannot_load_are_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployed, "faults_of_compiled", lambda *_: ["one.so asks for a glibc newer than 2.26."])

    with pytest.raises(StageFailed, match=r"newer than 2\.26\. Deploy on a newer Python: FLOOD_RUNTIME=python3\.13"):
        photo_layer.build(tmp_path / "layer.zip", HERE, None)

    assert list(tmp_path.iterdir()) == []


def test_a_layer_above_its_ceiling_is_refused(layer: Path, tmp_path: Path) -> None:
    grown = tmp_path / "grown.zip"
    grown.touch()
    os.truncate(grown, photo_layer.CEILING_BYTES + 1)

    with pytest.raises(StageFailed, match="more than"):
        package.refuse_too_large(grown, photo_layer.CEILING_BYTES)
    package.refuse_too_large(layer, photo_layer.CEILING_BYTES)


def test_the_layer_is_built_anew_once_what_it_is_made_of_is_newer(layer: Path, tmp_path: Path) -> None:
    copy = tmp_path / layer.name
    copy.write_bytes(layer.read_bytes())

    fresh = is_fresh_layer(copy, HERE)
    os.utime(copy, (0, 0))

    assert (fresh, is_fresh_layer(copy, HERE), is_fresh_layer(layer, Target("3.99", "x86_64"))) == (True, False, False)
