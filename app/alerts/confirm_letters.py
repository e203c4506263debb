"""The message that asks the reader of an address whether alerts may come there. Made when it is sent.

It says nothing in the words of who asked: a stranger must not write to people through us.
"""

import json

from app.accounts.models import Account
from app.alerts import place_words, tokens
from app.alerts.subscription_models import Subscription
from app.alerts.tokens import Right
from app.core.retention import UNCONFIRMED_SUBSCRIPTION
from app.core.translations import N_, translated
from app.mail.letters import Letter, Link, link_to
from app.mail.models import OWN, SUBSCRIPTION, Delivery, State

KIND = "confirmsub"
_NONE = "none"  # kind of a message that is not sent, so that it waits behind no other


def delivery_of(subscription: Subscription, *, is_sent: bool) -> Delivery:
    """Return the message of a subscription that waits, not stored yet; or, beyond a limit, one that ends at once."""
    kind = KIND if is_sent else _NONE
    return Delivery(
        subscription.recipient,
        f"{OWN}-{kind}-{subscription.id.partition('_')[2]}",
        kind=kind,
        account_id=subscription.account_id,
        language=subscription.language,
        packed_values=json.dumps({SUBSCRIPTION: subscription.id}),
        state=(State.QUEUED if is_sent else State.SUPPRESSED).value,
        useless_at_ms=subscription.made_at_ms + UNCONFIRMED_SUBSCRIPTION.ms,
    )


def compose(delivery: Delivery) -> Letter | None:
    """Return the message as it is to be sent now; None if the subscription does not wait any more.

    Nor to an address that has all that it may have: looked at here, so that asking takes as long for each address.
    """
    subscription = Subscription.find(str(delivery.values.get(SUBSCRIPTION)))
    if subscription is None or not subscription.is_waiting or Subscription.is_full(subscription.recipient):
        return None
    confirming, stopping = (tokens.link_token(subscription, right) for right in (Right.CONFIRM, Right.STOP))
    return _letter(subscription, confirming, stopping) if confirming and stopping else None


def _letter(subscription: Subscription, confirming: str, stopping: str) -> Letter:
    language = subscription.language

    def _(text: str, **values: object) -> str:
        return translated(text, language, **values)

    account = Account.find(subscription.account_id) if subscription.account_id else None
    by_account = N_("The account %(name)s has asked for it, and can change it.")
    hours, place = UNCONFIRMED_SUBSCRIPTION.hours, place_words.place_of(subscription, language)
    stop_url = link_to(f"/alerts/stop?token={stopping}")
    asked = (
        N_("Alerts that go to another address were asked to come here: %(place)s.")
        if subscription.replaces
        else N_("Flood alerts were asked for, to this address, for this place: %(place)s.")
    )
    return Letter(
        to=subscription.address,
        subject=_(N_("Confirm your flood alerts")),
        heading=_(N_("Do you want flood alerts here?")),
        paragraphs=(
            _(asked, place=place),
            *([_(by_account, name=account.username)] if account else []),
            _(N_("Nothing comes until you confirm. The link is good for %(hours)s hours."), hours=hours),
        ),
        link=Link(_(N_("Look at it and confirm")), link_to(f"/alerts/confirm#{confirming}")),
        after=(
            _(N_("If you did not ask for it, do nothing: then no alerts come.")),
            _(N_("Or withdraw it now: %(page)s"), page=stop_url),
        ),
        why=_(N_("You get this because a person has stated this address for flood alerts.")),
        language=language,
        headers=(
            ("List-Unsubscribe", f"<{stop_url}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
    )
