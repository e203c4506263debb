"""Delete an account: the person goes, and what they saw stays as coarse facts that lead to nobody."""

from app.accounts import registration
from app.reports import replace_unlink

# What a request may do of it; the rest of a long list follows from the accounts table's stream.
UNLINKED_IN_REQUEST = 50


def leave(account_id: str) -> None:
    """Cut the account's reports loose and delete it: at once, or within the hour where there are more than fifty."""
    replace_unlink.unlink_reports(account_id, goes_on=lambda done: done < UNLINKED_IN_REQUEST)
    registration.delete_account(account_id)
