"""Photo files for tests, with all that a camera and a stranger may put into them, and what is left in a cleaned one."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 0)
CORNERS = (RED, GREEN, BLUE, YELLOW)
SECRET = b"51.4778N 0.0015W serial-4711"
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F
# What turns an upright picture into one that a viewer turns back, by EXIF orientation.
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture whose corners are red and green above, blue and yellow below."""
    image = Image.new("RGB", (2, 2))
    image.putdata(list(CORNERS))
    return image.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def packed(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    made = io.BytesIO()
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(image).save(made, quality=90, **options)
    else:
        image.save(made, kind, **({"quality": 95} | options if kind in ("JPEG", "WEBP") else options))
    return made.getvalue()


def exif_of(orientation: int = 1) -> bytes:
    """EXIF data with a place, a maker's serial number and an orientation."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = orientation, SECRET.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 28.0, 40.0), 3: "W", 4: (0.0, 0.0, 5.0)})
    return exif.tobytes()


def telling_jpeg(orientation: int = 1, *, size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG with a place in EXIF, XMP, IPTC and a comment, with a thumbnail, a profile, and a tail behind its end."""
    image = picture(*size)
    if orientation in TURNED:
        image = image.transpose(TURNED[orientation])
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    xmp += b"<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:source='" + SECRET
    xmp += b"'/></rdf:RDF></x:xmpmeta>"
    options = {"exif": exif_of(orientation), "icc_profile": srgb, "xmp": xmp, "comment": SECRET}
    made = packed(image, **options)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + (len(SECRET) + 5).to_bytes(4, "big")
    iptc += b"\x1c\x02\x78" + len(SECRET).to_bytes(2, "big") + SECRET
    thumbnail = b"JFXX\0\x10" + packed(image.resize((16, 12)))
    return made[:2] + _segment(0xED, iptc) + _segment(0xE0, thumbnail) + made[2:] + SECRET


def telling_png(image: Image.Image | None = None) -> bytes:
    """A PNG with a place in its texts and EXIF data."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return packed(image or picture(), "PNG", pnginfo=texts, exif=exif_of())


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def corners(content: bytes) -> tuple[str, ...]:
    """The names of the colours in the corners of a picture, row by row."""
    image = opened(content)
    across, down = (image.width // 4, image.width * 3 // 4), (image.height // 4, image.height * 3 // 4)
    return tuple(colour_name(image.getpixel((x, y))) for y in down for x in across)


def colour_name(pixel: Any) -> str:
    named = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW, "white": (255, 255, 255), "black": (0, 0, 0)}
    return min(named, key=lambda name: sum((a - b) ** 2 for a, b in zip(named[name], pixel, strict=True)))


UPRIGHT = ("red", "green", "blue", "yellow")
# Start and end, tables, the frame, its scans, and the 14 bytes of JFIF without a thumbnail: what pixels need.
PLAIN_MARKERS = {0xD8, 0xD9, 0xDB, 0xC4, 0xC0, 0xC2, 0xDA, 0xE0}
JFIF = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"


def segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker of a JPEG with its segment; the rest behind its end has the number 0."""
    at = 0
    while at < len(content):
        assert content[at] == 0xFF, f"no marker at {at}"
        marker, at = content[at + 1], at + 2
        if marker in (0xD8, 0xD9):
            yield marker, b""
            if marker == 0xD9:
                break
            continue
        end = at + int.from_bytes(content[at : at + 2], "big")
        yield marker, content[at + 2 : end]
        at = end
        while marker == 0xDA and not (content[at] == 0xFF and content[at + 1] not in (0, *range(0xD0, 0xD8))):
            at += 1
    if at < len(content):
        yield 0, content[at:]


def assert_only_pixels(content: bytes, *, by_exiftool: bool = True) -> None:
    """Check that a cleaned file says nothing but its pixels, by our own reader and by exiftool where it is there."""
    found = list(segments(content))
    assert {marker for marker, _ in found} <= PLAIN_MARKERS, [hex(marker) for marker, _ in found]
    assert [segment for marker, segment in found if marker == 0xE0] == [JFIF]
    assert SECRET not in content
    assert not (by_exiftool and tags(content))


def tags(content: bytes) -> set[str]:
    """Tags that exiftool finds beside those that each file has; none without exiftool."""
    if not shutil.which("exiftool"):
        return set()
    asked = ["exiftool", "-G1", "-s", "-n", "-a", "-u", "-ee", "-"]
    told = subprocess.run(asked, input=content, capture_output=True, check=False).stdout.decode(errors="replace")
    groups = {line.partition("]")[0].lstrip("[") for line in told.splitlines()}
    return groups - {"ExifTool", "System", "File", "JFIF", "Composite"}
