"""Accept an invitation: as a new account, or with the account that is signed in; with the audit rows of both.

One wins under any race: the invitation's row is written on the condition that it waits, and the transaction checks that
its maker still is an admin. Wrong tokens are counted for the network.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.accounts import areas, registration, throttle
from app.accounts.invitation_models import Invitation
from app.accounts.models import Account, Role, Together
from app.accounts.throttle import SIGN_IN_WINDOW_S, WHOLE
from app.core import dynamodb, retries
from app.core.config import settings
from app.core.errors import Conflict, Unavailable
from app.review import audit, inviting
from app.review.audit import By
from app.review.audit_models import COMMAND

_KIND = "invitation"
_TRIES = 4
CHANGED = "The account was changed at the same moment. Try again."


def as_new(token: str, username: str, password: str, *, request_id: str = "") -> Account:
    """Make the account of an invited person. Switches do not stop it: staff are needed when others are kept out.

    Raises NotFound, InvitationOver, Invalid with every mistake, Conflict if the name is taken, or TooMany.
    """
    with _counted():
        invitation = inviting.of_token(token)
        inviting.refuse_if_over(invitation)
        account = registration.build(username, password, role=invitation.role)
        account.packed_areas, account.invitation_id = invitation.packed_areas, invitation.id
        _store(invitation, account, account.create_in, request_id, before=None, refuse=account.has_own_name)
    return account


def as_known(token: str, account: Account, password: str, *, request_id: str = "") -> Account:
    """Make the signed-in resident a responder; safe to repeat. The password confirms it, and must be one of staff.

    Raises NotFound, InvitationOver, WrongPassword, Invalid for a password that staff may not have, TooMany, or Conflict
    for who is staff already.
    """
    with _counted():
        invitation = inviting.of_token(token)
        if invitation.used_by == account.id and account.role == invitation.role:
            return account
        inviting.refuse_if_over(invitation)
        if account.role != Role.RESIDENT:
            raise Conflict("You are staff already. Ask an admin to change your areas; the invitation still waits.")
        registration.require_password_of(account, password, role=invitation.role)
        changes: dict[str, Any] = {"role": invitation.role, "packed_areas": invitation.packed_areas}
        changes |= {"invitation_id": invitation.id, "rights_version": int(account.rights_version or 0) + 1}
        version, role = account.version, account.role

        def refuse() -> None:
            now = Account.find(account.id)
            if now is None or now.version != version:
                raise Conflict(CHANGED)

        def write(transaction: Any) -> None:
            account.change_in(transaction, **changes)

        _store(invitation, account, write, request_id, before=role, refuse=refuse)
        account.refresh(consistent_read=True)
    return account


def _store(
    invitation: Invitation,
    account: Account,
    write: Together,
    request_id: str,
    *,
    before: str | None,
    refuse: Callable[[], object],
) -> None:
    """Store the account, the use of the invitation and the rows of both. After a lost reply the invitation shows it."""
    by = By(account.id, request_id)
    codes = [area.code for area in areas.unpack(invitation.packed_areas)]
    after = {"role": invitation.role, "areas": codes}
    rows = [
        audit.row(invitation.id, "invitation.used", by=by, after=after | {"account": account.id}),
        audit.row(
            account.id,
            "account.role_changed",
            by=by,
            reason="appointed",
            before={"role": before},
            after=after | {"invitation": invitation.id, "invited_by": invitation.maker_id},
        ),
    ]
    for attempt in range(_TRIES):
        try:
            with dynamodb.transaction() as transaction:
                write(transaction)
                invitation.use_in(transaction, account.id)
                if invitation.maker_id != COMMAND:
                    rights = int(invitation.maker_rights)
                    Account.require_admin_in(transaction, invitation.maker_id, rights=rights)
                for row in rows:
                    row.put_in(transaction)
            return
        except dynamodb.FAILURES:
            now = Invitation.find(invitation.id)
            if now is not None and now.used_by == account.id:
                return
            inviting.refuse_if_over(now or invitation)
            refuse()
        retries.pause(attempt)
    raise Unavailable("The invitation could not be accepted just now. Try again.", retry_after_s=2)


@contextmanager
def _counted() -> Iterator[None]:
    """Count a try at a token for the network, unless it succeeds. Raises TooMany."""
    caller, window_s = throttle.network(), SIGN_IN_WINDOW_S
    throttle.count_one(_KIND, caller, limit=settings().sign_in_tries, window_s=window_s)
    yield
    columns = [column for column in (WHOLE, caller.part) if column]
    throttle.give_back_if_readable(_KIND, caller.who, columns, window_s=window_s, shown_limits=[_KIND])
