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
    except dynamodb.FAILURES as error:
        if noted.is_stored():
            return True
        if by.actor != COMMAND and not _is_admin(by.actor):
            raise Forbidden("You are no admin any more, so nothing was changed.") from error
        return False


def _is_admin(account_id: str) -> bool:
    account = Account.find(account_id)
    return account is not None and account.is_active_admin
