"""Mutated files: each is refused by a known code, or comes out as pixels alone; none ends the process that reads it."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from app.photos import clean, file_kinds, reasons
from tests.photo_files import assert_only_pixels, exif_of, packed, picture, telling_jpeg, telling_png

Mutate = Callable[[random.Random, bytearray], None]
ODD_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def flip(chance: random.Random, content: bytearray) -> None:
    for _ in range(chance.choice((1, 2, 8, 40))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def put_number(chance: random.Random, content: bytearray) -> None:
    """Near the beginning, where sizes and lengths are."""
    size, order = chance.choice((1, 2, 4)), chance.choice(("big", "little"))
    at = chance.randrange(min(len(content), chance.choice((40, 400, 4000))))
    content[at : at + size] = (chance.choice(ODD_NUMBERS) & (256**size - 1)).to_bytes(size, order)


def cut(chance: random.Random, content: bytearray) -> None:
    del content[chance.randrange(1, len(content)) :]


def take_out(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    del content[at : at + chance.choice((1, 2, 30, 1000))]


def repeat(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    content[at:at] = content[at : at + chance.choice((4, 60, 2000))] * chance.choice((1, 3, 200))


def put_in(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    content[at:at] = chance.randbytes(chance.choice((1, 4, 100)))


MUTATIONS: Sequence[Mutate] = (flip, flip, put_number, put_number, cut, take_out, repeat, put_in)


@cache
def whole_files() -> Sequence[bytes]:
    noise = Image.effect_noise((48, 40), 60).convert("RGB")
    see_through = picture().convert("RGBA")
    moving = {"save_all": True, "append_images": [noise.resize((64, 48))], "duration": 50}
    return (
        telling_jpeg(6),
        packed(noise, progressive=True, exif=exif_of(3)),
        packed(picture(mode="CMYK")),
        telling_png(),
        packed(picture(48, 40).quantize(4), "PNG", transparency=1),
        packed(Image.new("I;16", (40, 30), 30000), "PNG"),
        packed(picture(), "WEBP", exif=exif_of(8)),
        packed(noise, "WEBP", lossless=True),
        packed(see_through, "WEBP"),
        packed(picture(), "WEBP", **moving),
        packed(picture(), "PNG", **moving),
        packed(noise, "HEIF", exif=exif_of(6)),
        packed(see_through, "HEIF"),
    )


def mutated(number: int, files: Sequence[bytes]) -> bytes:
    """The file of a number: the same in every run."""
    chance = random.Random(number)
    content = bytearray(files[number % len(files)])
    for _ in range(chance.choice((1, 1, 2, 4))):
        chance.choice(MUTATIONS)(chance, content)
        if not content:
            break
    return bytes(content)


def check(content: bytes) -> str:
    """Return the outcome for a file: a code, or "" where it is shown."""
    told, files = clean.answer({}, content)
    if "reason" in told:
        assert told["reason"] in reasons.SENTENCES and files == b""
        return str(told["reason"])
    large, small = told["lengths"]
    assert large <= clean.MOST_LARGE_BYTES and small <= clean.MOST_SMALL_BYTES and large + small == len(files)
    assert 1 <= max(told["width"], told["height"]) <= clean.LARGE
    for one in (files[:large], files[large:]):
        assert_only_pixels(one, by_exiftool=False)
    return ""


def check_all(numbers: range, files: Sequence[bytes]) -> set[str]:
    """Return the outcomes for many; a failure names the number of its file."""
    became = set()
    for number in numbers:
        try:
            became.add(check(mutated(number, files)))
        except Exception as error:
            raise AssertionError(f"mutated file {number}") from error
    return became


def test_300_mutated_files_are_refused_or_come_out_as_pixels() -> None:
    assert {"", reasons.BROKEN, reasons.NO_PHOTO} <= check_all(range(300), whole_files())


@pytest.mark.long
@pytest.mark.parametrize("part", range(5))
def test_10_000_mutated_files_are_refused_or_come_out_as_pixels(part: int, shared_data: Path) -> None:
    images = (shared_data / "hostile" / "images").iterdir()
    real = [content for file in sorted(images) if (content := file.read_bytes())]

    check_all(range(part * 2_000, part * 2_000 + 1_600), whole_files())
    check_all(range(part * 2_000 + 1_600, part * 2_000 + 2_000), real)


def test_parts_that_hold_no_pixels_never_reach_a_decoder() -> None:
    assert b"tEXt" in telling_png() and b"tEXt" not in file_kinds.read_png(telling_png()).content
    webp = packed(picture(), "WEBP", exif=exif_of(8))
    assert b"EXIF" in webp and b"EXIF" not in file_kinds.read_webp(webp).content
