"""Decode and clean the text of foreign files.

The API refuses text with markup or control characters. An import cannot ask back, so markup is taken off its text; what
only resembles markup, such as `a<b`, stays as it is written.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from app.core.plain_text import plain
from app.core.unicode_text import shown, shows_nothing
from app.reports.importer.columns import known_names
from app.reports.importer.opening import Source

_BLOCK_BYTES = 1 << 20
_GUESS = "cp1252"
# Tried before that guess; one counts if names of columns show it.
_OTHER_GUESSES = ("cp1250", "cp1251", "cp1258", "cp850", "cp852", "cp866", "mac_roman", "shift_jis", "gb18030")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
UNREAD, _UNREAD_BYTES = "\ufffd", "\ufffd".encode()
USUAL_ENCODINGS = "cp1251, shift_jis, gb18030, cp1250, mac_roman"
# Enough for the longest description after cleaning; limits the time for cleaning a huge cell.
_MOST_CHARACTERS = 40_000
# What a browser would still run or load if a page forgot to escape it. After cleaning, only text made to get through.
_RUNS = "script style iframe object embed img image svg math video audio link meta base form input template frame body"
_LIVE_TAG = re.compile(rf"<(?=[/!?]|(?:{'|'.join(_RUNS.split())})[\s/>])", re.I)
_TAG = re.compile(r"<(?=[a-z])", re.I)
_AFTER_NAMES = " \t\n\f\r/"  # what ends the name of a tag


def encoding_of(stream: BinaryIO) -> str:
    """Return the encoding of a whole stream; no part of the stream is kept.

    By its byte order mark, else UTF-16 by its zeros, else UTF-8, else Windows-1252 or what the names of its columns
    show. Text with more letters of UTF-8 than broken ones counts as UTF-8.
    """
    head = stream.read(_BLOCK_BYTES)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    start = head[:1000]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    read, broken = _letters_of_utf8(head, stream)
    return "utf-8" if read >= broken else _by_names(head)


def _by_names(head: bytes) -> str:
    """Return the encoding in which most names of columns in the first line are known ones, else Windows-1252."""
    line = re.split(rb"[\r\n]", head.lstrip(), maxsplit=1)[0][:20_000]
    guesses = (_GUESS, *_OTHER_GUESSES)
    return max(guesses, key=lambda encoding: known_names(line.decode(encoding, "replace")))


def _letters_of_utf8(block: bytes, stream: BinaryIO) -> tuple[int, int]:
    """Return how many letters beyond ASCII a stream has as UTF-8, and how many broken ones."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    read, broken, carried = 0, 0, b""
    while True:
        text = decoder.decode(block, final=not block)
        if not text.isascii():
            strange, marks = len(text) - len(text.encode("ascii", "ignore")), text.count(UNREAD)
            written = (carried + block).count(_UNREAD_BYTES)  # the sign itself may stand in the file
            read, broken = read + strange - marks + written, broken + marks - written
        if not block:
            return read, broken
        carried, block = block[-2:], stream.read(_BLOCK_BYTES)


def require_encoding(name: str) -> None:
    """Raise ValueError if Python has no such encoding of texts."""
    try:
        b"\xff;".decode(name, "replace")
    except (LookupError, ValueError) as error:
        raise ValueError(f"{shown(name)!r} is no encoding that is known; usual ones are {USUAL_ENCODINGS}.") from error


def remark_on_letters(source: Source, texts: Iterable[str]) -> str:
    """Return what is to be told of the letters of a row: that some cannot be read, or that they are a guess."""
    strange = [text for text in texts if not text.isascii()]
    if any(UNREAD in text for text in strange):
        return f"letters that cannot be read as {source.encoding}, shown as {UNREAD}; to name another, say --encoding"
    if strange and source.encoding in (_GUESS, *_OTHER_GUESSES) and not source.is_encoding_stated:
        name = "Windows-1252" if source.encoding == _GUESS else source.encoding
        return (
            f"letters that are read as {name}, which is a guess, as the file is no UTF-8; if they look wrong, say "
            f"--encoding NAME ({USUAL_ENCODINGS})"
        )
    return ""


@contextmanager
def opened_text(source: Source) -> Iterator[TextIO]:
    """Open a source as text, with the line ends that it has and without byte order marks at its beginning."""
    if not source.encoding:
        with source.opened() as stream:
            source.encoding = encoding_of(stream)
    with source.opened() as stream:
        yield io.TextIOWrapper(stream, source.encoding, errors="replace", newline="")


def clean_lines(text: str, *, longest: int) -> str | None:
    """Return plain text with its line breaks, cut at `longest` characters; None if nothing is left."""
    parts = _LIVE_TAG.sub("< ", plain(text[:_MOST_CHARACTERS])).split(">")
    return _cut(">".join(map(_without_attributes, parts)), longest)


def _without_attributes(part: str) -> str:
    """Return what stands before a `>` without tags that have a value. A `<` inside of one does not end it."""
    named = max((part.rfind(mark, 0, part.rfind("=") + 1) for mark in _AFTER_NAMES), default=-1)
    return part if named < 0 else _TAG.sub("< ", part[:named]) + part[named:]


def clean_line(text: str, *, longest: int) -> str | None:
    """Return plain text in one line, cut at `longest` characters; None if nothing is left."""
    cleaned = clean_lines(text, longest=_MOST_CHARACTERS)
    return _cut(" ".join(cleaned.split()), longest) if cleaned else None


def _cut(text: str, longest: int) -> str | None:
    if len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    return None if all(shows_nothing(character) for character in text) else text
