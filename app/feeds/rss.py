"""Write a feed as RSS 2.0, with the same names as in Atom as GUIDs, and places as GeoRSS-Simple."""

from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element

from app.feeds import ids, xml_text
from app.feeds.atom import ATOM, GEORSS, PRODUCT
from app.feeds.items import RSS_TYPE, Feed, FeedItem


def write(feed: Feed) -> bytes:
    """Return the document in UTF-8."""
    root = Element("rss", {"version": "2.0"})
    channel = xml_text.add(root, "channel")
    xml_text.add(channel, "title", feed.title)
    xml_text.add(channel, "link", ids.address(feed.page))
    xml_text.add(channel, "description", feed.subtitle)
    xml_text.add(channel, "language", feed.language)
    xml_text.add(channel, "lastBuildDate", _moment(feed.updated_at))
    xml_text.add(channel, "generator", PRODUCT)
    for rel, path in (("self", feed.self_path), ("next", feed.next_path)):
        if path:
            xml_text.add(channel, f"{{{ATOM}}}link", rel=rel, type=RSS_TYPE, href=ids.address(path))
    for item in feed.items:
        _item(channel, item)
    return xml_text.to_bytes(root)


def _item(channel: Element, item: FeedItem) -> None:
    element = xml_text.add(channel, "item")
    xml_text.add(element, "title", item.title)
    xml_text.add(element, "link", ids.address(item.page))
    xml_text.add(element, "guid", item.id, isPermaLink="false")
    if item.published_at:
        xml_text.add(element, "pubDate", _moment(item.published_at))
    xml_text.add(element, f"{{{ATOM}}}updated", item.updated_at)
    for category in item.categories:
        xml_text.add(element, "category", category.term, domain=ids.tag("terms", category.scheme))
    # Readers take a description for HTML, and none is meant here.
    xml_text.add(element, "description", xml_text.as_html(item.text))
    if item.shape:
        xml_text.add(element, f"{{{GEORSS}}}{item.shape.kind}", item.shape.text)


def _moment(at: str) -> str:
    """Write an RFC 3339 time as RFC 822 has it."""
    return format_datetime(datetime.fromisoformat(at), usegmt=True)
