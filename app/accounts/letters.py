"""The words of messages about an account. Made when a message is sent, if what it tells still holds."""

from app.accounts import one_time_links
from app.accounts.link_models import OneTimeLink
from app.accounts.models import Account
from app.accounts.notices import Kind
from app.accounts.one_time_links import LIFE_MS, Right
from app.core import clock
from app.core.translations import N_, translated
from app.mail import addresses
from app.mail.letters import Letter, Link, link_to
from app.mail.models import Delivery

_WHY = N_("You get this because you have an account here with this address.")


def compose(delivery: Delivery) -> Letter | None:
    """Return the message as it is to be sent now; None if it no longer holds."""
    account = Account.find(str(delivery.account_id))
    if account is None:
        return None
    if delivery.kind in (Kind.CONFIRM, Kind.RESET):
        return _with_link(delivery, account)
    is_to_former = delivery.kind == Kind.ADDRESS
    address = delivery.address if is_to_former else confirmed_address(delivery, account)
    return _notice(delivery, account, address) if address else None


def confirmed_address(delivery: Delivery, account: Account) -> str:
    """Return the address of a message to the confirmed one; "" if that is another one by now."""
    address = account.confirmed_email or ""
    return address if address and delivery.recipient in addresses.all_hashes_of(address) else ""


def _with_link(delivery: Delivery, account: Account) -> Letter | None:
    """Return a message with a one-time link, unless a newer link was sent, or the address is another one by now."""
    right = Right.CONFIRM if delivery.kind == Kind.CONFIRM else Right.RESET
    link = OneTimeLink.find(right, account.id)
    address = account.email if right == Right.CONFIRM else account.confirmed_email
    is_newest = link is not None and delivery.event.endswith(f"-{link.nonce}")
    if link is None or not is_newest or not address or link.address_hash not in addresses.all_hashes_of(address):
        return None
    made = _confirm if right == Right.CONFIRM else _reset
    return made(account, address, one_time_links.token_of(link), delivery.language)


def _confirm(account: Account, address: str, token: str, language: str) -> Letter:
    def _(text: str, **values: object) -> str:
        return translated(text, language, **values)

    hours = LIFE_MS[Right.CONFIRM] // clock.HOUR_MS
    return Letter(
        to=address,
        subject=_(N_("Confirm your e-mail address")),
        heading=_(N_("Is this your address?")),
        paragraphs=(
            _(
                N_(
                    "The account %(name)s has stated this address. Confirm it, and a lost password can be brought back."
                ),
                name=account.username,
            ),
            _(N_("The link is good for %(hours)s hours, and once."), hours=hours),
        ),
        link=Link(_(N_("Confirm this address")), link_to(f"/confirm-email#{token}")),
        after=(_(N_("If you know nothing of this account, do nothing: then the address is not used.")),),
        why=_(N_("You get this because a person has stated this address for an account here.")),
        language=language,
    )


def _reset(account: Account, address: str, token: str, language: str) -> Letter:
    def _(text: str, **values: object) -> str:
        return translated(text, language, **values)

    minutes = LIFE_MS[Right.RESET] // clock.MINUTE_MS
    return Letter(
        to=address,
        subject=_(N_("Set a new password")),
        heading=_(N_("Set a new password")),
        paragraphs=(
            _(N_("A new password was asked for, for the account %(name)s."), name=account.username),
            _(N_("The link is good for %(minutes)s minutes, and once. A newer one takes its place."), minutes=minutes),
        ),
        link=Link(_(N_("Set a new password")), link_to(f"/reset-password#{token}")),
        after=(_(N_("If you did not ask for it, do nothing: your password stays as it is. Never pass this link on.")),),
        why=_(_WHY),
        language=language,
    )


_HEADINGS = {
    Kind.PASSWORD: N_("Your password was changed"),
    Kind.SIGN_IN: N_("A new sign-in to your account"),
    Kind.ADDRESS: N_("Your address was changed"),
}
_SENTENCES = {
    Kind.PASSWORD: N_("The password of the account %(name)s was changed at %(at)s. All sign-ins have ended."),
    Kind.SIGN_IN: N_("A person signed in to the account %(name)s at %(at)s, in a browser or an app that is new to it."),
    Kind.ADDRESS: N_("The account %(name)s has another address now. Messages go there, and no longer here."),
}
_REMOVED = N_("The account %(name)s has no address any more. No messages come here.")


def _notice(delivery: Delivery, account: Account, address: str) -> Letter:
    def _(text: str, **values: object) -> str:
        return translated(text, delivery.language, **values)

    kind, values = Kind(delivery.kind), delivery.values
    is_removed = kind == Kind.ADDRESS and not values.get("is_replaced")
    sentence = _REMOVED if is_removed else _SENTENCES[kind]
    at = clock.from_ms(int(values.get("at_ms", delivery.made_at_ms))).strftime("%Y-%m-%d %H:%M UTC")
    return Letter(
        to=address,
        subject=_(_HEADINGS[kind]),
        heading=_(_HEADINGS[kind]),
        paragraphs=(_(sentence, name=account.username, at=at), _(N_("If it was you, there is nothing to do."))),
        link=Link(_(N_("If it was not you, set a new password")), link_to("/forgotten-password"))
        if kind != Kind.ADDRESS
        else None,
        after=(_(N_("If it was not you, tell those who run this service: %(page)s"), page=link_to("/about")),),
        why=_(_WHY if kind != Kind.ADDRESS else N_("You get this because the account had this address until now.")),
        language=delivery.language,
    )
