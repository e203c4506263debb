"""Opaque, signed positions in a list, bound to the list's filters and valid for a day (and up to ten minutes more).

A cursor holds `[position, until]`, signed; for a list with deltas also the time (ms) from which a delta misses nothing,
as on its first page. Later releases may append members; a position of another meaning has another form, so that earlier
releases refuse it and the client starts again. `position` is a pattern of the list's own positions: a cursor of another
list is refused too.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from app.core import clock
from app.core.errors import Invalid, mistake_in_parameter
from app.core.signing_keys import keys, reread_verifying_secrets
from app.http.fields import Text

VALID_FOR_S = 24 * 3600
# Cursors expire on whole steps, so that an unchanged page is the same byte for byte and gives 304.
_STEP_S = 600
_SIGNATURE_BYTES = 16
# The position, the size and the form of a page, and what schemas derive from the parameters.
_NO_FILTERS = frozenset(("bom", "cursor", "limit", "search_area", "severities"))


class BadCursor(Exception):
    """The cursor was not made here, has expired, or belongs to other filters."""


_SENTENCE = "It is not a cursor of this list, or older than 24 hours. Start without one."
MISTAKE = mistake_in_parameter("cursor", "cursor", _SENTENCE)

_LONGEST = 2000


def field() -> Text:
    """Return the schema field of a list's `cursor` parameter."""
    return Text(
        shortest=1,
        longest=_LONGEST,
        metadata={"description": "From the last page's next_cursor.", "example": "eyJhIjoxfQ.c2ln"},
    )


def filters_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a cursor is bound to: those that choose the items, as sent."""
    return {name: value for name, value in query.items() if name not in _NO_FILTERS}


def read_or_refuse(query: Mapping[str, Any], *, filters: Mapping[str, Any], position: str) -> str | None:
    """Return the position of the query's cursor, None without one; raises Invalid for a bad one."""
    return read_with_moment(query, filters=filters, position=position)[0]


def read_with_moment(
    query: Mapping[str, Any], *, filters: Mapping[str, Any], position: str
) -> tuple[str | None, int | None]:
    """Like `read_or_refuse`, with the settled time (ms) of the list's first page; None for both without a cursor.

    Cursors of earlier releases hold no time: then one before the longest life of a cursor is used.
    """
    if "cursor" not in query:
        return None, None
    try:
        stands_for, settled_ms = _read(query["cursor"], filters=filters, position=position)
    except BadCursor as error:
        raise Invalid([MISTAKE]) from error
    return stands_for, clock.now_ms() - 2 * VALID_FOR_S * 1000 if settled_ms is None else settled_ms


def read_or_begin(cursor: str, *, filters: Mapping[str, Any], position: str, start: str) -> str:
    """Return a cursor's position, or the start of the list for a bad one: to a page, nothing in a URL is an error."""
    try:
        return read(cursor, filters=filters, position=position)
    except BadCursor:
        return start


def write(position: str, *, filters: Mapping[str, Any], settled_ms: int | None = None) -> str:
    """Build a cursor for a position, with the settled time (ms) of the list's first page if it has one."""
    until = -(-(clock.now_ms() // 1000 + VALID_FOR_S) // _STEP_S) * _STEP_S
    content = [position, until] if settled_ms is None else [position, until, settled_ms]
    body = json.dumps(content, separators=(",", ":")).encode()
    return urlsafe_b64encode(_sign(body, filters, keys().secret) + body).decode().rstrip("=")


def read(cursor: str, *, filters: Mapping[str, Any], position: str) -> str:
    """Return the position of a cursor, which must match the pattern; raises BadCursor."""
    return _read(cursor, filters=filters, position=position)[0]


def _read(cursor: str, *, filters: Mapping[str, Any], position: str) -> tuple[str, int | None]:
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError as error:
        raise BadCursor from error
    signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]

    def is_signed_by(secrets: Iterable[str]) -> bool:
        return any(hmac.compare_digest(signature, _sign(body, filters, secret)) for secret in secrets)

    if not is_signed_by(keys().verifying()) and not is_signed_by(reread_verifying_secrets()):
        raise BadCursor
    if urlsafe_b64encode(raw).decode().rstrip("=") != cursor:  # base64 has unused bits: accept one spelling
        raise BadCursor
    try:
        stands_for, until, *more = json.loads(body)
    except (ValueError, TypeError) as error:
        raise BadCursor from error
    is_ours = isinstance(stands_for, str) and isinstance(until, int) and re.fullmatch(position, stands_for)
    if not is_ours or until < clock.now_ms() // 1000:
        raise BadCursor
    is_told = bool(more) and isinstance(more[0], int) and not isinstance(more[0], bool)
    return str(stands_for), more[0] if is_told else None


def _sign(body: bytes, filters: Mapping[str, Any], key: str) -> bytes:
    bound = json.dumps(filters, sort_keys=True, default=str).encode()
    return hmac.new(b"cursor:" + key.encode(), bound + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
