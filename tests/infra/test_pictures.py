"""Pictures of previews and icons: what is committed is what the build draws."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.pages.frame.preview import SHAPES
from infra import pictures

NAMES = [*(pictures.file_of(rank) for rank in (None, *SHAPES)), "apple-touch-icon.png"]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    """All pictures, not drawn where tests are only gathered, which every worker does."""
    return pictures.all_pictures()


def pixels(picture: Image.Image) -> bytes:
    """The pixels alone: how well they are packed depends on the machine's zlib."""
    return picture.convert("RGBA").tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_committed_is_what_is_drawn(name: str, drawn: dict[str, Image.Image]) -> None:
    with Image.open(pictures.FOLDER / name) as committed:
        assert committed.size == drawn[name].size
        assert pixels(committed) == pixels(drawn[name])


def test_icon_of_tabs_has_all_its_sizes_as_drawn() -> None:
    committed = Image.open(BytesIO((pictures.FOLDER / "favicon.ico").read_bytes()))
    drawn = Image.open(BytesIO(pictures.favicon()))

    assert committed.info["sizes"] == drawn.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    for size in committed.info["sizes"]:
        committed.size = drawn.size = size
        assert pixels(committed) == pixels(drawn)


def test_build_writes_all_files_and_no_other(tmp_path: Path, drawn: dict[str, Image.Image]) -> None:
    assert pictures.main(tmp_path) == 0

    assert {file.name for file in tmp_path.iterdir()} == {*drawn, "favicon.ico"} == {*NAMES, "favicon.ico"}


def test_each_rank_differs_from_the_others_also_without_colours(drawn: dict[str, Image.Image]) -> None:
    previews = [picture.convert("L") for name, picture in drawn.items() if name.startswith("preview")]
    shapes = [picture.point(lambda value: 255 * (value > 200)) for picture in previews]

    assert len({shape.tobytes() for shape in shapes}) == len(SHAPES) + 1 == 5


def test_phones_get_no_transparent_icon(drawn: dict[str, Image.Image]) -> None:
    """They would put black behind it."""
    touch = drawn["apple-touch-icon.png"]

    assert (touch.size, touch.mode) == ((180, 180), "RGB")
    assert touch.getpixel((0, 0)) == touch.getpixel((179, 179)) == (16, 50, 74)
