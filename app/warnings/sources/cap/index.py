"""Read files that hold or link CAP alerts: one alert, several, an EDXL envelope, an Atom or RSS index. Pure.

An entry of an index embeds its alert (as elements or as text) or links to it. The indexes of the US National Weather
Service repeat the main elements in the entry, which is enough to know the event, the place and the time.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from app.warnings.sources.cap.reader import CapAlert, CapArea, CapInfo
from app.warnings.sources.cap.times import read_time
from app.warnings.sources.safe_xml import Unreadable, children, name_of, read_xml, text_of, texts

MOST_BYTES = 20_000_000  # an index of several hundred embedded alerts
_ROOTS = frozenset({"feed", "rss", "RDF"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an index."""

    id: str
    version: str  # its times, which change when the entry does
    link: str = ""  # as written: absolute or relative
    alerts: tuple[Element, ...] = ()  # embedded
    outline: CapAlert | None = None  # the part of the alert that the entry repeats


@dataclass(frozen=True, slots=True)
class Index:
    """Content of a file: alerts outside any entry, and entries."""

    alerts: tuple[Element, ...] = ()
    entries: tuple[Entry, ...] = ()


def read_index(raw: bytes, *, most_bytes: int = MOST_BYTES) -> Index:
    """Parse a file; raises Unreadable if it is neither CAP nor an index. An index without entries is valid."""
    root = read_xml(raw, most_bytes=most_bytes)
    if name_of(root) in _ROOTS:
        entry_elements = [
            element
            for parent in (root, *children(root, "channel"))
            for element in parent
            if name_of(element) in ("entry", "item")
        ]
        return Index(entries=tuple(_read_entry(element) for element in entry_elements))
    alerts = _alerts_in(root)
    if not alerts:
        raise Unreadable(f"it is no CAP alert and no Atom or RSS index but <{name_of(root)[:40]}>")
    return Index(alerts=alerts)


def _alerts_in(element: Element) -> tuple[Element, ...]:
    return tuple(descendant for descendant in element.iter() if name_of(descendant) == "alert" and len(descendant))


def _read_entry(entry: Element) -> Entry:
    times = [text_of(entry, name) for name in ("updated", "modified", "published", "pubDate", "date")]
    link = _link_of(entry)
    return Entry(
        id=text_of(entry, "id") or text_of(entry, "guid") or link,
        version=" ".join(filter(None, times)),
        link=link,
        alerts=_alerts_in(entry) or _alerts_in_text(entry),
        outline=_outline(entry),
    )


def _alerts_in_text(entry: Element) -> tuple[Element, ...]:
    """Parse an alert embedded as text: escaped, or in a CDATA section."""
    for text in (text for name in ("content", "encoded", "description") for text in texts(entry, name)):
        if text.startswith("<") and "alert" in text[:500]:
            try:
                return _alerts_in(read_xml(text.encode()))
            except Unreadable:
                continue
    return ()


def _link_of(entry: Element) -> str:
    """Return a link marked as CAP, else the entry's own page; GDACS has an element `cap`."""
    links = [link for link in entry if name_of(link) in ("link", "enclosure", "content")]
    typed = [link for link in links if "cap" in link.get("type", "").casefold()]
    own = [link for link in links if name_of(link) == "link" and link.get("rel", "alternate") == "alternate"]
    cap_links = [text for text in texts(entry, "cap") if text.startswith(("http://", "https://"))]
    addresses = [_address(link) for link in typed] + cap_links + [_address(link) for link in own]
    return next(filter(None, addresses), "")


def _address(link: Element) -> str:
    return next(
        (link.get(name, "").strip() for name in ("href", "url", "src") if link.get(name)), (link.text or "").strip()
    )


def _outline(entry: Element) -> CapAlert | None:
    """Build the alert from what the entry repeats; None without status, event, id, and a place."""
    title = text_of(entry, "title")
    area = _outline_area(entry)
    status, cap_event = text_of(entry, "status").casefold(), text_of(entry, "event") or title
    try:
        sent, zone = read_time(text_of(entry, "updated"))
    except Unreadable:
        return None
    if not (status and cap_event and text_of(entry, "id") and (area.description or area.polygons or area.circles)):
        return None
    info = CapInfo(
        cap_event=cap_event,
        urgency=text_of(entry, "urgency"),
        severity=text_of(entry, "severity"),
        certainty=text_of(entry, "certainty"),
        expires_at_ms=_time_or_none(entry),
        headline=title,
        description=text_of(entry, "summary"),
        areas=(area,),
    )
    message_type = text_of(entry, "msgType").casefold() or "alert"
    return CapAlert("", text_of(entry, "id"), "", sent, zone, status, message_type, infos=(info,))


def _time_or_none(entry: Element) -> int | None:
    try:
        return read_time(text_of(entry, "expires"))[0]
    except Unreadable:
        return None


def _outline_area(entry: Element) -> CapArea:
    """Build the area. Codes of one scheme are in one value, separated by blanks; names are in another order."""
    codes = []
    for geocode in children(entry, "geocode"):
        for scheme, listed in zip(texts(geocode, "valueName"), texts(geocode, "value"), strict=False):
            codes += [(scheme, code) for code in listed.split()]
    polygons, circles = texts(entry, "polygon"), texts(entry, "circle")
    names = text_of(entry, "areaDesc").replace(";", ",")
    return CapArea(names, tuple(polygons), tuple(circles), tuple(codes))
