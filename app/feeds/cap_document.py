"""CapDocument: an alert of the Common Alerting Protocol 1.2 (OASIS, 2010-07-01) as data, and its XML.

Holds what the schema cannot say: an Alert names no earlier one, Update and Cancel name at least one; nothing is earlier
than `sent`; no text that must be there is empty.
"""

from typing import NamedTuple
from xml.etree.ElementTree import Element

from app.feeds import xml_text
from app.feeds.cap_identifiers import AlertName, exercise, sender, status, time_text

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
MET, OTHER = "Met", "Other"
_UNNAMED = "-"
_WORDS = {
    "urgency": "Immediate Expected Future Past Unknown".split(),
    "severity": "Extreme Severe Moderate Minor Unknown".split(),
    "certainty": "Observed Likely Possible Unlikely Unknown".split(),
}


class CapArea(NamedTuple):
    """A place. Polygons: `lat,lon lat,lon ...`, closed; circle: `lat,lon radius_km`; geocodes: (scheme, code)."""

    description: str
    polygons: tuple[str, ...] = ()
    circle: str = ""
    geocodes: tuple[tuple[str, str], ...] = ()


class CapInfo(NamedTuple):
    """Words in one language, about some places. Words of CAP in lower case, as they are stored; times in ms."""

    language: str
    category: str
    event: str
    urgency: str
    severity: str
    certainty: str
    response: str = ""
    onset_at_ms: int | None = None
    expires_at_ms: int | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[CapArea, ...] = ()


class CapDocument(NamedTuple):
    """An alert: the last of `names`, which refers to all before it."""

    names: tuple[AlertName, ...]
    is_cancel: bool
    source: str
    note: str
    infos: tuple[CapInfo, ...]
    incidents: str = ""

    @property
    def message_type(self) -> str:
        """Alert, Update or Cancel. What has ended before anything was sent is an alert that has ended."""
        if len(self.names) < 2:
            return "Alert"
        return "Cancel" if self.is_cancel else "Update"


def write(document: CapDocument) -> bytes:
    """Return the alert in UTF-8, valid by the schema."""
    root = Element("alert", {"xmlns": NAMESPACE})
    *earlier, last = document.names
    _put(root, "identifier", last.identifier)
    _put(root, "sender", sender())
    _put(root, "sent", time_text(last.sent_at_ms))
    _put(root, "status", status())
    _put(root, "msgType", document.message_type)
    _put(root, "source", document.source)
    _put(root, "scope", "Public")
    _put(root, "note", f"{exercise()}. {document.note}" if exercise() else document.note)
    _put(root, "references", " ".join(name.reference for name in earlier))
    _put(root, "incidents", document.incidents)
    for info in document.infos:
        _put_info(root, info, last.sent_at_ms)
    return xml_text.to_bytes(root)


def _put_info(root: Element, info: CapInfo, sent_at_ms: int) -> None:
    element = xml_text.add(root, "info")
    _put(element, "language", info.language)
    _put(element, "category", info.category)
    xml_text.add(element, "event", _line(info.event) or _UNNAMED)
    _put(element, "responseType", info.response)
    for name, words in _WORDS.items():
        word = getattr(info, name).capitalize()
        _put(element, name, word if word in words else "Unknown")
    if info.onset_at_ms is not None and info.onset_at_ms > sent_at_ms:
        _put(element, "onset", time_text(info.onset_at_ms))
    if info.expires_at_ms is not None:
        _put(element, "expires", time_text(max(info.expires_at_ms, sent_at_ms)))
    _put(element, "senderName", _line(info.sender_name))
    _put(element, "headline", _line(info.headline))
    for name in ("description", "instruction", "web"):
        _put(element, name, getattr(info, name))
    for name, value in info.parameters:
        _put_pair(element, "parameter", name, value)
    for area in info.areas:
        _put_area(element, area)


def _put_area(element: Element, area: CapArea) -> None:
    child = xml_text.add(element, "area")
    xml_text.add(child, "areaDesc", _line(area.description) or _UNNAMED)
    for polygon in area.polygons:
        _put(child, "polygon", polygon)
    _put(child, "circle", area.circle)
    for scheme, code in area.geocodes:
        _put_pair(child, "geocode", scheme, code)


def _put_pair(element: Element, name: str, value_name: str, value: str) -> None:
    pair = xml_text.add(element, name)
    xml_text.add(pair, "valueName", _line(value_name) or _UNNAMED)
    xml_text.add(pair, "value", _line(value) or _UNNAMED)


def _put(parent: Element, name: str, text: str) -> None:
    """Add an element unless it would be empty."""
    if fitted := xml_text.fit(text).strip():
        xml_text.add(parent, name, fitted)


def _line(text: str) -> str:
    return " ".join(xml_text.fit(text).split())
