"""FeedItem: what Atom and RSS say of one thing, in plain text. Both write the same items."""

from typing import NamedTuple

from app.core import clock

ATOM_TYPE, RSS_TYPE = "application/atom+xml", "application/rss+xml"
ENDED = "ended"


class Category(NamedTuple):
    """A word for programs (`term`) of one kind (`scheme`: severity, status, ...), and the same for people."""

    scheme: str
    term: str
    label: str


class Shape(NamedTuple):
    """A place as GeoRSS-Simple has it: the name of the element, and latitudes and longitudes in turn."""

    kind: str  # point, box or polygon
    numbers: tuple[float, ...]

    @property
    def text(self) -> str:
        """The numbers as plain decimals of at most six places."""
        return " ".join(plain_number(number) for number in self.numbers)


class FeedItem(NamedTuple):
    """One entry. `page`: the path for people; times as in answers; `published_at` is empty of what is
    gone; `author`: of an official message, its issuer."""

    id: str
    title: str
    text: str
    page: str
    published_at: str
    updated_at: str
    categories: tuple[Category, ...] = ()
    shape: Shape | None = None
    author: str = ""
    language: str = ""
    cap: str = ""  # path of the same as CAP, where there is one


class Feed(NamedTuple):
    """A page of a feed. `page`: path of the list for people; `next_path` of the next page, empty at the end."""

    id: str
    title: str
    subtitle: str
    page: str
    self_path: str
    next_path: str
    items: list[FeedItem]
    updated_at: str
    language: str


def midnight() -> str:
    """Return when what has no moment of its own was last updated: a moment that does not move with each request."""
    return clock.rfc3339(clock.midnight_before(clock.now_ms()))


def plain_number(number: float) -> str:
    """Return a number without exponent, with at most six decimals."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
