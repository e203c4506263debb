"""Files that are no photo, or would cost too much: refused by a code, before any decoder has seen them if it can be."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from app.photos import clean, reasons, separate_process
from app.photos.reasons import Refused
from tests.photo_files import packed, picture, telling_jpeg

EIGHT_MB = 8 * 1024 * 1024


def reason_of(content: bytes) -> str:
    told, files = clean.answer({}, content)
    assert files == b"" or "reason" not in told
    return str(told.get("reason", ""))


def png_of(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG that says a size, whatever it holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(40),
        b"%PDF-1.7\n",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\xff\xd8",
    ],
)
def test_other_kinds_are_no_photo_whatever_their_name(content: bytes) -> None:
    assert reason_of(content) == reasons.NO_PHOTO


def test_empty_and_too_large_files_say_so() -> None:
    assert reason_of(b"") == reasons.EMPTY
    assert reason_of(telling_jpeg() + bytes(EIGHT_MB)) == reasons.TOO_LARGE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_half_a_file_is_broken(kind: str) -> None:
    whole = packed(Image.effect_noise((200, 200), 50).convert("RGB"), kind)

    assert reason_of(whole) == ""
    assert reason_of(whole[: len(whole) // 2]) == reasons.BROKEN


def test_more_than_25_megapixels_are_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    jpeg = bytearray(packed(picture(40, 30)))
    frame = jpeg.index(b"\xff\xc0") + 5
    jpeg[frame : frame + 4] = struct.pack(">HH", 5001, 5000)
    webp = bytearray(packed(picture(40, 30), "WEBP"))
    start = webp.index(b"\x9d\x01\x2a") + 3
    webp[start : start + 4] = struct.pack("<HH", 5001, 5000)
    lossless = bytearray(packed(picture(40, 30), "WEBP", lossless=True))
    start = lossless.index(b"VP8L") + 9
    lossless[start : start + 4] = struct.pack("<I", 5000 | 4999 << 14)
    for name in ("JpegImagePlugin", "PngImagePlugin", "ctypes"):
        monkeypatch.setattr(clean, name, decode)

    for content in (bytes(jpeg), bytes(webp), bytes(lossless), png_of(5001, 5000), png_of(20_000, 20_000)):
        assert reason_of(content) == reasons.TOO_MANY_PIXELS


def test_heic_of_more_than_25_megapixels_is_refused_before_decoding() -> None:
    heic = packed(picture(64, 64), "HEIF")
    size = heic.index(b"ispe") + 8
    large = heic[:size] + struct.pack(">II", 5001, 5000) + heic[size + 8 :]

    assert reason_of(large) == reasons.TOO_MANY_PIXELS


def test_file_of_many_scans_or_segments_is_too_costly() -> None:
    progressive = packed(picture(64, 64), progressive=True)
    scan = progressive.index(b"\xff\xda")
    again = progressive[scan : progressive.index(b"\xff", scan + 2)]

    assert reason_of(progressive) == ""
    assert reason_of(progressive[:-2] + again * 100 + b"\xff\xd9") == reasons.TOO_COSTLY
    assert reason_of(b"\xff\xd8" + b"\xff\xfe\0\2" * 5000 + progressive[2:]) == reasons.TOO_COSTLY


def test_scans_that_need_too_much_memory_are_too_costly() -> None:
    frame = b"\x08" + struct.pack(">HH", 5000, 5000) + b"\4" + b"".join(bytes([n, 0x11, 0]) for n in range(4))
    sent = b"\xff\xd8\xff\xc2" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xda\0\2\xff\xd9"

    assert reason_of(sent) == reasons.TOO_COSTLY


@pytest.mark.parametrize("size", [(0, 100), (100, 0)])
def test_picture_without_pixels_is_broken(size: tuple[int, int]) -> None:
    assert reason_of(png_of(*size)) == reasons.BROKEN


def test_wrong_checksum_of_a_png_is_broken() -> None:
    sent = bytearray(packed(picture(), "PNG"))
    sent[sent.index(b"IDAT") + 10] ^= 1

    assert reason_of(bytes(sent)) == reasons.BROKEN


def test_hostile_files_are_refused_by_their_reason(shared_data: Path) -> None:
    images = shared_data / "hostile" / "images"
    wanted = {
        "made-bomb-20000x20000.png": reasons.TOO_MANY_PIXELS,
        "made-empty.jpg": reasons.EMPTY,
        "made-script.svg": reasons.NO_PHOTO,
        "made-truncated.jpg": reasons.BROKEN,
        "made-jpeg-html-polyglot.jpg": "",
    }

    assert {name: reason_of((images / name).read_bytes()) for name in wanted} == wanted


def test_heic_is_refused_with_words_that_help_where_no_library_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)

    assert reason_of(packed_heic()) == reasons.NO_HEIC
    assert "JPEG" in reasons.sentence(reasons.NO_HEIC)


def packed_heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", reasons.BROKEN),
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 9))\nwhile True: pass", reasons.TOO_COSTLY),
    ],
)
def test_file_that_ends_its_process_is_refused(command: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separate_process, "COMMAND", ("-c", command))

    with pytest.raises(Refused) as refused:
        separate_process.clean(telling_jpeg())
    assert refused.value.code == code


@pytest.mark.parametrize("command", ["import no_such_library", "import time; time.sleep(600)"])
def test_failure_that_is_not_the_files_is_no_refusal(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separate_process, "COMMAND", ("-c", command))

    with pytest.raises(separate_process.NotMade):
        separate_process.clean(telling_jpeg(), within_s=20 if "import no" in command else 0.2)


def test_process_of_a_photo_knows_no_credentials_and_writes_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not [name for name in separate_process._environment() if "AWS" in name or "FLOOD" in name]
    tried = tmp_path / "written"
    command = f"""
import app.photos.clean as clean, json
def answer(order, content):
    try:
        with open({str(tried)!r}, "wb") as file:
            file.write(b"x" * 10)
    except OSError as error:
        return {{"reason": "broken"}}, b""
    return {{"reason": "lost"}}, b""
clean.answer = answer
clean.main()
"""
    monkeypatch.setattr(separate_process, "COMMAND", ("-P", "-S", "-c", command))
    with pytest.raises(Refused) as refused:
        separate_process.clean(telling_jpeg())
    assert refused.value.code == reasons.BROKEN
