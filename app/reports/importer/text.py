"""Text of foreign files: from bytes in any usual encoding, and cleaned of what no report may hold. Pure.

What a person types into the product is refused when it holds markup or control characters; an import cannot ask
back, so it is cleaned instead and comes out as the same rules want it (app/http/fields.py).
"""

import codecs
import re

from app.core.plain_text import plain
from app.core.unicode_text import shows_nothing
from app.reports.importer.row import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PACKED = {b"PK\x03\x04": "a zip or Excel file: save it as CSV", b"\x1f\x8b": "packed with gzip: unpack it"}
# Enough for the longest description after cleaning; keeps the cleaning of a monstrous cell short.
_MOST_CHARACTERS = 40_000
_OPEN_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def decode(data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-16 by its zeros, else UTF-8, else Windows-1252."""
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
    """Plain text with its line breaks, cut at `longest` characters; None when nothing is left."""
    # What might still read as a tag loses no word: `a<b` becomes `a< b`.
    return _cut(_OPEN_TAG.sub("< ", plain(text[:_MOST_CHARACTERS])), longest)


def clean_line(text: str, *, longest: int) -> str | None:
    """Plain text in one line, cut at `longest` characters; None when nothing is left."""
    cleaned = clean_lines(text, longest=_MOST_CHARACTERS)
    return _cut(" ".join(cleaned.split()), longest) if cleaned else None


def _cut(text: str, longest: int) -> str | None:
    if len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    return None if all(shows_nothing(each) for each in text) else text
