"""Subscriptions: asked for by anybody, in force once the reader of the address has confirmed, stopped by one click.

The answer, and the work until it, are the same whether the address is known, new, or beyond a limit. What a link does
is done by a button on the page that it leads to: nothing here is ever called by a GET but `waiting_for` and reads.
"""

import json
from functools import partial
from typing import Any

from app.accounts import own_address
from app.accounts.models import Account
from app.alerts import confirm_letters, stopping, subscription_limits, tokens, wishes
from app.alerts.subscription_models import IN_FORCE, MOST, Square, State, Subscription, oldest_waiting_ms
from app.alerts.tokens import Right
from app.alerts.wishes import SubscriptionRequest
from app.core import clock
from app.core.errors import Conflict, LinkNotValid
from app.core.retention import UNCONFIRMED_SUBSCRIPTION
from app.mail import addresses
from app.mail.models import SUBSCRIPTION, SUMMARY, Delivery

ALERT = "alert"  # kind of its messages
MOST_READ, MOST_SHOWN = 200, 50  # of what waits for one address: the newest
NOT_CONFIRMED = "These alerts are not confirmed yet. Open the link in the message, or ask for new ones."
STOPPED = "These alerts were stopped. Ask for new ones."
FULL = f"This address has {MOST} alerts already, the most that it may have. Stop one of them first."


def subscribe(asked: SubscriptionRequest, *, account: Account | None, language: str) -> Subscription:
    """Ask for alerts; the reader of the address confirms them by a link in a message. Return the new subscription.

    Beyond a limit no message goes out; beyond that of the network or the account nothing is stored either, and the
    subscription that is returned exists nowhere. Raises Invalid for an area that does not exist or a place that is too
    large, and MailNotSetUp.
    """
    own_address.require_mail()
    subscription = Subscription(account_id=account.id if account else None, language=language)
    for name, value in wishes.attributes_of(asked, subscription).items():
        setattr(subscription, name, value)
    _ask(subscription, asked["address"], account)
    return subscription


def _ask(subscription: Subscription, address: str, account: Account | None) -> None:
    """Store a subscription that waits, with the message that asks the reader of its address."""
    subscription.address, subscription.recipient = address, _recipient_of(address)
    for name, value in tokens.renew(subscription).items():
        setattr(subscription, name, value)
    subscription.asked_from = subscription_limits.network_mark(subscription.nonce)
    subscription.purge_at_s = clock.now_ms() // 1000 + UNCONFIRMED_SUBSCRIPTION.seconds
    if subscription_limits.may_ask(account, is_new=not subscription.replaces):
        is_sent = subscription_limits.may_send(address)
        subscription.store_with(confirm_letters.delivery_of(subscription, is_sent=is_sent).put_in)


def _recipient_of(address: str) -> str:
    """Return the hash under which an address is known: that of an older key, if it has subscriptions under that."""
    newest, *older = addresses.all_hashes_of(address)
    known = [one for one in older if next(Subscription.known_of_recipient(one, limit=1), None)]
    return known[-1] if known else newest


def waiting_for(confirm_token: str) -> list[Subscription]:
    """Return all that waits for the address of a token of the last two days, what was asked from here first.

    Then the newest first; at most MOST_SHOWN of them. Raises LinkNotValid.
    """
    recipient = _confirming(confirm_token).recipient
    known = Subscription.known_of_recipient(recipient, since_ms=oldest_waiting_ms(), limit=MOST_READ)
    rows = Subscription.find_all(one.id for one in known if one.state == State.UNCONFIRMED)
    waiting = [row for row in reversed(rows) if row.is_waiting]
    return sorted(waiting, key=lambda row: row.asked_from != subscription_limits.network_mark(row.nonce))[:MOST_SHOWN]


def _confirming(token: str) -> Subscription:
    """Return the subscription of a confirmation token, in any state. Raises LinkNotValid."""
    subscription = tokens.find(token, Right.CONFIRM)
    if not subscription.has_good_link:
        raise LinkNotValid(tokens.REFUSED)
    return subscription


def confirm(confirm_token: str, subscription_id: str) -> Subscription:
    """Confirm one of those that wait for the address of a token; return it as it is now. Safe to repeat.

    One that is another address for alerts there are changes these, which are returned. Raises LinkNotValid, also for a
    subscription of another address; Conflict if it was stopped, or if the address has as many as it may have.
    """
    by_token, subscription = _confirming(confirm_token), Subscription.find(subscription_id)
    if subscription is None or subscription.recipient != by_token.recipient:
        raise LinkNotValid(tokens.REFUSED)
    if subscription.became:
        return _in_force(subscription.became)
    if subscription.state in IN_FORCE:
        return subscription
    if not subscription.is_waiting:
        raise Conflict(STOPPED)
    if Subscription.is_full(subscription.recipient):
        raise Conflict(FULL)
    try:
        return _move(subscription) if subscription.replaces else _begin(subscription)
    except Conflict:
        return _in_force(subscription.id)  # a press of the same button was quicker


