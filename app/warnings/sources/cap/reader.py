"""Parse a message of the Common Alerting Protocol (OASIS CAP 1.0, 1.1, 1.2), as official senders write it. Pure.

The parser is tolerant: any prefix, a wrong or missing namespace, elements in any order, optional and even required ones
absent. An alert must have identifier, sent, status and msgType; without these it cannot be used safely. The caller
interprets all other elements.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from xml.etree.ElementTree import Element

from app.warnings.sources.cap.times import offset_of, read_time
from app.warnings.sources.safe_xml import Unreadable, children, name_of, read_xml, text_of, texts

NAME_LENGTH = 500  # a longer value is not an identifier or sender
MOST_REFERENCES = 500
_REFERENCE_TIME = re.compile(r",\s{0,9}(\d{4}-\d\d-\d\d[Tt][\d:.]{4,20}(?:[Zz]|[+-][\d:]{2,6})?)(?:\s+|$)")
_VERSION = re.compile(r"cap[:/](1\.[0-2])\}")
# CAP 1.2 section 3.2.1. Lower case, because senders write "ALERT" and "update".
_WORDS = {
    "status": frozenset("actual exercise system test draft".split()),
    "msgType": frozenset("alert update cancel ack error".split()),
    "scope": frozenset("public restricted private".split()),
}


@dataclass(frozen=True, slots=True)
class CapReference:
    """A reference to an earlier message. Of its three parts only the first two are spelt reliably."""

    sender: str
    identifier: str
    sent: str


@dataclass(frozen=True, slots=True)
class CapArea:
    """An `<area>`. Polygons and circles are the sender's text: latitude first, kilometres (see cap/geometry.py)."""

    description: str = ""
    polygons: tuple[str, ...] = ()  # empty elements included
    circles: tuple[str, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()  # (scheme, code)


@dataclass(frozen=True, slots=True)
class CapInfo:
    """An `<info>`, in one language. Words as written; times in milliseconds since 1970, None if unreadable."""

    language: str = "en-US"  # CAP 1.2 section 3.2.2: the default when absent
    categories: tuple[str, ...] = ()
    cap_event: str = ""
    event_codes: tuple[tuple[str, str], ...] = ()  # (scheme, code)
    response_types: tuple[str, ...] = ()
    urgency: str = ""
    severity: str = ""
    certainty: str = ""
    effective_at_ms: int | None = None
    onset_at_ms: int | None = None
    expires_at_ms: int | None = None
    headline: str = ""
    description: str = ""
    instruction: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[CapArea, ...] = ()


@dataclass(frozen=True, slots=True)
class CapAlert:
    """One `<alert>`."""

    version: str  # "1.2", or empty if the namespace does not say
    identifier: str
    sender: str
    sent_at_ms: int
    zone: str  # the offset that `sent` is written in
    status: str  # lower case
    message_type: str  # lower case: alert, update, cancel, ack or error
    scope: str = "public"  # lower case; if absent, the sender did not restrict it
    references: tuple[CapReference, ...] = ()
    infos: tuple[CapInfo, ...] = ()
    remarks: tuple[str, ...] = ()  # parts left out of an otherwise good alert, with the reasons
    offset: timedelta | None = None  # UTC offset of `sent`


def read(raw: bytes) -> CapAlert:
    """Parse a file with one CAP document; raises Unreadable."""
    root = read_xml(raw)
    if name_of(root) != "alert":
        raise Unreadable(f"it is no CAP alert but <{name_of(root)[:40]}>")
    return read_alert(root)


def read_alert(element: Element) -> CapAlert:
    """Parse an `<alert>` element at any depth; raises Unreadable."""
    required = {name: text_of(element, name) for name in ("identifier", "sent", "status", "msgType")}
    missing = [f"<{name}>" for name, text in required.items() if not text]
    if missing:
        raise Unreadable(f"it has no {', '.join(missing)}")
    if len(required["identifier"]) > NAME_LENGTH:
        raise Unreadable("its <identifier> is endless")
    words = {name: text_of(element, name).casefold() or "public" for name in _WORDS}  # only <scope> may be absent
    strange = [f"<{name}>" for name, word in words.items() if word not in _WORDS[name]]
    if strange:
        raise Unreadable(f"its {', '.join(strange)} is no word of CAP")
    references, remarks = read_references(" ".join(texts(element, "references")))
    sent, zone = read_time(required["sent"])
    # Some senders write the elements of <info> directly into <alert>.
    parts = children(element, "info") or ([element] if text_of(element, "event") else [])
    offset = offset_of(required["sent"])
    version = _VERSION.search(element.tag)
    return CapAlert(
        version=version[1] if version else "",
        identifier=required["identifier"],
        sender=text_of(element, "sender")[:NAME_LENGTH],
        sent_at_ms=sent,
        zone=zone,
        status=words["status"],
        message_type=words["msgType"],
        scope=words["scope"],
        references=references,
        infos=tuple(_read_info(part, offset) for part in parts),
        remarks=remarks,
        offset=offset,
    )


def read_references(text: str) -> tuple[tuple[CapReference, ...], tuple[str, ...]]:
    """Parse `sender,identifier,sent` triples, separated by blanks; others are left out with a remark.

    If each triple ends with a time, sender and identifier may contain blanks.
    """
    *first_parts, rest = _REFERENCE_TIME.split(text)
    whole = [f"{sender},{time}" for sender, time in zip(first_parts[::2], first_parts[1::2], strict=True)]
    split = [group.split(",") for reference in (*whole, rest) for group in _groups(reference)]
    good = [CapReference(*(" ".join(part.split()) for part in parts)) for parts in split if len(parts) == 3]
    good = [reference for reference in good if reference.sender and reference.identifier]
    bad = len(split) - len(good) + max(len(good) - MOST_REFERENCES, 0)
    return tuple(dict.fromkeys(good))[:MOST_REFERENCES], (f"{bad} references cannot be read",) if bad else ()


def _groups(text: str) -> list[str]:
    """Return one reference if the text can be one as a whole, else split it at blanks."""
    return [text] if text.count(",") == 2 else ",".join(part.strip() for part in text.split(",")).split()


def _read_info(element: Element, offset: timedelta | None) -> CapInfo:
    # Some senders write the elements of <area> directly into <info>.
    areas = children(element, "area") or ([element] if text_of(element, "areaDesc") else [])
    return CapInfo(
        language=text_of(element, "language") or "en-US",
        categories=tuple(texts(element, "category")),
        cap_event=text_of(element, "event"),
        event_codes=_pairs(element, "eventCode"),
        response_types=tuple(texts(element, "responseType")),
        urgency=text_of(element, "urgency"),
        severity=text_of(element, "severity"),
        certainty=text_of(element, "certainty"),
        headline=text_of(element, "headline"),
        description="\n".join(texts(element, "description")),
        instruction="\n".join(texts(element, "instruction")),
        parameters=_pairs(element, "parameter"),
        areas=tuple(_read_area(area) for area in areas),
        effective_at_ms=_time_or_none(text_of(element, "effective"), offset),
        onset_at_ms=_time_or_none(text_of(element, "onset"), offset),
        expires_at_ms=_time_or_none(text_of(element, "expires"), offset),
    )


def _time_or_none(text: str, offset: timedelta | None) -> int | None:
    try:
        return read_time(text, offset)[0]
    except Unreadable:
        return None


def _read_area(element: Element) -> CapArea:
    return CapArea(
        description=text_of(element, "areaDesc"),
        polygons=tuple("".join(child.itertext()).strip() for child in children(element, "polygon")),
        circles=tuple("".join(child.itertext()).strip() for child in children(element, "circle")),
        geocodes=_pairs(element, "geocode"),
    )


def _pairs(element: Element, name: str) -> tuple[tuple[str, str], ...]:
    """Return valueName/value pairs; also several in one element (US NWS) or CAP 1.0's NAME=value."""
    name_value_pairs = []
    for child in children(element, name):
        keys = [" ".join("".join(child.itertext()).split()) for child in children(child, "valueName")]
        values = [" ".join("".join(child.itertext()).split()) for child in children(child, "value")]
        pairs = zip(keys, values, strict=False) if keys else [(child.text or "").strip().partition("=")[::2]]
        name_value_pairs += [(key, value) for key, value in pairs if value]
    return tuple(name_value_pairs)
