"""Read a feed as a strict XML reader does."""

from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

from werkzeug.test import TestResponse

ATOM, GEORSS = "{http://www.w3.org/2005/Atom}", "{http://www.georss.org/georss}"


class ReadEntry(NamedTuple):
    id: str
    title: str
    text: str
    updated: str
    point: str
    box: str
    polygon: str
    terms: dict[str, str]
    pages: list[str]
    alerts: list[str]


class ReadItem(NamedTuple):
    """One of RSS."""

    guid: str
    title: str
    html: str
    published: str
    point: str
    is_permanent: str


class ReadFeed(NamedTuple):
    id: str
    title: str
    subtitle: str
    updated: str


def root_of(answer: TestResponse) -> Element:
    assert answer.status_code == 200, answer.text
    return fromstring(answer.data)


def feed(answer: TestResponse) -> ReadFeed:
    root = root_of(answer)
    return ReadFeed(*(root.findtext(f"{ATOM}{name}", "") for name in ReadFeed._fields))


def links(answer: TestResponse) -> dict[str, str]:
    """The links of the feed itself."""
    return {link.get("rel", ""): link.get("href", "") for link in root_of(answer).findall(f"{ATOM}link")}


def entries(answer: TestResponse) -> list[ReadEntry]:
    return [_entry(one) for one in root_of(answer).findall(f"{ATOM}entry")]


def items(answer: TestResponse) -> list[ReadItem]:
    return [_item(one) for one in root_of(answer).findall("channel/item")]


def terms_of(read: list[ReadEntry], scheme: str) -> list[str]:
    """The terms of one kind, of the entries that have one."""
    return [entry.terms[scheme] for entry in read if scheme in entry.terms]


def _item(one: Element) -> ReadItem:
    texts = (one.findtext(name, "") for name in ("guid", "title", "description", "pubDate", f"{GEORSS}point"))
    guid = one.find("guid")
    return ReadItem(*texts, "" if guid is None else guid.get("isPermaLink", ""))


def _entry(one: Element) -> ReadEntry:
    texts = (one.findtext(f"{ATOM}{name}", "") for name in ("id", "title", "content", "updated"))
    shapes = (one.findtext(f"{GEORSS}{name}", "") for name in ("point", "box", "polygon"))
    terms = {
        category.get("scheme", "").rpartition("/")[2]: category.get("term", "")
        for category in one.findall(f"{ATOM}category")
    }
    links_of_entry = one.findall(f"{ATOM}link")
    pages = [link.get("href", "") for link in links_of_entry if link.get("rel") == "alternate"]
    alerts = [link.get("href", "") for link in links_of_entry if link.get("type") == "application/cap+xml"]
    return ReadEntry(*texts, *shapes, terms, pages, alerts)
