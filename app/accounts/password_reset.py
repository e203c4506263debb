"""Lost passwords: ask for a link by mail, and set a new password with it. No client learns who has an account.

For every name the same is read, counted, written and answered. A known and an unknown name differ in what is
written, never in how much.
"""

import hashlib
from typing import NamedTuple

from app.accounts import notices, one_time_links, own_address, passwords, signing_in, throttle
from app.accounts.models import Account
from app.accounts.notices import Kind
from app.accounts.one_time_links import Right
from app.accounts.usernames import fold
from app.core import clock, dynamodb
from app.core.errors import Conflict, Invalid, LinkNotValid
from app.http.schemas import mistakes_in
from app.mail import addresses
from app.mail.models import Delivery, State

HOUR_S, DAY_S = 3600, 24 * 3600
# Askings in an hour: from one network for one person, and in all from it. Beyond, the network is told to wait.
FOR_ONE, FROM_NETWORK = 5, 50
# Messages in a day to one person, at once; beyond, one in each twenty minutes. A link is good for thirty, so that who
# asks while strangers do finds one that is good in the mailbox: no number of askings keeps the owner out.
AT_ONCE, SLOWLY_S = 5, 20 * 60
USES = 30  # of a link, from one network in an hour: each costs a hash
_NOBODY = "acc_"


class ResetRequest(NamedTuple):
    """An asking: a user name or an address as typed, and the mark of the device, "" without one."""

    username: str = ""
    email: str = ""
    device: str = ""


def ask(request: ResetRequest, *, language: str) -> None:
    """Send a link for setting a new password, if there is such a person and a confirmed address. Says nothing of it.

    Raises MailNotSetUp where no mail is sent, and TooMany for a network that asks too often.
    """
    own_address.require_mail()
    account = _find(request)
    typed = fold(request.username) or addresses.all_hashes_of(request.email)[0]
    stand_in = _NOBODY + hashlib.sha256(typed.encode()).hexdigest()[:26]
    has_address = account is not None and bool(account.confirmed_email and account.confirmed_hash)
    person = account.id if account else stand_in
    known_device = signing_in.device_of(request.device, account)
    _count(known_device or person, is_device=bool(known_device))
    if not _may_send(known_device or person):
        return
    link = one_time_links.new(
        Right.RESET, person, (account and account.confirmed_email) or f"{stand_in}@example.invalid"
    )
    message = Delivery.about_account(
        Kind.RESET if has_address else "none",
        link.nonce,
        recipient=link.address_hash,
        account_id=person if has_address else None,
        language=language,
        state=(State.QUEUED if has_address else State.SUPPRESSED).value,
        useless_at_ms=link.ends_at_ms,
    )
    with dynamodb.transaction() as transaction:
        link.put_in(transaction)
        message.put_in(transaction)


def _find(request: ResetRequest) -> Account | None:
    """Return the account of a name or of a confirmed address. Two reads in any case."""
    if request.username:
        return Account.named(request.username)
    return Account.find(own_address.owner_of(request.email) or "acc_nobody")


def _count(who: str, *, is_device: bool) -> None:
    """Count an asking. A device on which the person was signed in has attempts that no stranger can use up."""
    if is_device:
        throttle.count_one("password-reset", f"device:{who}", limit=FOR_ONE, window_s=HOUR_S)
        return
    whole = throttle.Whole("password-reset-network", FROM_NETWORK)
    throttle.count_one("password-reset", throttle.at_network(who), limit=FOR_ONE, window_s=HOUR_S, whole=whole)


def _may_send(who: str) -> bool:
    """Count a message; False if there were enough. Of simultaneous askings one gets that of its twenty minutes."""
    at_once = throttle.add("reset-mail", who, {throttle.WHOLE: AT_ONCE}, window_s=DAY_S)
    return bool(at_once or throttle.add("reset-mail-slow", who, {throttle.WHOLE: 1}, window_s=SLOWLY_S))


def use(typed: str, password: str) -> Account:
    """Set a new password by the token of a link, end all sign-ins, and use the link up; return the account.

    A second factor stays as it is, and is asked for at the next sign-in. Raises LinkNotValid, Invalid for a bad
    password (the link stays good), or TooMany.
    """
    throttle.count_one("password-reset-use", throttle.network(), limit=USES, window_s=HOUR_S)
    link = one_time_links.read(typed, Right.RESET)
    account = Account.find(link.account_id)
    if account is None or link.address_hash not in addresses.all_hashes_of(account.confirmed_email or ""):
        raise LinkNotValid(one_time_links.REFUSED)
    if faults := passwords.faults(password, username=account.username, role=account.role):
        raise Invalid(mistakes_in({"json": {"password": faults}}))
    changes = {"password_hash": passwords.make_hash(password), "token_version": account.token_version + 1}
    told = notices.to_confirmed(Kind.PASSWORD, account, link.nonce, values={"at_ms": clock.now_ms()})
    try:
        account.change_together(changes, link.use_in, *(one.put_in for one in told))
    except Conflict:
        one_time_links.read(typed, Right.RESET)  # refused if another use of it was quicker
        raise
    return account
