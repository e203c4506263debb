"""Stop subscriptions at once, also for what is queued: a message reads its subscription before it goes."""

from functools import partial
from typing import Any

from app.accounts.models import Together
from app.alerts.subscription_models import IN_FORCE, Square, State, Subscription
from app.core import clock
from app.core.retention import FORGOTTEN, STOPPED_SUBSCRIPTION
from app.mail.models import Delivery

# What is left of one that was stopped: that it was.
EMPTY: dict[str, Any] = {
    "address": FORGOTTEN,
    "label": FORGOTTEN,
    "packed_place": "{}",
    "packed_shape": "[]",
    "packed_squares": None,
    "packed_quiet": None,
    "paused_until_ms": None,
    "asked_from": None,
}


def end(subscription: Subscription) -> Subscription:
    """Stop alerts and forget their address and place. Safe to repeat. Raises Conflict if changed at the same moment."""
    if subscription.state != State.STOPPED:
        subscription.change_with(*_ending(subscription))
    return subscription


def _ending(subscription: Subscription) -> tuple[dict[str, Any], Together]:
    """Return the changes of one that is stopped, and the deletion of its squares.

    One that was never confirmed ends when it would have: until then the link in its message leads to what else waits.
    """
    ends_s = clock.now_ms() // 1000 + STOPPED_SUBSCRIPTION.seconds
    changes = EMPTY | {"state": State.STOPPED.value}
    if subscription.state in IN_FORCE:
        changes["purge_at_s"] = ends_s
    return changes, partial(Square.put_in, rows=(), former=subscription.square_keys)


def erase_account(account_id: str) -> None:
    """Delete the subscriptions that a deleted account has made, and the notes of their messages. Safe to repeat.

    Of one that was asked for within two days and not confirmed the hash of its address stays so long, so that the link
    in its message leads the owner of the address to what others have asked for.
    """
    for subscription in Subscription.find_all(one.id for one in Subscription.known_of_account(account_id)):
        Delivery.forget_subscription(subscription.recipient, subscription.id)
        if subscription.has_good_link and not subscription.confirmed_at_ms:
            changes, squares = _ending(subscription)
            subscription.change_with(changes | {"account_id": None}, squares)
        else:
            subscription.delete_with(partial(Square.put_in, rows=(), former=subscription.square_keys))
