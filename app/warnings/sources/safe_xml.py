"""Parse XML of strangers into elements: no DTD, no entities, limits on size, depth and number. Pure.

Common faults of real feeds are repaired: a byte order mark or blanks before the declaration, an encoding other than the
declared one, control characters, HTML's named characters, a bare ampersand, several documents in one file.
"""

import codecs
import re
from html.entities import html5
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

MOST_BYTES = 5_000_000
MOST_ELEMENTS = 200_000
MOST_DEPTH = 64
# Text encodings that occur in practice; other codecs of Python may be slow, or not for text.
_ENCODINGS = {
    *"ascii utf-8 utf-16 utf-16-le utf-16-be utf-32 gb2312 gbk gb18030 big5 shift_jis euc_jp euc_kr".split(),
    *("koi8-r", "koi8-u", "tis-620"),
    *(f"iso8859-{part}" for part in range(1, 17)),
    *(f"cp{page}" for page in (874, 932, 936, 949, 950, *range(1250, 1259))),
}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)


class Unreadable(ValueError):
    """A document cannot be used. The message says why, without quoting foreign text at length."""


def read_xml(raw: bytes, *, most_bytes: int = MOST_BYTES) -> Element:
    """Parse to the root element; several documents in one file become children of an element `all`."""
    if len(raw) > most_bytes:
        raise Unreadable(f"it has {len(raw)} bytes, more than {most_bytes}")
    text = _CONTROLS.sub("", _decoded(raw)).strip().removeprefix("\ufeff").lstrip()
    if not text.startswith("<"):
        raise Unreadable("it is not XML" if text else "it is empty")
    if text[:14].lower().startswith(("<!doctype html", "<html")):
        raise Unreadable("it is a page for people (HTML)")
    try:
        return _tree(text)
    except SyntaxError as first:
        return _mended(text, first)


def _mended(text: str, first: SyntaxError) -> Element:
    """Try once more with entities that XML does not have as characters, then as several documents in one."""
    for mended in (_AMPERSAND.sub(_character, text), f"<all>{_DECLARATION.sub('', text)}</all>"):
        try:
            return _tree(mended)
        except SyntaxError:
            continue
    raise Unreadable(f"it is not well-formed XML: {first}") from first


def _character(match: re.Match[str]) -> str:
    character = html5.get(f"{match[1]};", "") if match[1] else ""
    return "".join(f"&#{ord(character_part)};" for character_part in character) or f"&amp;{match[0][1:]}"


def _decoded(raw: bytes) -> str:
    """Decode by mark or declaration, else UTF-8, else Windows-1252: some senders declare UTF-8 and write Latin-1."""
    for encoding in _encodings(raw):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace")


def _encodings(raw: bytes) -> list[str]:
    marked = [name for mark, name in _MARKS if raw.startswith(mark)]
    if not marked and raw[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        marked = ["utf-16-le" if raw[0] else "utf-16-be"]
    declared = _DECLARED.search(raw[:400])
    declared_codec = _codec(declared[1].decode("ascii")) if declared else None
    return [*marked, *([declared_codec] if declared_codec else []), "utf-8"]


def _codec(name: str) -> str | None:
    try:
        codec_name = codecs.lookup(name).name
    except LookupError:
        return None
    # Without a mark, a document in which the declaration was found as bytes is not UTF-16 or UTF-32.
    return codec_name if codec_name in _ENCODINGS and not codec_name.startswith(("utf-16", "utf-32")) else None


def _tree(text: str) -> Element:
    parser = XMLParser(target=_Bounded(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(text)
        root: Element = parser.close()
    except DefusedXmlException as refused:
        raise Unreadable("it has a document type or entities, which are never read") from refused
    return root


class _Bounded(TreeBuilder):
    """Builder with limits, so that an XML bomb is stopped before it has grown."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > MOST_DEPTH:
            raise Unreadable(f"its elements are nested deeper than {MOST_DEPTH}")
        if self._count > MOST_ELEMENTS:
            raise Unreadable(f"it has more than {MOST_ELEMENTS} elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def name_of(element: Element) -> str:
    """Return the element's name without its namespace, since senders use wrong ones or none."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    return [child for child in element if name_of(child) == name]


def texts(element: Element, name: str) -> list[str]:
    """Return the texts of the children of a name, stripped, without empty ones."""
    stripped = ("".join(child.itertext()).strip() for child in children(element, name))
    return [text for text in stripped if text]


def text_of(element: Element, name: str) -> str:
    """Return the text of the first child of a name as one line, or ""."""
    return " ".join(next(iter(texts(element, name)), "").split())
