"""Opaque, signed places in a list: bound to the list's filters, valid for a day (and up to ten minutes more).

A cursor holds `[position, until]`, signed; where a list tells a moment from which a delta misses nothing, then that
moment (ms) too, as its first page told it. Later releases may put more behind; a position that means something else has
another form, so that earlier ones refuse it and the reader starts again. `position` is a pattern of what a list's own
positions look like: a cursor of another list is refused too.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from app.core import clock
from app.core.errors import Invalid, Mistake
from app.core.signing_keys import keys, verifying_anew
from app.http.fields import Text

VALID_FOR_S = 24 * 3600
# Cursors end on whole steps, so that a page which has not changed is the same page, byte for byte: 304 and no more.
_STEP_S = 600
_SIGNATURE_BYTES = 16


class BadCursor(Exception):
    """The cursor was not made here, is too old, or belongs to other filters."""


MISTAKE = Mistake("cursor", "cursor", "It is not a cursor of this list, or older than 24 hours. Start without one.")

_LONGEST = 2000


def field() -> Text:
    """The `cursor` parameter of a list."""
    return Text(shortest=1, longest=_LONGEST, metadata={"description": "From the last page's next_cursor."})


def filters_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """What of a list's query a cursor is bound to: what chooses the items, as it was sent."""
    return {name: value for name, value in query.items() if name not in ("cursor", "limit", "shape")}


def read_or_refuse(query: Mapping[str, Any], *, filters: Mapping[str, Any], position: str) -> str | None:
    """The position that the query's cursor stands for, None without one; raises Invalid for a bent one."""
    return read_with_moment(query, filters=filters, position=position)[0]


def read_with_moment(
    query: Mapping[str, Any], *, filters: Mapping[str, Any], position: str
) -> tuple[str | None, int | None]:
    """As `read_or_refuse`, with the settled moment (ms) of the list's first page; None for both without a cursor.

    Cursors of releases whose lists told no moment hold none: all that can have changed since is within a cursor's life.
    """
    if "cursor" not in query:
        return None, None
    try:
        stands_for, settled_ms = _read(query["cursor"], filters=filters, position=position)
    except BadCursor as error:
        raise Invalid([MISTAKE]) from error
    return stands_for, clock.now_ms() - 2 * VALID_FOR_S * 1000 if settled_ms is None else settled_ms


def read_or_begin(cursor: str, *, filters: Mapping[str, Any], position: str, start: str) -> str:
    """For pages, where nothing in an address is an error: without a cursor that counts, the start of the list."""
    try:
        return read(cursor, filters=filters, position=position)
    except BadCursor:
        return start


def write(position: str, *, filters: Mapping[str, Any], settled_ms: int | None = None) -> str:
    """A cursor that leads back to a position, with the settled moment of the list's first page where it tells one."""
    until = -(-(clock.now_ms() // 1000 + VALID_FOR_S) // _STEP_S) * _STEP_S
    held = [position, until] if settled_ms is None else [position, until, settled_ms]
    body = json.dumps(held, separators=(",", ":")).encode()
    return urlsafe_b64encode(_sign(body, filters, keys().secret) + body).decode().rstrip("=")


def read(cursor: str, *, filters: Mapping[str, Any], position: str) -> str:
    """The position that a cursor stands for, one of this pattern; raises BadCursor."""
    return _read(cursor, filters=filters, position=position)[0]


def _read(cursor: str, *, filters: Mapping[str, Any], position: str) -> tuple[str, int | None]:
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError as error:
        raise BadCursor from error
    signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]

    def is_signed_by(secrets: Iterable[str]) -> bool:
        return any(hmac.compare_digest(signature, _sign(body, filters, secret)) for secret in secrets)

    if not is_signed_by(keys().verifying()) and not is_signed_by(verifying_anew()):
        raise BadCursor
    if urlsafe_b64encode(raw).decode().rstrip("=") != cursor:  # base64 has spare bits: one cursor, one spelling
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
