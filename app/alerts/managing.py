"""One's own subscriptions: found by the account that has made them, or by the manage token of a message."""

from app.alerts import tokens
from app.alerts.subscription_models import State, Subscription
from app.alerts.tokens import Right
from app.core.errors import LinkNotValid, NotFound, Unauthenticated
from app.mail.models import Delivery

NOT_THERE = "There are no such alerts, or they are not yours."


def find(subscription_id: str, *, account_id: str | None, token: str = "") -> Subscription:
    """Return a subscription for who may manage it. Raises NotFound, and Unauthenticated for a bad token."""
    if token:
        subscription: Subscription | None = by_token(token)
    else:
        subscription = Subscription.find(subscription_id)
    is_own = bool(token) or (account_id is not None and subscription and subscription.account_id == account_id)
    if subscription is None or subscription.id != subscription_id or not is_own:
        raise NotFound(NOT_THERE)
    return subscription


def by_token(token: str) -> Subscription:
    """Return the subscription of a manage token, or of an address that ends with it. Raises Unauthenticated."""
    try:
        return tokens.find(token, Right.MANAGE)
    except LinkNotValid as error:
        raise Unauthenticated(str(error)) from error


def of_account(account_id: str) -> list[Subscription]:
    """Return the subscriptions that an account has made, newest first, without those that were stopped."""
    known = Subscription.known_of_account(account_id)
    found = Subscription.find_all(one.id for one in known if one.state != State.STOPPED)
    return [one for one in reversed(found) if one.state != State.STOPPED]


def deliveries(subscription: Subscription) -> list[Delivery]:
    """Return the messages by a subscription to its address, newest first, as long as they are kept."""
    return Delivery.of_subscription(subscription.recipient, subscription.id)
