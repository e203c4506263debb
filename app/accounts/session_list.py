"""List a person's sessions in force, and end them: one, or all others. It counts from the next request of each."""

import re
from typing import NamedTuple

from app.accounts import session_limits, tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily, time_of
from app.core import clock
from app.core.errors import Conflict, Unauthenticated, Unavailable

NEWEST = "~"  # after every id
ID = r"fam_[a-z0-9]{1,40}"
POSITION = rf"{NEWEST}|{ID}"
MOST_READ, MOST_AT_ONCE = 500, 100


class SessionPage(NamedTuple):
    """Sessions in force, newest first, and the position of the next page or "".

    `complete_to_ms`: if the page ended before it was full, because most that was read has ended: the time down to which
    it is whole.
    """

    sessions: list[RefreshFamily]
    next_before: str
    complete_to_ms: int | None


def find(account: Account, own: RefreshFamily, *, before: str, limit: int) -> SessionPage:
    """Return a page of the sessions in force that began before a position; `own` is the one that asks.

    Raises what the database raises: no part is taken for the whole. What has just been ended is not there; what began
    in the last second may not be there yet, except `own`.
    """
    found: list[RefreshFamily] = []
    position, size = before, min(limit + 1, MOST_AT_ONCE)
    # No older session can be in force, so that what a person signed in with long ago is not read.
    oldest_ms = clock.now_ms() - session_limits.whole_s(account.role) * 1000
    for _round in range(MOST_READ // MOST_AT_ONCE):
        rows, following = RefreshFamily.page_of_account(account.id, before=position, limit=size, is_consistent=True)
        found += [family for family in rows if session_limits.is_in_force(account, family)]
        position, size = (following if (time_of(following) or 0) >= oldest_ms else ""), MOST_AT_ONCE
        if not position or len(found) > limit:
            break
    if before == NEWEST and (not found or found[0].id < own.id):
        found.insert(0, own)
    if len(found) > limit:
        return SessionPage(found[:limit], found[limit - 1].id, None)
    is_cut = bool(position) and len(found) < limit
    return SessionPage(found, position, time_of(position) if is_cut else None)


def end(account: Account, session_id: str) -> bool:
    """End one session of a person; False if this id is no session of this person, or of one that had ended."""
    family = RefreshFamily.find(session_id) if re.fullmatch(ID, session_id) else None
    if family is None or not session_limits.is_valid(account, family):
        return False
    family.end()
    return True


def end_others(account: Account, own: RefreshFamily) -> None:
    """End all sessions of a person but one, also those that no index names yet. Safe to repeat.

    Raises Unauthenticated if this one has been ended at the same moment: it is not brought back.
    """
    for _attempt in range(2):
        token_version, is_done = account.token_version + 1, True
        try:
            account.change_together({"token_version": token_version}, own.keeping_it(token_version))
        except (Conflict, Unavailable):  # the first has read the account again
            token_version, is_done = account.token_version, False
        # Two sessions that end all others at once make the same change of the account: the row of each tells which won.
        now = RefreshFamily.find(own.id)
        if now is None or now.token_version != token_version:
            raise Unauthenticated(tokens.REFUSED)
        if is_done:
            return
        own = now
    raise Conflict("The account was changed at the same moment. Try again.")