def _in_force(subscription_id: str) -> Subscription:
    subscription = Subscription.find(subscription_id)
    if subscription and subscription.became:
        subscription = Subscription.find(subscription.became)
    if subscription is None or subscription.state not in IN_FORCE:
        raise Conflict(STOPPED)
    return subscription


def _begin(subscription: Subscription) -> Subscription:
    now_ms = clock.now_ms()
    changes = {"state": State.ACTIVE.value, "confirmed_at_ms": now_ms, "purge_at_s": None, "asked_from": None}
    squares = partial(Square.put_in, rows=Square.all_of(subscription))
    subscription.change_with(changes, squares, _summary_of(subscription).put_in)
    return subscription


def _summary_of(subscription: Subscription, unique: str = "") -> Delivery:
    """Return the message that says what is in force at its place now, not stored yet."""
    return Delivery(
        subscription.recipient,
        f"{SUMMARY}-{subscription.id}{unique}",
        kind=ALERT,
        language=subscription.language,
        packed_values=json.dumps({SUBSCRIPTION: subscription.id}),
    )


def _move(asking: Subscription) -> Subscription:
    """Let alerts go to another address, which has confirmed it; earlier tokens end. Raises Conflict."""
    subscription = _in_force(str(asking.replaces))
    changes = {"address": asking.address, "recipient": asking.recipient, **tokens.renew(subscription)}
    after = Square.all_of(subscription)
    for square in after:
        square.to = asking.recipient
    left = partial(
        asking.change_in,
        changes=stopping.EMPTY | {"state": State.STOPPED.value, "became": subscription.id, "replaces": None},
    )
    subscription.change_with(changes, partial(Square.put_in, rows=after), left)
    return subscription


def stop(stop_token: str) -> Subscription:
    """Stop alerts by the token of a message, at once and also what is queued. Safe to repeat. Raises LinkNotValid."""
    return stopping.end(tokens.find(stop_token, Right.STOP))


def change(subscription: Subscription, changes: SubscriptionRequest, *, language: str = "") -> Subscription:
    """Change what is asked for, by the members of `wishes.SubscriptionRequest` that are given; return it as it is now.

    Another address is asked first, and gets the alerts once it has confirmed. `paused_until_ms`: none until then; None
    ends a pause. Raises Invalid, Conflict if it was stopped, or must be confirmed first, and MailNotSetUp.
    """
    if subscription.state == State.STOPPED:
        raise Conflict(STOPPED)
    is_waiting = subscription.state == State.UNCONFIRMED
    address = changes.get("address", subscription.address)
    is_moved = not addresses.are_same(address, subscription.address)
    if is_waiting and (is_moved or "paused_until_ms" in changes):
        raise Conflict(NOT_CONFIRMED)
    if is_moved:
        own_address.require_mail()
    if attributes := wishes.attributes_of(changes, subscription):
        _store(subscription, attributes)
    if is_moved:
        _ask_other_address(subscription, address, language or subscription.language)
    return subscription


def _store(subscription: Subscription, attributes: dict[str, Any]) -> None:
    """Store changes, and with those of one in force its squares; a message says what is in force at a new place."""
    if subscription.state == State.UNCONFIRMED:
        subscription.change_with(attributes)
        return
    after = Subscription(**{name: getattr(subscription, name) for name in subscription.attribute_values})
    for name, value in attributes.items():
        setattr(after, name, value)
    squares = partial(Square.put_in, rows=Square.all_of(after), former=subscription.square_keys)
    is_elsewhere = after.packed_shape != subscription.packed_shape and subscription_limits.may_summarise(after.id)
    summary = [_summary_of(after, f"-v{int(subscription.version)}").put_in] if is_elsewhere else []
    subscription.change_with(attributes, squares, *summary)


def _ask_other_address(subscription: Subscription, address: str, language: str) -> None:
    """Ask the reader of another address whether these alerts may come there."""
    asking = Subscription(account_id=subscription.account_id, language=language, replaces=subscription.id)
    for name in ("label", "packed_place", "packed_shape", "warnings", "reports", "severity_min", "digest"):
        setattr(asking, name, getattr(subscription, name))
    account = Account.find(subscription.account_id) if subscription.account_id else None
    _ask(asking, address, account)
