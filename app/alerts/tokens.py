"""Tokens of a subscription, which stand in messages to its address: three rights, each with a token of its own.

A token is a keyed hash over its right, the subscription and the row's random number, under the key of mail. The row
keeps a plain hash of each, so that functions without the key can check one and none can make one; it is made again
whenever a message needs a link with it.
"""

import base64
import hmac
import re
import secrets
from enum import StrEnum

from app.accounts import random_text
from app.accounts.locks import MANAGE_PREFIX
from app.alerts.subscription_models import PREFIX, Subscription
from app.core import mail_keys
from app.core.errors import LinkNotValid


class Right(StrEnum):
    """Right that a token gives. Each is its attribute's name too."""

    CONFIRM = "confirm"
    STOP = "stop"  # stops, and nothing else
    MANAGE = "manage"


PREFIXES = {Right.CONFIRM: "fk_", Right.STOP: "ft_", Right.MANAGE: MANAGE_PREFIX}
LONGEST_TYPED = 500  # a whole link may be pasted instead of its token
_SHAPE = r"(f[kst]_)([0-9a-z]{26})_[A-Za-z0-9_-]{43}"  # compiled at first use
REFUSED = "This link is not valid any more: it is too old, or its alerts have ended. Ask for new ones."


def renew(subscription: Subscription) -> dict[str, str]:
    """Return a new random number and the hashes of its tokens, as attributes to store; earlier tokens end with it."""
    nonce, key = secrets.token_hex(16), mail_keys.current()[0]
    hashes = {_hash_name(right): random_text.hash_of(_made(key, right, subscription.id, nonce)) for right in Right}
    return {"nonce": nonce, **hashes}


def link_token(subscription: Subscription, right: Right) -> str:
    """Return the token of a right, for a link in a message; "" if the key that it was made under is gone."""
    made = (_made(key, right, subscription.id, subscription.nonce) for key in mail_keys.current())
    return next((token for token in made if _is_right(token, right, subscription)), "")


def find(typed: str, right: Right) -> Subscription:
    """Return the subscription of a token, or of an address that ends with it, in whatever state; a consistent read.

    Raises LinkNotValid for any fault, with one text: a token of another right, of another subscription, or a late one.
    """
    token = re.split(r"#|[?&]token=", typed.strip())[-1]
    match = re.fullmatch(_SHAPE, token)
    if match is None or match[1] != PREFIXES[right]:
        raise LinkNotValid(REFUSED)
    found = Subscription.find(f"{PREFIX}{match[2]}")
    if found is None or not _is_right(token, right, found):
        raise LinkNotValid(REFUSED)
    return found


def _is_right(token: str, right: Right, subscription: Subscription) -> bool:
    stored = getattr(subscription, _hash_name(right))
    return bool(stored) and hmac.compare_digest(str(stored), random_text.hash_of(token))


def _hash_name(right: Right) -> str:
    return f"{right}_hash"


def _made(key: bytes, right: Right, subscription_id: str, nonce: str) -> str:
    digest = mail_keys.mac(key, "subscription", right, subscription_id, nonce)
    text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"{PREFIXES[right]}{subscription_id.removeprefix(PREFIX)}_{text}"
