"""Invite people to become responders: make, list, end and accept invitations, each act with its audit row.

An invitation is a link with a secret that works once, for seven days, and only as long as the admin who made it has
been one without a break. Of the secret a hash is stored. Accepting: app/review/accepting.py.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from app.accounts import areas, random_text
from app.accounts.areas import Area
from app.accounts.invitation_models import Invitation
from app.accounts.models import Account, Role, Together
from app.core import clock, retries
from app.core.errors import InvitationOver, NotFound, Unavailable
from app.review import admin_acts, audit
from app.review.audit import AuditRow, By
from app.review.audit_models import COMMAND

ROLES = (Role.RESPONDER.value,)  # an admin is raised by an admin only
LONGEST_NOTE = 200
TOKEN = r"fi_([0-9a-z]{26})([a-z2-7]{32})"  # noqa: S105 - the form: the id without its prefix, and the secret
NEWER_THAN_ALL = "inv_~"
POSITION = r"inv_[0-9a-z]{26}"
NO_INVITATION = "There is no such invitation. Look whether the whole link was copied."
_TRIES = 4


class State(StrEnum):
    """State of an invitation. `ended`: by an admin, or because its maker is no admin any more."""

    WAITING = "waiting"
    USED = "used"
    ENDED = "ended"
    EXPIRED = "expired"


OVER = {
    State.USED: "This invitation was used. If that was you, sign in; if not, tell the admin who invited you.",
    State.ENDED: "This invitation was ended. Ask for a new one.",
    State.EXPIRED: "This invitation has expired: it was good for seven days. Ask for a new one.",
}


class NewInvitation(NamedTuple):
    """A new invitation, and its token, which nothing can show again."""

    invitation: Invitation
    token: str


class Listed(NamedTuple):
    """An invitation and its state."""

    invitation: Invitation
    state: State


def make(role: str, own_areas: Sequence[Area], note: str, *, by: By) -> NewInvitation:
    """Store an invitation to become a responder within areas. Raises Forbidden if the maker is no admin any more.

    `note`: for admins, such as whom it is for; gone with the row after 30 days.
    """
    secret = random_text.make()
    rights = 0 if by.actor == COMMAND else int(admin_acts.require_admin(by.actor).rights_version or 0)
    invitation = Invitation(
        secret_hash=random_text.hash_of(secret),
        role=Role(role).value,
        packed_areas=areas.pack(own_areas),
        note=note or None,
        maker_id=by.actor,
        maker_rights=rights,
    )
    after = {"role": invitation.role, "areas": [area.code for area in own_areas]}
    noted = audit.row(invitation.id, "invitation.made", by=by, after=after)
    _store(invitation.put_in, noted, by)
    return NewInvitation(invitation, f"fi_{invitation.id.removeprefix('inv_')}{secret}")


def find(invitation_id: str) -> Listed:
    """Return an invitation. Raises NotFound."""
    invitation = Invitation.find(invitation_id)
    if invitation is None:
        raise NotFound("There is no such invitation.")
    return _listed([invitation])[0]


def page(*, before: str = NEWER_THAN_ALL, limit: int) -> tuple[list[Listed], str]:
    """Return invitations of the last 30 days, newest first, and the id at which the page ends, "" on the last one."""
    invitations, following = Invitation.page(before=before, limit=limit)
    return _listed(invitations), following


def end(invitation_id: str, *, by: By) -> None:
    """End an invitation; what is over by itself stays as it is. Raises NotFound, or InvitationOver if it was used."""
    invitation = find(invitation_id).invitation
    if _is_over(invitation):
        return
    noted = audit.row(invitation.id, "invitation.ended", by=by)
    _store(invitation.end_in, noted, by, is_done=lambda: _is_over(find(invitation_id).invitation))


def _is_over(invitation: Invitation) -> bool:
    """Return whether there is nothing left to end. Raises InvitationOver if it was used."""
    if invitation.used_at_ms:
        raise InvitationOver("This invitation was used. Change the account instead.", state=State.USED.value)
    return bool(invitation.ended_at_ms or invitation.expires_at_ms <= clock.now_ms())


def of_token(token: str) -> Invitation:
    """Return the invitation of a token, whatever its state. Raises NotFound, in the same words whatever is wrong."""
    found = re.fullmatch(TOKEN, token)
    invitation = Invitation.find(f"inv_{found[1]}") if found else None
    if not found or not invitation or not hmac.compare_digest(invitation.secret_hash, random_text.hash_of(found[2])):
        raise NotFound(NO_INVITATION)
    return invitation


def refuse_if_over(invitation: Invitation) -> None:
    """Raise InvitationOver unless the invitation waits to be used."""
    makers = [] if invitation.maker_id == COMMAND else [Account.find(invitation.maker_id)]
    if (state := state_of(invitation, _by_id(makers))) != State.WAITING:
        raise InvitationOver(OVER[state], state=state.value)


def state_of(invitation: Invitation, makers: Mapping[str, Account]) -> State:
    """Return the state of an invitation; `makers`: the accounts of makers by id, without deleted ones."""
    if invitation.used_at_ms:
        return State.USED
    if invitation.ended_at_ms:
        return State.ENDED
    if invitation.expires_at_ms <= clock.now_ms():
        return State.EXPIRED
    return State.WAITING if _may_invite(invitation, makers.get(invitation.maker_id)) else State.ENDED


def _may_invite(invitation: Invitation, maker: Account | None) -> bool:
    """Return whether the maker has been an admin without a break since."""
    if invitation.maker_id == COMMAND:
        return True
    return maker is not None and maker.is_active_admin and int(maker.rights_version or 0) == invitation.maker_rights


def _listed(invitations: Sequence[Invitation]) -> list[Listed]:
    ids = {invitation.maker_id for invitation in invitations} - {COMMAND}
    makers = _by_id(Account.find_all_readable(sorted(ids)))
    return [Listed(invitation, state_of(invitation, makers)) for invitation in invitations]


def _by_id(accounts: Iterable[Account | None]) -> dict[str, Account]:
    return {account.id: account for account in accounts if account}


def _store(write: Together, noted: AuditRow, by: By, *, is_done: Callable[[], bool] = lambda: False) -> None:
    """Store a change with its audit row, if who acts is an admin at that moment; or find that another did the same."""
    for attempt in range(_TRIES):
        if admin_acts.is_stored(noted, by, write) or is_done():
            return
        retries.pause(attempt)
    raise Unavailable("It could not be stored just now. Try again.", retry_after_s=2)
