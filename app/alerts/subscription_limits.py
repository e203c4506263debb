"""Limits of asking for alerts. A caller beyond one gets the same answer as everybody, and no message goes out.

None keeps the owner of an address out: any message of the last two days leads to all that waits for the address.
"""

import hashlib

from app.accounts import throttle
from app.accounts.models import Account
from app.accounts.throttle import PARTS_AT_ONCE, WHOLE, Caller
from app.alerts.subscription_models import MOST, Subscription
from app.core.config import settings
from app.mail import addresses

DAY_S = 24 * 3600
_KIND = "subscribe"
SUMMARIES = 3  # of another place for the same alerts, in a day
FROM_ONE_NETWORK, IN_ALL = 3, 10  # messages for confirming in a day, to one address


def may_ask(account: Account | None, *, is_new: bool) -> bool:
    """Count one asking of a day; False if there were enough: from this network, or by this account.

    An account has askings of its own, which others on its network cannot use up. `is_new`: not another address for
    alerts that the account has; of new ones it has at most MOST. The answer's headers tell how many are left.
    """
    here, limit = throttle.network(), settings().subscriptions_per_day
    caller = Caller(f"account:{account.id}") if account else here
    limits = {WHOLE: limit * PARTS_AT_ONCE, caller.part: limit} if caller.part else {WHOLE: limit}
    added = throttle.add(_KIND, caller.who, limits, window_s=DAY_S)
    left = min(limits[column] - count for column, count in added[0].items()) if added else 0
    throttle.note(_KIND, limit=limit, left=min(left, limit), window_s=DAY_S)
    is_full = is_new and account is not None and _made_by(account) >= MOST
    return added is not None and not is_full


def _made_by(account: Account) -> int:
    return sum(known.counts for known in Subscription.known_of_account(account.id))


def may_send(address: str) -> bool:
    """Count one message for confirming; False if enough were sent to the address."""
    who = throttle.from_network(f"subscribe:{addresses.hash_of(address)}")
    limits = {WHOLE: IN_ALL, who.part: FROM_ONE_NETWORK}
    return throttle.add("subscribe-mail", who.who, limits, window_s=DAY_S) is not None


def may_summarise(subscription_id: str) -> bool:
    """Count one message of a day about another place of the same alerts; False if there were enough."""
    return throttle.add("subscribe-summary", subscription_id, {WHOLE: SUMMARIES}, window_s=DAY_S) is not None


def network_mark(nonce: str) -> str:
    """Return a hash of the caller's network for one row; another row has another hash of the same network."""
    here = throttle.network()
    return hashlib.sha256(f"{nonce}:{here.who}:{here.part}".encode()).hexdigest()[:16]
