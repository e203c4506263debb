"""Pages of a list: items, and the links to the next page and to the next delta, in the body and in `Link`."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.core import clock, missing
from app.http.answers import json_answer

# Times are rounded to steps, so that an unchanged list is the same byte for byte.
STEP_MS = 10_000
_PERIOD = ("since", "until")


def settled_ms(margin_ms: int, *, first_page: int | None = None) -> int:
    """Return a time from which a delta misses nothing: all that was written before it is readable now.

    `margin_ms`: the longest delay after a change's time until it is readable (the writer's attempts, clock differences,
    index lag). On further pages the time of the first one counts: a change while a client pages moves to the front,
    which the client has passed.
    """
    if first_page is not None:
        return first_page
    return (clock.now_ms() - margin_ms) // STEP_MS * STEP_MS


def next_href(cursor: str) -> str:
    """Return this request's URL with another cursor."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*query, ('cursor', cursor)])}"


def delta_href(as_of_ms: int) -> str:
    """Return the URL of this list's changes since a time."""
    left_out = ("cursor", "sort", "updated_since", *_PERIOD)
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in left_out]
    return f"{request.path}?{urlencode([*query, ('updated_since', clock.rfc3339(as_of_ms))])}"


def links(next_cursor: str | None, as_of_ms: int | None = None) -> list[dict[str, str]]:
    """Return the links of a page's body. A list of a period has no delta, because its end may be in the past."""
    page_links = [{"rel": "self", "href": request.full_path.removesuffix("?")}]
    if next_cursor:
        page_links.append({"rel": "next", "href": next_href(next_cursor)})
    if as_of_ms is not None and not any(name in request.args for name in _PERIOD):
        page_links.append({"rel": "next-delta", "href": delta_href(as_of_ms)})
    return page_links


def link_header(next_cursor: str | None, as_of_ms: int | None = None) -> dict[str, str]:
    """Return the `Link` header (RFC 8288): the next page, if there is one, and the next delta."""
    link_values = [
        f'<{link["href"]}>; rel="{link["rel"]}"' for link in links(next_cursor, as_of_ms) if link["rel"] != "self"
    ]
    return {"Link": ", ".join(link_values)} if link_values else {}


def moment(as_of_ms: int | None) -> dict[str, str]:
    """Return `as_of` for the body of a list that has one."""
    return {} if as_of_ms is None else {"as_of": clock.rfc3339(as_of_ms)}


def etag(*parts: Any) -> str:
    """Return an ETag of a page's content without its time, so that an unchanged list keeps it.

    A page that lacks something has another one than the whole page.
    """
    lacking = [missing.names()] if missing.names() else []
    return f'W/"{sha256(json.dumps([*parts, *lacking], sort_keys=True).encode()).hexdigest()[:24]}"'


def page_body(name: str, items: list[Any], next_cursor: str | None, as_of_ms: int | None = None) -> Mapping[str, Any]:
    """Return the body of a page; `name`: items or features."""
    more = {"next_cursor": next_cursor, "missing": missing.names(), "links": links(next_cursor, as_of_ms)}
    return {**moment(as_of_ms), name: items, **more}


def page_answer(items: list[Any], *, next_cursor: str | None, cache: str, **more: Any) -> Response:
    """Render a JSON page of a list without `as_of`; `more` are further members of the body."""
    body = {**page_body("items", items, next_cursor), **more}
    return json_answer(body, cache=cache, headers=link_header(next_cursor))
