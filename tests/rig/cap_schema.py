"""Check alerts against the schema of CAP 1.2 as OASIS published it, as far as that uses XML Schema. No library.

The clients of `make test-clients` check the same with two complete engines.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, parse

XSD = Path(__file__).parents[1] / "samples" / "cap" / "CAP-v1.2.xsd"
_S = "{http://www.w3.org/2001/XMLSchema}"
_C = "{urn:oasis:names:tc:emergency:cap:1.2}"
# The built-in types that the schema names, as far as their spelling can be wrong.
_TYPES = {
    "xs:language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "xs:dateTime": r"-?\d{4,}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d([-+](0\d|1[0-4]):[0-5]\d)?",
    "xs:anyURI": r"\S*",
    "xs:string": r"(?s).*",
}


def faults(document: bytes) -> list[str]:
    """Faults of an alert by the schema; an empty list if it has none."""
    root = fromstring(document)
    return list(_faults(root, _declared()["alert"])) if root.tag == f"{_C}alert" else [f"it is {root.tag}"]


@cache
def _declared() -> dict[str, Element]:
    return {one.get("name", ""): one for one in parse(XSD).getroot().findall(f"{_S}element")}


def _faults(element: Element, declared: Element) -> Iterator[str]:
    name, sequence = element.tag.removeprefix(_C), declared.find(f"{_S}complexType/{_S}sequence")
    if sequence is None:
        yield from (f"{name} {fault}" for fault in _faults_of_text(element, declared))
        return
    if (element.text or "").strip():
        yield f"{name} has a text of its own"
    waiting = list(element)
    for listed in sequence.findall(f"{_S}element"):
        part = _declared()[listed.get("ref", "").removeprefix("cap:")] if listed.get("ref") else listed
        tag, count = f"{_C}{part.get('name')}", 0
        while waiting and waiting[0].tag == tag:
            count += 1
            yield from _faults(waiting.pop(0), part)
        least, most = int(listed.get("minOccurs", "1")), listed.get("maxOccurs", "1")
        if count < least or (most != "unbounded" and count > int(most)):
            yield f"{name} has {count} of {part.get('name')}"
    yield from (f"{name} has no place for {one.tag} here" for one in waiting)


def _faults_of_text(element: Element, declared: Element) -> Iterator[str]:
    text, restriction = element.text or "", declared.find(f"{_S}simpleType/{_S}restriction")
    base = declared.get("type", "") if restriction is None else restriction.get("base", "")
    if len(element) or not re.fullmatch(_TYPES[base], text):
        yield f"is no {base}: {text[:80]!r}"
    if restriction is None:
        return
    words = [one.get("value") for one in restriction.findall(f"{_S}enumeration")]
    patterns = [one.get("value", "") for one in restriction.findall(f"{_S}pattern")]
    if (words and text not in words) or not all(re.fullmatch(pattern, text) for pattern in patterns):
        yield f"may not be {text[:80]!r}"
