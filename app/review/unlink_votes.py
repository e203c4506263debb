"""Unlink the votes and flags of a deleted account: they stay counted, without a link to a person or their words.

Workers load this module, so it loads no Flask.
"""

import secrets
from collections.abc import Callable

from app.reports.models import Report
from app.review.vote_models import FLAG, VoteRow

AT_ONCE = 25
_NAME_BYTES = 10


def unlink_votes(account_id: str, *, goes_on: Callable[[int], bool]) -> bool:
    """Replace each vote and flag of an account by one of an unknown person. Returns whether all are done.

    Safe to repeat: what is replaced is found no more. `goes_on` is asked before each page with the number done.
    """
    done, before_ms = 0, 1 << 53
    while before_ms:
        page, before_ms = VoteRow.page_of_account(account_id, before_ms=before_ms, limit=AT_ONCE)
        if page and not goes_on(done):
            return False
        for row in page:
            _forget(row, account_id)
        done += len(page)
    return True


def _forget(row: VoteRow, account_id: str) -> None:
    """Put what the person said about a report under another name, because the name of a stored row cannot change.

    Vote and flag get the same one: their writer stays one person.
    """
    name = row.person.removeprefix(FLAG)
    if name != account_id:  # the reporter's own row, whose name says nothing about the person
        row.forget_person()
        return
    VoteRow.rename(VoteRow.of_person(row.report_id, account_id), _name_for(row, account_id))


def _name_for(row: VoteRow, account_id: str) -> str:
    """Return the name of an unknown person; for who filed the report the one that it gives its reporter then."""
    report = Report.find(row.report_id)
    return row.report_id if report and report.account_id == account_id else _new_name()


def _new_name() -> str:
    """Return the random name of an unknown person: nothing of the account follows from it."""
    return f"x_{secrets.token_hex(_NAME_BYTES)}"
