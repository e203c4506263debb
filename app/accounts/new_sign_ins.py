"""Sign-ins on devices that were not known, of which the person's other sessions tell until an answer is given there.

The account's row notes the newest of them, and each session up to which one its person has answered, both of which
the lock reads anyway. No session can take a note away, or answer for another: else a stranger could who has the
password. A device that was known goes on where its last session was, by its mark.
"""

from typing import NamedTuple

from app.accounts.models import Account
from app.accounts.session_models import API, RefreshFamily, time_of
from app.core import clock, dynamodb, telemetry
from app.core.retention import NEW_SIGN_IN

MOST = 5


class NewSignIn(NamedTuple):
    """A sign-in on a device that was not known; `device` as `devices.kind_of` says."""

    at_ms: int
    session_id: str
    device: str
    text: str  # as it is stored


def note(account: Account, family: RefreshFamily) -> None:
    """Note a sign-in if its device was not known, and delete the notes that are too old, or older than the newest five.

    What cannot be stored is logged, and refuses no sign-in.
    """
    try:
        if not family.is_known_device:
            text = f"{family.id} {family.device or ''}".strip()
            account.update(actions=[Account.new_sign_ins.add({text})], condition=Account.id.exists())
        if old := (account.new_sign_ins or set()) - {one.text for one in of(account)[-MOST:]}:
            account.update(actions=[Account.new_sign_ins.delete(old)], condition=Account.id.exists())
    except dynamodb.FAILURES as error:
        extra = {"account": account.id, "error": type(error).__name__}
        telemetry.logger().error("new sign-in not noted", extra=extra)


def of(account: Account) -> list[NewSignIn]:
    """Return the notes of an account, the oldest first, without those that are too old or cannot be read."""
    since_ms = clock.now_ms() - NEW_SIGN_IN.ms
    return [one for one in sorted(map(_read, account.new_sign_ins or ())) if one.at_ms > since_ms]


def unanswered(account: Account, family: RefreshFamily) -> list[NewSignIn]:
    """Return the sign-ins of others of which this session is to tell, the oldest first; none if it is an app's."""
    if not account.new_sign_ins or family.kind == API:
        return []
    since_ms = int(family.told_until_ms or family.started_at_ms or 0)
    return [one for one in of(account) if one.at_ms > since_ms and one.session_id != family.id]


def _read(text: str) -> NewSignIn:
    """Read a note; one of another form counts as of 1970, and so as too old."""
    session_id, _, device = text.partition(" ")
    return NewSignIn(time_of(session_id) or 0, session_id, device, text)
