"""Answer a page of a feed as Atom or RSS: its own name, its links, its validator and its headers."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from flask import Response, request

from app.core.config import settings
from app.core.translations import N_, translated
from app.feeds import atom, ids, rss
from app.feeds.items import ATOM_TYPE, Feed, FeedItem, midnight
from app.http import headers, paging
from app.http.answers import accepted_language, in_language

_NOT_IN_NAME = ("cursor", "limit")
_ON_PAGES = ("lat", "lon", "radius_km", "bbox", "severity_min")  # parameters that pages of lists have too
_INVENTED = N_("Demonstration: invented data")


class Words(NamedTuple):
    """The feed's own words in the language of the code, and the path of its list for people."""

    title: str
    subtitle: str
    page: str


def answer(
    items: Sequence[FeedItem], words: Words, *, form: str, next_cursor: str | None, lacking: Sequence[str]
) -> Response:
    """Answer some items in a media type. `lacking`: parts that are away, named in `X-Missing` too."""
    language = accepted_language()
    title = translated(words.title, language)
    if settings().is_demo:
        invented = translated(_INVENTED, language)
        title = f"{title} ({invented})"
        items = [one._replace(text=f"{invented}\n{one.text}") for one in items]
    feed = Feed(
        id=ids.tag("feeds", name_of(request.path.rpartition("/")[2].rpartition(".")[0])),
        title=title,
        subtitle=translated(words.subtitle, language),
        page=_page_of(words.page),
        self_path=request.full_path.removesuffix("?"),
        next_path=paging.next_href(next_cursor) if next_cursor else "",
        items=list(items),
        updated_at=max((one.updated_at for one in items), default=midnight()),
        language=language,
    )
    response = Response((atom if form == ATOM_TYPE else rss).write(feed), mimetype=form)
    # Not of the bytes: the cursor of an unchanged page changes every ten minutes.
    response.headers["ETag"] = paging.etag(form, feed.id, feed.title, bool(next_cursor), [list(one) for one in items])
    response.headers["Cache-Control"] = headers.PUBLIC_FEED
    response.headers.extend(paging.link_header(next_cursor))
    if lacking:
        response.headers["X-Missing"] = ", ".join(lacking)
    return in_language(response, language)


def name_of(name: str) -> str:
    """Return a feed's name with its filters in one order: the same for all its pages."""
    filters = sorted((key, value) for key, value in request.args.items() if key not in _NOT_IN_NAME)
    return "?".join(filter(None, (name, urlencode(filters))))


def _page_of(path: str) -> str:
    """Return the path of the same list for people, with the place and the least severity; of an area its own page."""
    if "area" in request.args:
        return f"/areas/{quote(request.args['area'], safe='')}"
    filters = [(name, request.args[name]) for name in _ON_PAGES if name in request.args]
    return "?".join(filter(None, (path, urlencode(filters))))
