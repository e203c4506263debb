"""One's own e-mail address: stated, confirmed by a link in a message to it, changed, removed.

`email` is what the person has stated; `confirmed_email` is what gets mail, and stays in force until another one is
confirmed. No two accounts have confirmed one address: by it a lost password is asked for.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from app.accounts import notices, one_time_links, throttle
from app.accounts.link_models import OneTimeLink
from app.accounts.models import Account, Together
from app.accounts.notices import Kind
from app.accounts.one_time_links import Right
from app.accounts.username_models import UsernameClaim
from app.core import clock, dynamodb
from app.core.config import settings
from app.core.errors import Conflict, Invalid, LinkNotValid, MailNotSetUp, Mistake
from app.mail import addresses
from app.mail.models import Delivery

DAY_S = 24 * 3600
# Messages for confirming one address in a day: asked for from one network, and in all. Beyond, none is sent; any link
# of the last two days confirms the address for who is signed in, so that strangers keep no owner out.
FROM_ONE_NETWORK, IN_ALL = 3, 10
RECENT_MS = 15 * clock.MINUTE_MS  # after a sign-in the password need not be given once more (ASVS 5.0, 7.5.1)
NOT_SET_UP = "This service sends no mail: no address can be confirmed here, and no password reset."
NOTHING = "There is no address that waits to be confirmed. Set one with PATCH /v1/me."
TAKEN = "Another account has confirmed this address. Remove it there first, or use that account."
FRESH_SIGN_IN_NEEDED = "It is required to change the address, unless you have signed in within 15 minutes."


class Change(NamedTuple):
    """Attributes of an account that change, and rows that are stored with them."""

    values: dict[str, Any]
    together: Sequence[Together]


def require_mail() -> None:
    """Raise MailNotSetUp where no mail is sent."""
    if not settings().mail.is_set_up:
        raise MailNotSetUp(NOT_SET_UP)


def require_fresh(account: Account, *, has_password: bool, signed_in_at_ms: int | None) -> None:
    """Raise Invalid unless who changes the address has the password: it was just given, here or at a sign-in.

    The address brings back a lost password, so that a session left open must not be enough to change it.
    """
    is_recent = signed_in_at_ms is not None and clock.now_ms() - signed_in_at_ms <= RECENT_MS
    if settings().mail.is_set_up and not (has_password or is_recent):
        raise Invalid([Mistake("/current_password", "required", FRESH_SIGN_IN_NEEDED)])


def state(account: Account, email: str | None, *, language: str) -> Change:
    """Return what follows when a person states an address, or none (None)."""
    if email is None:
        return _removed(account)
    if addresses.are_same(email, account.confirmed_email):
        return Change({"email": email, "confirmed_email": email}, ())
    return Change({"email": email}, ask_to_confirm(account, email, language=language))


def _removed(account: Account) -> Change:
    values = dict.fromkeys(("email", "confirmed_email", "confirmed_hash"))
    told = notices.to_former(account, _unique(account), is_replaced=False)
    together = [partial(OneTimeLink.forget_in, right=right, account_id=account.id) for right in Right]
    together += [partial(_free, account.confirmed_hash)] if account.confirmed_hash else []
    return Change(values, [*together, *(one.put_in for one in told)])


def send_again(account: Account, *, language: str) -> None:
    """Send the message for confirming once more. Raises MailNotSetUp, Conflict without such an address."""
    require_mail()
    if not account.email or addresses.are_same(account.email, account.confirmed_email):
        raise Conflict(NOTHING)
    if together := ask_to_confirm(account, account.email, language=language):
        with dynamodb.transaction() as transaction:
            for add in together:
                add(transaction)


def ask_to_confirm(account: Account, email: str, *, language: str) -> Sequence[Together]:
    """Return the rows of a link to an address that is to be confirmed; none where no mail is, or too many were sent."""
    if not settings().mail.is_set_up or not _may_send(email):
        return ()
    link = one_time_links.new(Right.CONFIRM, account.id, email)
    message = Delivery.about_account(
        Kind.CONFIRM,
        link.nonce,
        recipient=link.address_hash,
        account_id=account.id,
        language=language,
        address=email,
        useless_at_ms=link.ends_at_ms,
    )
    return (link.put_in, message.put_in)


def _may_send(email: str) -> bool:
    """Count one message for confirming an address; False if enough were sent."""
    who, limits = throttle.from_network(f"confirm:{addresses.hash_of(email)}"), {throttle.WHOLE: IN_ALL}
    limits[who.part] = FROM_ONE_NETWORK
    return throttle.add("confirm-mail", who.who, limits, window_s=DAY_S) is not None


def confirm(typed: str, *, signed_in: Account | None, language: str) -> Account:
    """Confirm the address of a token, and return its account. Raises LinkNotValid or Conflict; see `read`.

    The token shows that its bearer reads the address. Who is signed in with another account that states this very
    address confirms it for that one: a message that a stranger has caused serves the owner too.
    """
    link = one_time_links.read(typed, Right.CONFIRM)
    account = _account_of(link, signed_in)
    if account is None:
        raise LinkNotValid(one_time_links.REFUSED)
    email = str(account.email)
    if addresses.are_same(email, account.confirmed_email):
        return account
    hashes = addresses.all_hashes_of(email)
    if any(holder not in (None, account.id) for holder in map(_holder, hashes)):
        raise Conflict(TAKEN)
    told = notices.to_former(account, link.nonce, is_replaced=True) if account.confirmed_email else []
    former = account.confirmed_hash
    together: list[Together] = [link.use_in, *(one.put_in for one in told), partial(_claim, hashes[0], account.id)]
    together += [partial(_free, former)] if former and former != hashes[0] else []
    changes = {"confirmed_email": email, "confirmed_hash": hashes[0], "language": language}
    try:
        account.change_together(changes, *together)
    except Conflict:
        one_time_links.read(typed, Right.CONFIRM)  # refused if another use of it was quicker
        raise
    account.refresh(consistent_read=True)
    return account


def _account_of(link: OneTimeLink, signed_in: Account | None) -> Account | None:
    """Return the account that a link confirms an address for; None if it states another address by now."""
    for account in (signed_in, Account.find(link.account_id)):
        if account and account.email and link.address_hash in addresses.all_hashes_of(account.email):
            return account
    return None


def owner_of(email: str) -> str:
    """Return the id of the account that has confirmed an address; "" if none has. One read under one key."""
    return next((holder for one in addresses.all_hashes_of(email) if (holder := _holder(one))), "")


def _holder(address_hash: str) -> str | None:
    return UsernameClaim.holder(_claim_id(address_hash))


def _claim_id(address_hash: str) -> str:
    return f"mail:{address_hash}"


def _claim(address_hash: str, account_id: str, transaction: Any) -> None:
    UsernameClaim(id=_claim_id(address_hash), account_id=account_id).put_in(transaction)


def _free(address_hash: str, transaction: Any) -> None:
    transaction.delete(UsernameClaim(id=_claim_id(address_hash)))


def _unique(account: Account) -> str:
    return f"v{int(account.version)}"
