"""The largest photos that are taken: 25 megapixels of each kind fit into 256 MiB, in a fresh process.

That they take at most five seconds of CPU is the kernel's limit (app/photos/clean.py): a photo beyond it is refused.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.photo_files import packed

SIDE = 5000
MOST_KIB = 256 * 1024
ASKED = """
import resource, sys
from app.photos import separate_process
made = separate_process.clean(sys.stdin.buffer.read())
assert (made.width, made.height) == (1600, 1600)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def shades(mode: str = "RGB") -> Image.Image:
    ring = Image.radial_gradient("L").resize((SIDE, SIDE))
    return Image.merge(mode, [ring, ring.rotate(90), ring, ring][: len(mode)])


def memory_kib(content: bytes) -> int:
    """The most memory that the process of a photo has had."""
    done = subprocess.run([sys.executable, "-c", ASKED], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return int(done.stdout)


def test_png_of_25_megapixels_fits() -> None:
    assert memory_kib(packed(shades("RGBA"), "PNG", compress_level=1)) <= MOST_KIB


@pytest.mark.long
@pytest.mark.parametrize(
    "make",
    [
        lambda: packed(shades(), quality=85),
        lambda: packed(shades(), progressive=True, subsampling=0),
        lambda: packed(shades(), "WEBP", method=0),
        lambda: packed(shades("RGBA"), "WEBP", lossless=True, method=0),
        lambda: packed(shades(), "HEIF", tile_size=512, enc_params={"preset": "ultrafast"}),
        lambda: packed(shades("RGBA"), "HEIF", enc_params={"preset": "ultrafast"}),
    ],
    ids=["JPEG", "progressive JPEG", "WebP", "lossless WebP", "HEIC of an iPhone", "HEIC"],
)
def test_photos_of_25_megapixels_fit(make: Callable[[], bytes]) -> None:
    assert memory_kib(make()) <= MOST_KIB


def test_photo_of_25_megapixels_in_real_files_is_none(shared_data: Path) -> None:
    """The bomb of the hostile set has 400: it costs no more than what a small photo does."""
    bomb = (shared_data / "hostile" / "images" / "made-bomb-20000x20000.png").read_bytes()
    asked = ASKED.replace("made = separate", "try: separate").replace(
        "assert (made.width, made.height) == (1600, 1600)", ""
    )
    asked = asked.replace(".read())\n", ".read())\nexcept separate_process.Refused: pass\n")
    done = subprocess.run([sys.executable, "-c", asked], input=bomb, capture_output=True, check=True)
    assert int(done.stdout) <= 64 * 1024
