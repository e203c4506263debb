"""Write a feed as Atom (RFC 4287), paged by RFC 5005, with places as GeoRSS-Simple."""

from xml.etree.ElementTree import Element, register_namespace

from app.feeds import ids, xml_text
from app.feeds.items import ATOM_TYPE, Feed, FeedItem

ATOM, GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PRODUCT = "FloodManager"
CAP_TYPE = "application/cap+xml"
# In RSS; an Atom document has it as its default, so that readers without namespaces find their names.
register_namespace("atom", ATOM)
register_namespace("georss", GEORSS)


def write(feed: Feed) -> bytes:
    """Return the document in UTF-8."""
    root = Element("feed", {"xmlns": ATOM, XML_LANG: feed.language})
    for name, text in (("id", feed.id), ("title", feed.title), ("subtitle", feed.subtitle)):
        xml_text.add(root, name, text)
    xml_text.add(root, "updated", feed.updated_at)
    _link(root, "self", feed.self_path, ATOM_TYPE)
    _link(root, "alternate", feed.page, "text/html")
    if feed.next_path:
        _link(root, "next", feed.next_path, ATOM_TYPE)
    xml_text.add(xml_text.add(root, "author"), "name", PRODUCT)
    xml_text.add(root, "generator", PRODUCT)
    for item in feed.items:
        _entry(root, item)
    return xml_text.to_bytes(root)


def _entry(root: Element, item: FeedItem) -> None:
    entry = xml_text.add(root, "entry")
    if item.language:
        entry.set(XML_LANG, item.language)
    xml_text.add(entry, "id", item.id)
    xml_text.add(entry, "title", item.title, type="text")
    xml_text.add(entry, "updated", item.updated_at)
    if item.published_at:
        xml_text.add(entry, "published", item.published_at)
    if item.author:
        xml_text.add(xml_text.add(entry, "author"), "name", item.author)
    _link(entry, "alternate", item.page, "text/html")
    if item.cap:
        _link(entry, "related", item.cap, CAP_TYPE)
    for category in item.categories:
        scheme = ids.tag("terms", category.scheme)
        xml_text.add(entry, "category", term=category.term, scheme=scheme, label=category.label or category.term)
    xml_text.add(entry, "content", item.text, type="text")
    if item.shape:
        xml_text.add(entry, f"{{{GEORSS}}}{item.shape.kind}", item.shape.text)


def _link(parent: Element, rel: str, path: str, media_type: str) -> None:
    xml_text.add(parent, "link", rel=rel, type=media_type, href=ids.address(path))
