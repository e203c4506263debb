"""Pages of a list: items, the way to the next page and to what changes from now on, in the body and in `Link`."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.core import clock
from app.http.answers import json_answer

# Moments are told in steps, so that a list that has not changed is the same list, byte for byte.
STEP_MS = 10_000
_PERIOD = ("since", "until")


def settled_ms(margin_ms: int, *, first_page: int | None = None) -> int:
    """A moment from which a delta misses nothing: all that was written before it can be read now.

    `margin_ms`: how long after the time that a change bears it can be read at the latest: the writer's tries, clocks
    that differ, an index that lags. On further pages that of the first one counts: what changes while somebody pages
    moves to the front, where they have been.
    """
    if first_page is not None:
        return first_page
    return (clock.now_ms() - margin_ms) // STEP_MS * STEP_MS


def next_href(cursor: str) -> str:
    """This request's address with another cursor."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*query, ('cursor', cursor)])}"


def delta_href(as_of_ms: int) -> str:
    """This list's address for what has changed since."""
    left_out = ("cursor", "updated_since", *_PERIOD)
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in left_out]
    return f"{request.path}?{urlencode([*query, ('updated_since', clock.rfc3339(as_of_ms))])}"


def links(next_cursor: str | None, as_of_ms: int | None = None) -> list[dict[str, str]]:
    """Links of a page, as its body holds them. A list of a period has no delta: its end may lie in the past."""
    found = [{"rel": "self", "href": request.full_path.removesuffix("?")}]
    if next_cursor:
        found.append({"rel": "next", "href": next_href(next_cursor)})
    if as_of_ms is not None and not any(name in request.args for name in _PERIOD):
        found.append({"rel": "next-delta", "href": delta_href(as_of_ms)})
    return found


def link_header(next_cursor: str | None, as_of_ms: int | None = None) -> dict[str, str]:
    """`Link` (RFC 8288) to the next page, which the last has not, and to the next delta."""
    told = [f'<{one["href"]}>; rel="{one["rel"]}"' for one in links(next_cursor, as_of_ms) if one["rel"] != "self"]
    return {"Link": ", ".join(told)} if told else {}


def moment(as_of_ms: int | None) -> dict[str, str]:
    """`as_of`, for the body of a list that tells it."""
    return {} if as_of_ms is None else {"as_of": clock.rfc3339(as_of_ms)}


def etag(*said: Any) -> str:
    """Of what a page says, and not of when it says so: an unchanged list stays known by its ETag."""
    return f'W/"{sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]}"'


def page_body(name: str, items: list[Any], next_cursor: str | None, as_of_ms: int | None = None) -> Mapping[str, Any]:
    """The body of a page; `name`: items or features."""
    more = {"next_cursor": next_cursor, "links": links(next_cursor, as_of_ms)}
    return {**moment(as_of_ms), name: items, **more}


def page_answer(items: list[Any], *, next_cursor: str | None, cache: str) -> Response:
    """A JSON page of a list that tells no moment."""
    return json_answer(page_body("items", items, next_cursor), cache=cache, headers=link_header(next_cursor))
