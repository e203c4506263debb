"""Pictures of previews and icons: what is committed is what the build draws."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.pages.frame.preview import SHAPES
from infra import pictures

DRAWN = pictures.all_pictures()


def pixels(picture: Image.Image) -> bytes:
    """The pixels alone: how well they are packed depends on the machine's zlib."""
    return picture.convert("RGBA").tobytes()


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_committed_is_what_is_drawn(name: str) -> None:
    with Image.open(pictures.FOLDER / name) as committed:
        assert committed.size == DRAWN[name].size
        assert pixels(committed) == pixels(DRAWN[name])


def test_icon_of_tabs_has_all_its_sizes_as_drawn() -> None:
    committed = Image.open(BytesIO((pictures.FOLDER / "favicon.ico").read_bytes()))
    drawn = Image.open(BytesIO(pictures.favicon()))

    assert committed.info["sizes"] == drawn.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    for size in committed.info["sizes"]:
        committed.size = drawn.size = size
        assert pixels(committed) == pixels(drawn)


def test_build_writes_all_files_and_no_other(tmp_path: Path) -> None:
    assert pictures.main(tmp_path) == 0

    assert {file.name for file in tmp_path.iterdir()} == {*DRAWN, "favicon.ico"}


def test_each_rank_differs_from_the_others_also_without_colours() -> None:
    previews = [picture.convert("L") for name, picture in DRAWN.items() if name.startswith("preview")]
    shapes = [picture.point(lambda value: 255 * (value > 200)) for picture in previews]

    assert len({shape.tobytes() for shape in shapes}) == len(SHAPES) + 1 == 5


def test_phones_get_no_transparent_icon() -> None:
    """They would put black behind it."""
    touch = DRAWN["apple-touch-icon.png"]

    assert (touch.size, touch.mode) == ((180, 180), "RGB")
    assert touch.getpixel((0, 0)) == touch.getpixel((179, 179)) == (16, 50, 74)
