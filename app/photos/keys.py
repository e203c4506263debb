"""Names of objects in the bucket of photos.

`uploads/`: what came through a ticket, until it is cleaned. `orders/`: places to blur, until that is done. `kept/`:
clean pixels, for the reporter and responders. `photos/`: copies of those that everyone may see, and of no others: what
lies there is public. Below it, `photos/decided/` has the same paths once more, for those that are shown by a
responder's word about them: while photos are held back, readers are served from there alone.
"""

import re
import secrets
from typing import NamedTuple

UPLOADS, ORDERS, KEPT, PUBLIC = "uploads/", "orders/", "kept/", "photos/"
HELD = "photos/decided/"
SIZES = ("large", "small")
PHOTO_ID = r"[A-Za-z0-9_-]{22}"
NAME = rf"{PHOTO_ID}-[1-9][0-9]{{0,3}}"
# Compiled at first use, as a cold start needs none of them.
_UPLOAD = rf"uploads/(rep_[A-Za-z0-9_-]{{1,60}})/({PHOTO_ID})"
_ORDER = rf"orders/(rep_[A-Za-z0-9_-]{{1,60}})/({PHOTO_ID})-([1-9][0-9]{{0,3}})\.json"


class Upload(NamedTuple):
    """The report and the photo that an upload was made for."""

    report_id: str
    photo_id: str


class Order(NamedTuple):
    """The report and the photo of which places are to be blurred, and the number of its present pixels."""

    report_id: str
    photo_id: str
    number: int


def new_photo_id() -> str:
    """Return a random id of nearly 128 bits, which names a photo in public addresses.

    It begins with a letter or figure: a leading hyphen would be an option in shells and a formula in spreadsheets.
    """
    while not (photo_id := secrets.token_urlsafe(16))[0].isalnum():
        pass
    return photo_id


def upload_key(report_id: str, photo_id: str) -> str:
    return f"{UPLOADS}{report_id}/{photo_id}"


def order_key(report_id: str, name: str) -> str:
    return f"{ORDERS}{report_id}/{name}.json"


def kept_key(report_id: str, name: str, size: str) -> str:
    return f"{KEPT}{report_id}/{name}/{size}.jpg"


def public_key(name: str, size: str, *, is_held: bool = False) -> str:
    """Return where the copy of a photo lies that everyone is served. `is_held`: while photos are held back."""
    return f"{HELD if is_held else ''}{PUBLIC}{name}/{size}.jpg"


def is_name(text: str) -> bool:
    """Return whether a text can be the name of a photo in addresses."""
    return re.fullmatch(NAME, text, re.ASCII) is not None


def read_upload(key: str) -> Upload | None:
    """Return for what a key of `uploads/` was made; None for any other key."""
    found = re.fullmatch(_UPLOAD, key, re.ASCII)
    return Upload(*found.groups()) if found else None


def read_order(key: str) -> Order | None:
    """Return what a key of `orders/` is about; None for any other key."""
    found = re.fullmatch(_ORDER, key, re.ASCII)
    return Order(found[1], found[2], int(found[3])) if found else None
