"""Text that XML 1.0 can hold, and documents in bytes. Pure."""

import re
from html import escape
from xml.etree.ElementTree import Element, SubElement, tostring

# All but the characters of XML 1.0 (production 2), and the noncharacters that the same document discourages.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_NONCHARACTER = 0xFFFE


def fit(text: str) -> str:
    """Return the text without characters that XML cannot hold; nothing else is changed, and nothing is escaped."""
    fitted = _UNFIT.sub("", text)
    return fitted if fitted.isascii() else "".join(one for one in fitted if ord(one) & _NONCHARACTER != _NONCHARACTER)


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Add an element with a text and attributes, each as XML can hold it."""
    element = SubElement(parent, name, {key: fit(value) for key, value in attributes.items()})
    if text:
        element.text = fit(text)
    return element


def to_bytes(root: Element) -> bytes:
    """Return a document in UTF-8 with its declaration."""
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def as_html(text: str) -> str:
    """Return a plain text as the HTML that shows it, line by line."""
    return escape(text, quote=False).replace("\n", "<br/>")
