"""Pixels only: whatever a file holds, what leaves is an upright picture in sRGB, on white, and nothing beside it."""

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from app.photos import clean
from tests.photo_files import (
    SECRET,
    UPRIGHT,
    assert_only_pixels,
    colour_name,
    corners,
    opened,
    packed,
    picture,
    tags,
    telling_jpeg,
    telling_png,
)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_upright_whatever_its_orientation(orientation: int) -> None:
    made = clean.clean(telling_jpeg(orientation, size=(80, 40)))

    assert (made.width, made.height) == (80, 40)
    assert corners(made.large) == corners(made.small) == UPRIGHT


def test_nothing_but_pixels_leaves_a_jpeg_that_tells_its_place_in_every_way() -> None:
    sent = telling_jpeg()
    assert sent.count(SECRET) == 5
    assert tags(sent) >= {"IFD0", "GPS", "IPTC", "XMP-dc", "ICC_Profile"} or not tags(sent)

    made = clean.clean(sent)

    for content in (made.large, made.small):
        assert_only_pixels(content)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_nothing_but_pixels_leaves_other_kinds(kind: str) -> None:
    from tests.photo_files import exif_of

    sent = telling_png() if kind == "PNG" else packed(picture(), kind, exif=exif_of(), xmp=SECRET)

    made = clean.clean(sent)

    assert corners(made.large) == UPRIGHT
    assert_only_pixels(made.large)
    assert_only_pixels(made.small, by_exiftool=False)


def test_real_photos_are_clean_and_upright_afterwards(shared_data: Path) -> None:
    for file in sorted((shared_data / "hostile" / "images").iterdir()):
        sent = file.read_bytes()
        answer, files = clean.answer({}, sent)
        if "reason" in answer:
            continue
        at = answer["lengths"][0]
        if "gps" in file.name and shutil.which("exiftool"):
            assert "GPS" in tags(sent), file.name
        assert_only_pixels(files[:at])
        assert_only_pixels(files[at:], by_exiftool=False)
        if "orientation" in file.name:
            is_wide = answer["width"] > answer["height"]
            assert is_wide == ("landscape" in file.name), file.name


def test_large_photo_is_1600_across_within_400_kb_and_small_is_320() -> None:
    noise = Image.effect_noise((2600, 1900), 90).convert("RGB")

    made = clean.clean(packed(noise, quality=60))

    assert (made.width, made.height) == opened(made.large).size == (1600, 1169)
    assert opened(made.small).size == (320, 234)
    assert 250_000 < len(made.large) <= 400_000
    assert len(made.small) <= 60_000


def test_small_photo_is_not_made_larger() -> None:
    made = clean.clean(packed(picture(30, 20)))

    assert opened(made.large).size == opened(made.small).size == (30, 20)


@pytest.mark.parametrize("size", [(9000, 3), (1, 5000)])
def test_very_long_picture_keeps_a_pixel_across(size: tuple[int, int]) -> None:
    made = clean.clean(packed(Image.new("RGB", size, "red"), "PNG"))

    assert max(made.width, made.height) == 1600 and min(made.width, made.height) == 1


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGBA"), ("HEIF", "RGBA")])
def test_what_is_transparent_is_white_and_hides_nothing(kind: str, mode: str) -> None:
    image = picture(64, 64).convert(mode)
    image.putalpha(Image.new("L", image.size, 255))
    image.paste(Image.new(mode, (32, 32)), (32, 0))  # black, and not to be seen

    sent = packed(image, kind, lossless=True) if kind == "WEBP" else packed(image, kind)

    assert corners(clean.clean(sent).large)[1] == "white"


def test_one_transparent_colour_of_a_palette_is_white() -> None:
    image = picture(64, 64).quantize(4)
    hidden = image.getpixel((5, 5))

    assert corners(clean.clean(packed(image, "PNG", transparency=hidden)).large) == ("white", *UPRIGHT[1:])


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "CMYK"])
def test_colours_of_every_mode_come_out_right(mode: str) -> None:
    if mode == "I;16":
        image = Image.new(mode, (64, 64), 65535)
        image.paste(0, (0, 0, 32, 64))
    elif mode in ("1", "L"):
        image = Image.new(mode, (64, 64), 255)
        image.paste(0, (0, 0, 32, 64))
    else:
        image = picture(64, 64).convert(mode)

    made = clean.clean(packed(image, "JPEG" if mode == "CMYK" else "PNG"))

    assert corners(made.large) == (UPRIGHT if mode in ("P", "CMYK") else ("black", "white", "black", "white"))


def test_profile_is_converted_and_not_kept() -> None:
    swapped = ImageCms.createProfile("sRGB")
    lab = ImageCms.ImageCmsProfile(swapped).tobytes()
    red, green = lab.index(b"rXYZ"), lab.index(b"gXYZ")
    profile = bytearray(lab)
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"  # its red is our green

    plain = clean.clean(packed(Image.new("RGB", (32, 32), (255, 0, 0))))
    made = clean.clean(packed(Image.new("RGB", (32, 32), (255, 0, 0)), icc_profile=bytes(profile)))

    assert colour_name(opened(plain.large).getpixel((9, 9))) == "red"
    red_left, green_made, _ = opened(made.large).getpixel((9, 9))
    assert green_made > red_left
    assert_only_pixels(made.large)


@pytest.mark.parametrize("profile", [b"no profile", b"\0" * 200, bytes(range(256)) * 20])
def test_profile_that_is_none_counts_for_nothing(profile: bytes) -> None:
    assert corners(clean.clean(packed(picture(), icc_profile=profile)).large) == UPRIGHT


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "MPO"])
def test_of_a_moving_picture_the_first_is_taken(kind: str) -> None:
    others = [picture().rotate(180), Image.new("RGB", (64, 48))]

    made = clean.clean(packed(picture(), kind, save_all=True, append_images=others, duration=100))

    assert corners(made.large) == UPRIGHT


def test_webp_is_turned_by_its_exif_data() -> None:
    from tests.photo_files import TURNED, exif_of

    made = clean.clean(packed(picture(80, 40).transpose(TURNED[6]), "WEBP", exif=exif_of(6)))

    assert (made.width, made.height) == (80, 40) and corners(made.large) == UPRIGHT


def test_blurred_place_is_a_few_colours_and_the_rest_stays() -> None:
    striped = Image.new("RGB", (400, 400), "white")
    for x in range(0, 400, 8):
        striped.paste("black", (x, 0, x + 4, 400))
    large = clean.clean(packed(striped)).large

    made = clean.blur(large, [[0.25, 0.25, 0.5, 0.5], [0.99, 0.99, 0.5, 0.5]])

    inside = opened(made.large).crop((110, 110, 290, 290)).convert("L").getextrema()
    outside = opened(made.large).crop((0, 0, 90, 90)).convert("L").getextrema()
    assert inside[1] - inside[0] < 30 and outside[1] - outside[0] > 200
    assert_only_pixels(made.large)
    assert (made.width, made.height) == (400, 400)
