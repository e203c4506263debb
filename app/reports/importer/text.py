"""Decode and clean the text of foreign files. Pure.

The API refuses text with markup or control characters. An import cannot ask back, so its text is cleaned until it meets
the same rules (app/http/fields.py).
"""

import codecs
import re

from app.core.plain_text import plain
from app.core.unicode_text import shows_nothing
from app.reports.importer.row import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PACKED = {b"PK\x03\x04": "a zip or Excel file: save it as CSV", b"\x1f\x8b": "packed with gzip: unpack it"}
# Enough for the longest description after cleaning; limits the time for cleaning a huge cell.
_MOST_CHARACTERS = 40_000
_OPEN_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def decode(data: bytes) -> str:
    """Decode a file: by its byte order mark, else UTF-16 by its zeros, else UTF-8, else Windows-1252."""
    for magic, what in _PACKED.items():
        if data.startswith(magic):
            raise Unreadable(f"The file is {what} first.")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:1000]
    if head[1::2].count(0) > len(head) // 4:
        return data.decode("utf-16-le", "replace")
    if head[::2].count(0) > len(head) // 4:
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def clean_lines(text: str, *, longest: int) -> str | None:
    """Return plain text with its line breaks, cut at `longest` characters; None if nothing is left."""
    # Text that still looks like a tag loses no word: `a<b` becomes `a< b`.
    return _cut(_OPEN_TAG.sub("< ", plain(text[:_MOST_CHARACTERS])), longest)


def clean_line(text: str, *, longest: int) -> str | None:
    """Return plain text in one line, cut at `longest` characters; None if nothing is left."""
    cleaned = clean_lines(text, longest=_MOST_CHARACTERS)
    return _cut(" ".join(cleaned.split()), longest) if cleaned else None


def _cut(text: str, longest: int) -> str | None:
    if len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    return None if all(shows_nothing(character) for character in text) else text
