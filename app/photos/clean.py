"""Make of an uploaded file clean pixels: upright, in sRGB, on white, as two JPEG files without any metadata.

Run as a process of its own (app/photos/separate_process.py), because decoders are the part of the product that
strangers attack. It takes one line of JSON and a file from its input, and gives one line of JSON and files to its
output.
"""

import ctypes
import json
import os
import resource
import struct
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, _webp

from app.photos import file_kinds
from app.photos.reasons import BROKEN, NO_HEIC, TOO_COSTLY, Refused

LARGE, SMALL = 1600, 320
MOST_LARGE_BYTES, MOST_SMALL_BYTES = 400_000, 60_000
BEST_QUALITY, LEAST_QUALITY = 88, 10
# What the kernel lets this process have: data of 236 MiB, beside at most 20 of code.
MOST_DATA_BYTES = 236 * 1024 * 1024
MOST_CPU_S = 5
_LIMITS = {resource.RLIMIT_DATA: MOST_DATA_BYTES, resource.RLIMIT_CPU: MOST_CPU_S}
_LIMITS |= {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0}
BAND_PIXELS = 1_000_000
WHITE = 255
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_ORIENTATION = 0x0112

Band = Callable[[int, int], Image.Image]


class Cleaned(NamedTuple):
    """Both files of a photo, and the size of the large one."""

    width: int
    height: int
    large: bytes
    small: bytes


class Pixels(NamedTuple):
    """A decoded picture: its size, rows from one to another, and what makes them right."""

    width: int
    height: int
    band: Band
    profile: bytes = b""
    orientation: int = 1


def clean(content: bytes) -> Cleaned:
    """Return the clean pixels of a file. Raises Refused, and whatever decoders raise for a broken file."""
    pixels = READ[file_kinds.kind_of(content)](content)
    image = _in_srgb(_reduced(pixels), pixels.profile)
    return _in_both_sizes(_fitted(image, LARGE, of=(pixels.width, pixels.height)), pixels.orientation)


def blur(content: bytes, places: Sequence[Sequence[float]]) -> Cleaned:
    """Return the pixels of a clean JPEG with places made unrecognizable: x, y, width and height as parts of the whole.

    Of each place a few averages of its colours stay, so nothing can be won back.
    """
    with JpegImagePlugin.JpegImageFile(BytesIO(content)) as read:
        image = read.convert("RGB")
    width, height = image.size
    for x, y, across, down in places:
        left, top = max(0, int(x * width)), max(0, int(y * height))
        right, bottom = min(width, int((x + across) * width) + 1), min(height, int((y + down) * height) + 1)
        if left < right and top < bottom:
            size = (right - left, bottom - top)
            few = (min(3, size[0]), min(3, size[1]))
            part = image.crop((left, top, right, bottom)).resize(few, Image.Resampling.BOX)
            image.paste(part.resize(size, Image.Resampling.BILINEAR), (left, top))
    return _in_both_sizes(image, 1)


def _in_both_sizes(image: Image.Image, orientation: int) -> Cleaned:
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    image, large = _packed(image, MOST_LARGE_BYTES)
    _, small = _packed(_fitted(image, SMALL, of=image.size), MOST_SMALL_BYTES)
    return Cleaned(*image.size, large, small)


def _read_jpeg(content: bytes) -> Pixels:
    file_kinds.check_jpeg(content)
    image = JpegImagePlugin.JpegImageFile(BytesIO(content))
    file_kinds.check_size(*image.size)
    image.draft(None, _size_within(LARGE, image.size))
    profile, orientation = image.info.get("icc_profile") or b"", _orientation(image.info.get("exif") or b"")
    image.load()
    return Pixels(*image.size, _bands_of(image), profile, orientation)


def _read_png(content: bytes) -> Pixels:
    picture = file_kinds.read_png(content)
    image = PngImagePlugin.PngImageFile(BytesIO(picture.content))
    file_kinds.check_size(*image.size)
    image.load()
    return Pixels(*image.size, _bands_of(image), picture.profile, _orientation(picture.exif))


def _read_webp(content: bytes) -> Pixels:
    """Read a WebP by libwebp itself, which comes with Pillow: Pillow's own way takes 400 MB for 25 megapixels."""
    picture = file_kinds.read_webp(content)
    depth, mode = (4, "RGBA") if picture.has_alpha else (3, "RGB")
    library, row = ctypes.CDLL(_webp.__file__), picture.width * depth
    decode = library.WebPDecodeRGBAInto if picture.has_alpha else library.WebPDecodeRGBInto
    decode.restype = ctypes.c_void_p
    space, size = (ctypes.c_char * (row * picture.height))(), ctypes.c_size_t
    if not decode(picture.content, size(len(picture.content)), space, size(len(space)), ctypes.c_int(row)):
        raise Refused(BROKEN)
    rows = _rows_of(memoryview(space).cast("B"), mode, picture.width, row)
    return Pixels(picture.width, picture.height, rows, picture.profile, _orientation(picture.exif))


def _read_heic(content: bytes) -> Pixels:
    """Read the primary picture of a HEIC, which libheif turns upright by itself."""
    try:
        import pillow_heif  # other photos need not wait for it, and not every system has it
    except ImportError as error:
        raise Refused(NO_HEIC) from error
    options = pillow_heif.options
    options.DECODE_THREADS, options.THUMBNAILS, options.DEPTH_IMAGES, options.AUX_IMAGES = 1, False, False, False
    opened = pillow_heif.open_heif(content, convert_hdr_to_8bit=True)
    file_kinds.check_size(*opened.size)
    try:
        data, (width, height), mode = opened.data, opened.size, str(opened.mode)
    except RuntimeError as error:
        raise (MemoryError if "emory alloc" in str(error) else Refused(BROKEN)) from error
    file_kinds.check_size(width, height)
    if mode not in ("L", "LA", "I;16", "RGB", "RGBA", "RGBa") or len(data) < opened.stride * height:
        raise Refused(BROKEN)
    rows = _rows_of(memoryview(data), mode, width, int(opened.stride))
    return Pixels(width, height, rows, opened.info.get("icc_profile") or b"")


