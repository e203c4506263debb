"""Store an act of an admin with its audit row in one transaction, while the admin still is one."""

from app.accounts.models import Account, Together
from app.core import dynamodb
from app.core.errors import Forbidden
from app.review.audit import AuditRow, By
from app.review.audit_models import COMMAND


def is_stored(noted: AuditRow, by: By, *together: Together) -> bool:
    """Store an audit row and what `together` adds; False if that failed and may be tried again.

    A lost reply and a lost race look alike: our audit row tells. Raises Forbidden if the caller is no admin any more.
    """
    try:
        with dynamodb.transaction() as transaction:
            for add in together:
                add(transaction)
            if by.actor != COMMAND:
                Account.require_admin_in(transaction, by.actor)
            noted.put_in(transaction)
        return True
    except dynamodb.FAILURES:
        if noted.is_stored():
            return True
        if by.actor != COMMAND:
            require_admin(by.actor)
        return False


def require_admin(account_id: str) -> Account:
    """Return the account of an active admin. Raises Forbidden for one who is none any more."""
    account = Account.find(account_id)
    if account is None or not account.is_active_admin:
        raise Forbidden("You are no admin any more, so nothing was changed.")
    return account
