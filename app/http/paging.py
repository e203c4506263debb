"""Pages of a list: items, the way to the next page in the body and in `Link`."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.http.answers import json_answer


def next_href(cursor: str) -> str:
    """This request's address with another cursor."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*query, ('cursor', cursor)])}"


def links(next_cursor: str | None) -> list[dict[str, str]]:
    """Links of a page, as its body holds them."""
    own = {"rel": "self", "href": request.full_path.removesuffix("?")}
    return [own] + ([{"rel": "next", "href": next_href(next_cursor)}] if next_cursor else [])


def link_header(next_cursor: str | None) -> dict[str, str]:
    """`Link` (RFC 8288) to the next page; none on the last."""
    return {"Link": f'<{next_href(next_cursor)}>; rel="next"'} if next_cursor else {}


def page_answer(items: list[Any], *, next_cursor: str | None, cache: str) -> Response:
    """A JSON page."""
    page = {"items": items, "next_cursor": next_cursor, "links": links(next_cursor)}
    return json_answer(page, cache=cache, headers=link_header(next_cursor))
