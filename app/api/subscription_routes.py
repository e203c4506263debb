"""Routes of subscriptions to alerts: anybody asks for them, who reads the address confirms them on a page."""

from flask import Response

from app.accounts import auth
from app.accounts.auth import Who, lock
from app.alerts import managing, stopping, subscribing
from app.alerts.subscription_models import State, Subscription
from app.alerts.wishes import SubscriptionRequest
from app.api.subscription_schemas import (
    AlertDeliveriesSchema,
    AskedSubscriptionSchema,
    ChangedSubscriptionSchema,
    NewSubscriptionSchema,
    SubscriptionSchema,
    SubscriptionsSchema,
    delivery_form,
    subscription_form,
)
from app.http.answers import accepted_language, json_answer
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery

ADDRESS = "/v1/subscriptions"
ONE = f"{ADDRESS}/<subscription_id>"
blueprint = Blueprint("subscriptions", __name__, description="Alerts by mail about warnings and reports at a place.")
blueprint.after_request(keep_private)


@blueprint.post(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewSubscriptionSchema)
@blueprint.response(202, AskedSubscriptionSchema)
@blueprint.doc(security=auth.WITH_OR_WITHOUT)
@lock(Who.ANYONE)
def create_subscription(values: SubscriptionRequest) -> Response:
    """Ask for alerts about a place, to an address.

    Nothing comes until the reader of the address has confirmed, by a button on the page that a message links to, within
    48 hours. The answer is the same whatever is known of the address. Ten a day from one network or by one account;
    three messages for confirming a day from one network to one address, ten to it in all; twenty subscriptions of an
    account or address: beyond, the answer is the same and no message goes out, but each of the last 48 hours leads to
    all that waits for the address. Where no mail is set up: 409 `mail-not-set-up`.
    """
    account = auth.account() if auth.caller().account_id else None
    subscription = subscribing.subscribe(values, account=account, language=accepted_language())
    return json_answer({"id": subscription.id, "state": State.UNCONFIRMED}, status=202, cache=PRIVATE)


@blueprint.get(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, SubscriptionsSchema)
@lock(Who.ACCOUNT)
def list_subscriptions() -> Response:
    """List the subscriptions that one's account has made, also those that wait for their confirmation."""
    found = managing.of_account(auth.account().id)
    return json_answer({"items": [subscription_form(row) for row in found]}, cache=PRIVATE)


@blueprint.get(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, SubscriptionSchema)
@lock(Who.SUBSCRIBER)
def read_subscription(subscription_id: str) -> Response:
    """Read one of one's own subscriptions."""
    return json_answer(subscription_form(_own(subscription_id)), cache=PRIVATE)


@blueprint.patch(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(ChangedSubscriptionSchema)
@blueprint.response(200, SubscriptionSchema)
@lock(Who.SUBSCRIBER)
def change_subscription(values: SubscriptionRequest, subscription_id: str) -> Response:
    """Change what one asks for, where and how; or pause it.

    Another address gets a message and must confirm; until then alerts go on to the one before. 409 if it was stopped,
    waits for its confirmation, or was changed at the same moment.
    """
    changed = subscribing.change(_own(subscription_id), values, language=accepted_language())
    return json_answer(subscription_form(changed), cache=PRIVATE)


@blueprint.delete(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.SUBSCRIBER)
def end_subscription(subscription_id: str) -> Response:
    """Stop alerts, at once and also what is queued. Address and place are forgotten."""
    stopping.end(_own(subscription_id))
    return Response(status=204)


@blueprint.get(f"{ONE}/deliveries")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, AlertDeliveriesSchema)
@lock(Who.SUBSCRIBER)
def list_deliveries(subscription_id: str) -> Response:
    """List what was sent by a subscription in the last 30 days, when, and what has become of it.

    One message for several subscriptions of an address is listed with one of them.
    """
    rows = managing.deliveries(_own(subscription_id))
    return json_answer({"items": [delivery_form(row) for row in rows]}, cache=PRIVATE)


def _own(subscription_id: str) -> Subscription:
    return managing.find(subscription_id, account_id=auth.caller().account_id, token=auth.manage_token())
