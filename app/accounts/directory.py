"""List accounts by their user names, for admins."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from app.accounts.models import Account, AccountKey, Role
from app.accounts.usernames import fold
from app.core import dynamodb

# Keys that a page reads of each role: as many as its rows; where some are filtered out, up to five times a hundred.
_STEP, _STEPS = 100, 5


class AccountQuery(NamedTuple):
    """Filter of accounts: the beginning of the user name, in any case; roles; suspended, not suspended, or both."""

    begins: str = ""
    roles: Sequence[str] = tuple(Role)
    is_suspended: bool | None = None
    limit: int = 50
    after: str = ""  # the folded name at which the page before has ended


class AccountPage(NamedTuple):
    """A page by user name, and the folded name at which it ends, "" on the last one. It may be short, even empty."""

    accounts: list[Account]
    next_after: str


def find(query: AccountQuery) -> AccountPage:
    """Return a page of accounts, by user name."""
    found, after = list[AccountKey](), query.after
    for _ in range(_STEPS):
        keys, after = _read(query, after)
        found += [key for key in keys if query.is_suspended in (None, key.is_suspended)]
        if len(found) > query.limit or not after:
            break
    if len(found) > query.limit:
        found = found[: query.limit]
        after = found[-1].username_folded
    rows = {account.id: account for account in Account.find_all_readable([key.id for key in found])}
    return AccountPage([rows[key.id] for key in found if key.id in rows], after)


def _read(query: AccountQuery, after: str) -> tuple[list[AccountKey], str]:
    """Return the next keys of all roles in order, and the name down to which they are complete; "" if all are."""
    limit = query.limit + 1 if query.is_suspended is None else _STEP
    begins = fold(query.begins)
    pages = dynamodb.in_one_round(
        [partial(Account.page_of_role, role, begins=begins, after=after, limit=limit) for role in query.roles]
    )
    complete_to = min((page[-1].username_folded for page in pages if len(page) == limit), default="")
    keys = sorted(key for page in pages for key in page if not complete_to or key.username_folded <= complete_to)
    return keys, complete_to