READ: dict[str, Callable[[bytes], Pixels]] = {
    file_kinds.JPEG: _read_jpeg,
    file_kinds.PNG: _read_png,
    file_kinds.WEBP: _read_webp,
    file_kinds.HEIC: _read_heic,
}


def _bands_of(image: Image.Image) -> Band:
    return lambda top, bottom: image.crop((0, top, image.width, bottom))


def _rows_of(data: memoryview, mode: str, width: int, row: int) -> Band:
    def band(top: int, bottom: int) -> Image.Image:
        return Image.frombytes(mode, (width, bottom - top), data[top * row : bottom * row], "raw", mode, row)

    return band


def _orientation(exif: bytes) -> int:
    """Return the orientation that EXIF data give, 1 to 8; 1 if they cannot be read."""
    read = Image.Exif()
    with suppress(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error):
        read.load(exif)
        found = read.get(_ORIENTATION, 1)
        return int(found) if isinstance(found, int) and found in _UPRIGHT else 1
    return 1


def _reduced(pixels: Pixels) -> Image.Image:
    """Return a picture as L, RGB or CMYK on white, averaged to less than twice the size wanted; band by band.

    So there is never a second copy of all pixels.
    """
    parts = max(1, max(pixels.width, pixels.height) // LARGE)
    rows = max(1, BAND_PIXELS // pixels.width // parts) * parts
    whole: Image.Image | None = None
    for top in range(0, pixels.height, rows):
        band = _on_white(pixels.band(top, min(top + rows, pixels.height))).reduce(parts)
        if whole is None:
            whole = Image.new(band.mode, (-(-pixels.width // parts), -(-pixels.height // parts)))
        whole.paste(band, (0, top // parts))
    assert whole is not None
    return whole


def _on_white(image: Image.Image) -> Image.Image:
    """Return an image as L, RGB or CMYK; what was transparent is white."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode == "RGBa":
        image = image.convert("RGBA")
    is_see_through = image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info
    wanted = "L" if image.mode in ("1", "L", "LA") else "CMYK" if image.mode == "CMYK" else "RGB"
    if not is_see_through:
        return image if image.mode == wanted else image.convert(wanted)
    image = image.convert("RGBA")
    base = Image.new("RGB", image.size, (WHITE, WHITE, WHITE))
    base.paste(image, mask=image.getchannel("A"))
    return base if wanted == "RGB" else base.convert(wanted)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return an image in sRGB. A profile that is none, or one for other colours, counts for nothing."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        opened = ImageCms.ImageCmsProfile(BytesIO(profile)) if profile else None
        if opened and _SPACES.get(opened.profile.xcolor_space.strip()) == image.mode:
            made = ImageCms.profileToProfile(image, opened, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if made is not None:
                return made
    return image if image.mode == "L" else image.convert("RGB")


def _size_within(side: int, size: tuple[int, int]) -> tuple[int, int]:
    """Return a size whose longer side is at most `side`, in the same proportion."""
    longest = max(size)
    if longest <= side:
        return size
    return max(1, round(size[0] * side / longest)), max(1, round(size[1] * side / longest))


def _fitted(image: Image.Image, side: int, *, of: tuple[int, int]) -> Image.Image:
    """Return an image in the size that a picture of the size `of` has within `side`."""
    wanted = _size_within(side, of)
    return image if wanted == image.size else image.resize(wanted, Image.Resampling.LANCZOS)


def _packed(image: Image.Image, most: int) -> tuple[Image.Image, bytes]:
    """Return an image as JPEG of the best quality that is not too large; it shrinks if no quality does it."""
    while True:
        least, best, made = LEAST_QUALITY, BEST_QUALITY, b""
        quality = best
        while least <= best:
            tried = _jpeg(image, quality)
            if len(tried) <= most:
                least, made = quality + 1, tried
            else:
                best = quality - 1
            quality = (least + best) // 2
        if made:
            return image, made
        image = image.resize(_size_within(max(1, max(image.size) * 3 // 4), image.size), Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """Return pixels as a progressive JPEG: what an image knows beside them is left behind."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    made = BytesIO()
    bare.save(made, "JPEG", quality=quality, progressive=True, optimize=True)
    return made.getvalue()


def answer(order: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the answer about a file, and its clean files: for a broken one why it is refused."""
    try:
        with warnings.catch_warnings(action="ignore"):
            made = clean(content) if order.get("blur") is None else blur(content, order["blur"])
    except Refused as error:
        return {"reason": error.code}, b""
    except MemoryError:
        return {"reason": TOO_COSTLY}, b""
    except Exception as error:  # noqa: BLE001 - decoders raise anything for a file that is made to break them
        return {"reason": BROKEN, "error": type(error).__name__}, b""
    told = {"width": made.width, "height": made.height, "lengths": [len(made.large), len(made.small)]}
    return told, made.large + made.small


def main() -> None:
    """Answer one order, within limits that the kernel keeps."""
    for kind, most in _LIMITS.items():
        allowed = resource.getrlimit(kind)[1]
        wanted = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (wanted, allowed))
    order = json.loads(sys.stdin.buffer.readline())
    told, files = answer(order, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + files)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
