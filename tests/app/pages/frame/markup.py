"""Reads a page the way a browser does: elements with their attributes, and the text inside each."""

from functools import lru_cache
from html.parser import HTMLParser
from typing import NamedTuple

ADDRESSES = ("href", "src", "data-description")


class Element(NamedTuple):
    name: str
    attributes: dict[str, str]
    text: list[str]

    def words(self) -> str:
        return "".join(self.text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in ("meta", "link", "img", "br", "input"):
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text.append(data)


@lru_cache(8)  # a test looks at its page again and again
def read(page: str) -> tuple[Element, ...]:
    """All elements of a page, to be looked at only; fails on elements that are not closed in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return tuple(reader.elements)


def named(page: str, name: str) -> list[Element]:
    """The elements of one name."""
    return [element for element in read(page) if element.name == name]


def addresses(page: str) -> list[str]:
    """Every address that a page names."""
    return [element.attributes[name] for element in read(page) for name in ADDRESSES if name in element.attributes]
