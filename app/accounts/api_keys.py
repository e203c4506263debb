"""API keys: make, list and end one's own; find the account of a key that a program sends.

The account's row names the keys that count. So a key is made and ended in one transaction with that row, at most twenty
count at a time, and a suspension, which forgets the names, ends all of them for good.
"""

import hmac
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, NoReturn

from app.accounts import key_text, random_text, second_factor
from app.accounts.key_models import ApiKey
from app.accounts.models import STAFF, Account, Together
from app.accounts.scopes import Scope
from app.core import clock
from app.core.errors import Conflict, Invalid, Mistake, NotFound, SecondFactorRequired, Unauthenticated

MOST_KEYS = 20
LONGEST_DAYS, LONGEST_DAYS_OF_REVIEW = 365, 90
_AGAIN = "Its owner makes another one: POST /v1/me/api-keys."
NO_KEY = f"This is no API key: it is cut off or mistyped. A whole one matches {key_text.PATTERN}."
UNKNOWN = f"This API key is not valid: it has ended, or was never made here. {_AGAIN}"
OWNER_GONE = "The account of this API key was deleted."
OWNER_SUSPENDED = "The account of this API key is suspended, which has ended its keys."
ENDED = f"This API key has ended with a suspension of its account. {_AGAIN}"
NEEDS_FACTOR = (
    "A key with the scope review is made and used only while its owner has a second factor. Set it up: POST "
    "/v1/me/totp with the password, then PUT /v1/me/totp with a code of the app."
)
NO_STAFF = "Only the keys of responders and admins can have the scope review."


class MadeKey(NamedTuple):
    """A new key: its text, which is shown once, and its row."""

    text: str
    row: ApiKey


def longest_days(scopes: Collection[str]) -> int:
    """Return how many days a key with these scopes may last at most."""
    return LONGEST_DAYS_OF_REVIEW if Scope.REVIEW in scopes else LONGEST_DAYS


def make(
    account: Account,
    name: str,
    scopes: Collection[str],
    expires_at_ms: int | None = None,
    *,
    rows: Callable[[ApiKey], Sequence[Together]] = lambda _: (),
) -> MadeKey:
    """Make a key that lasts until a moment, by default as long as it may.

    `rows` builds what is stored in the same transaction. Raises Invalid, SecondFactorRequired, or Conflict where there
    are twenty already.
    """
    _check_rights(account, scopes)
    ends_ms = _checked_end(scopes, expires_at_ms)
    kept = {row.id for row in listed(account) if not row.is_over}
    if len(kept) >= MOST_KEYS:
        raise Conflict(f"There are {MOST_KEYS} keys already. End one first: DELETE /v1/me/api-keys/ID.")
    text = key_text.make()
    row = ApiKey.new(text, account_id=account.id, name=name, scopes=scopes, expires_at_ms=ends_ms)
    account.change_together({"api_key_ids": kept | {row.id}}, row.put_in, *rows(row))
    return MadeKey(text, row)


def _check_rights(account: Account, scopes: Collection[str]) -> None:
    """Refuse what the owner may not do. A session of an account with a second factor was begun with it."""
    if Scope.REVIEW not in scopes:
        return
    if account.role not in STAFF:
        raise Invalid([Mistake("/scopes", "role", NO_STAFF)])
    if not account.has_second_factor:
        raise SecondFactorRequired(NEEDS_FACTOR)


def _checked_end(scopes: Collection[str], expires_at_ms: int | None) -> int:
    now_ms, days = clock.now_ms(), longest_days(scopes)
    latest_ms = now_ms + days * clock.DAY_MS
    if expires_at_ms is not None and not now_ms < expires_at_ms <= latest_ms:
        sentence = f"It must be later than now, and at most {days} days ahead for these scopes."
        raise Invalid([Mistake("/expires_at", "range", sentence)])
    return latest_ms if expires_at_ms is None else expires_at_ms


def listed(account: Account) -> list[ApiKey]:
    """Return the keys of an account, newest first, also those whose time is over."""
    return ApiKey.of_ids(account.api_key_ids or ()) if account.api_key_ids else []


def end(account: Account, key_id: str, *, rows: Callable[[ApiKey], Sequence[Together]] = lambda _: ()) -> None:
    """End a key of an account: it is refused from the next request on. Raises NotFound for one that it has not.

    Another change of the account at the same moment does not keep a leaked key alive: then it is tried once more.
    """
    try:
        _end(account, key_id, rows)
    except Conflict:  # the failed change has read the account again
        _end(account, key_id, rows)


def _end(account: Account, key_id: str, rows: Callable[[ApiKey], Sequence[Together]]) -> None:
    row = next((row for row in listed(account) if row.id == key_id), None)
    if row is None:
        raise NotFound("There is no such key, or it has ended.")
    others = {*(account.api_key_ids or ())} - {key_id}
    account.change_together({"api_key_ids": others or None}, row.delete_in, *rows(row))


def authenticate(text: str) -> tuple[Account, ApiKey]:
    """Return the account and the row of the key that a program has sent, read consistently; notes that it was used.

    Raises Unauthenticated, which tells the reason to those who have the whole key, or SecondFactorRequired.
    """
    if not key_text.is_key(text):
        raise Unauthenticated(NO_KEY)
    row = ApiKey.find_readable(key_text.id_of(text))
    if row is None or not hmac.compare_digest(row.text_hash, random_text.hash_of(text)):
        raise Unauthenticated(UNKNOWN)
    account = Account.find(row.account_id)
    if account is None:
        raise Unauthenticated(OWNER_GONE)
    if account.is_suspended:
        raise Unauthenticated(OWNER_SUSPENDED)
    if row.id not in (account.api_key_ids or ()):
        raise Unauthenticated(ENDED)
    if row.is_over:
        _refuse_over(row)
    second_factor.refuse_if_lacking(account)
    row.note_use()
    return account, row


def _refuse_over(row: ApiKey) -> NoReturn:
    raise Unauthenticated(f"This API key has expired: it ended at {clock.rfc3339(int(row.expires_at_ms))}. {_AGAIN}")
