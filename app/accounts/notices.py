"""Put messages about an account into the ledger: in the transaction of what they tell of, or by themselves.

Only an account with a confirmed address gets any. The words are made when a message is sent (letters.py).
"""

from enum import StrEnum
from typing import Any

from app.accounts.models import Account
from app.core.config import settings
from app.mail.models import Delivery


class Kind(StrEnum):
    """Kinds of messages about an account."""

    CONFIRM = "confirm"
    RESET = "reset"
    PASSWORD = "password"  # noqa: S105 - the name of a kind: it was changed
    ADDRESS = "address"
    SIGN_IN = "signin"


def to_confirmed(kind: Kind, account: Account, unique: str, **more: Any) -> list[Delivery]:
    """Return the message to an account's confirmed address, not stored yet; none where there is no such address."""
    if not (settings().mail.is_set_up and account.confirmed_email and account.confirmed_hash):
        return []
    language = more.pop("language", None) or account.language or "en"
    recipient = account.confirmed_hash
    return [Delivery.about_account(kind, unique, recipient=recipient, account_id=account.id, language=language, **more)]


def to_former(account: Account, unique: str, *, is_replaced: bool) -> list[Delivery]:
    """Return the message that tells the address that is left, not stored yet. Call it before the account changes."""
    values = {"is_replaced": is_replaced}
    return to_confirmed(Kind.ADDRESS, account, unique, values=values, address=account.confirmed_email)
