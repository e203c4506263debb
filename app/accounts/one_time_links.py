"""One-time links: a token in a message shows that its reader has the mailbox, and gives one right, once.

A token is a keyed hash over its right, its account and the random number of its row, under the key of mail: it is made
again when the message is sent, and is stored nowhere. It stands after `#` in a link, where no server's log sees it.
"""

import base64
import hmac
import re
from enum import StrEnum

from app.accounts.link_models import OneTimeLink
from app.core import clock, mail_keys
from app.core.errors import LinkNotValid
from app.mail import addresses


class Right(StrEnum):
    """Right that a link gives."""

    CONFIRM = "confirm"
    RESET = "reset"


LIFE_MS = {Right.CONFIRM: 48 * clock.HOUR_MS, Right.RESET: 30 * clock.MINUTE_MS}
PREFIXES = {Right.CONFIRM: "fc_", Right.RESET: "fr_"}
LONGEST_TYPED = 500  # a whole link may be pasted instead of its token
_SHAPE = r"(f[cr]_)([0-9a-z]{26})_([A-Za-z0-9_-]{43})"  # compiled at first use
REFUSED = "This link is not valid any more: it was used, it is too old, or a newer one was sent. Ask for another."


def new(right: Right, account_id: str, address: str) -> OneTimeLink:
    """Return a new link for the reader of an address, not stored yet."""
    address_hash = addresses.hash_of(address)
    return OneTimeLink.for_account(right, account_id, address_hash=address_hash, life_ms=LIFE_MS[right])


def token_of(link: OneTimeLink) -> str:
    """Return the token of a link."""
    right = Right(link.right)
    return f"{PREFIXES[right]}{link.account_id.partition('_')[2]}_{_mac(mail_keys.current()[0], link)}"


def read(typed: str, right: Right) -> OneTimeLink:
    """Return the link of a token, or of an address that ends with it. Raises LinkNotValid for any fault, with one text.

    A token of another right, of another account, an older, a used and a late one get the same answer.
    """
    match = re.fullmatch(_SHAPE, typed.strip().rpartition("#")[2])
    link = OneTimeLink.find(right, f"acc_{match[2]}") if match and match[1] == PREFIXES[right] else None
    if match is None or link is None:
        raise LinkNotValid(REFUSED)
    if not any(hmac.compare_digest(_mac(key, link), match[3]) for key in mail_keys.current()):
        raise LinkNotValid(REFUSED)
    return link


def _mac(key: bytes, link: OneTimeLink) -> str:
    digest = mail_keys.mac(key, "link", link.id, link.nonce)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
