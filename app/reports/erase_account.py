"""Delete an account: the person's data go, their reports stay as coarse facts without a link to them."""

from app.accounts import registration
from app.reports import replace_unlink

# Number of reports that a request unlinks; the accounts table's stream starts the job for the rest.
UNLINKED_IN_REQUEST = 50


def leave(account_id: str) -> None:
    """Unlink the account's reports and delete it: now, or within the hour if it has more than fifty reports."""
    replace_unlink.unlink_reports(account_id, goes_on=lambda done: done < UNLINKED_IN_REQUEST)
    registration.delete_account(account_id)
