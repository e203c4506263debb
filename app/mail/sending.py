"""Send one message of the ledger, once: from `queued` by a lease to the state in which it ends.

A sender may be stopped at any line, and called any number of times at once: a message is sent while its lease is held,
and a lease is taken only over a message that is queued, or about which no report came for longer than a mail server
needs to report what it accepted. So a second message is sent only if the first one was not accepted.
"""

import random
from collections.abc import Callable
from typing import NamedTuple, Protocol

from app.core import clock, telemetry
from app.core.config import settings
from app.mail import addresses
from app.mail.letters import Letter
from app.mail.models import Delivery, State, Suppression

LEASE_MS = 60_000
MOST_AGE_MS = 6 * clock.HOUR_MS  # then a message that no server takes has failed
FIRST_WAIT_S, LONGEST_WAIT_S = 20, 15 * 60  # a queue delays a message by 15 minutes at most
Compose = Callable[[Delivery], Letter | None]  # None: what it would tell no longer holds


class Refused(Exception):
    """Error: the server will never take this message. Its text is a code."""


class NotNow(Exception):
    """Error: the server did not take the message; it may later. Its text is a code."""


class Unknown(Exception):
    """Error: the message may have been taken, or not. Its text is a code."""


class Carrier(Protocol):
    """Way to a mail server. `unknown_ms`: after that time without a report none was taken."""

    unknown_ms: int
    most_unknown: int  # attempts with an unknown end after which no further one is made

    def send(self, letter: Letter, delivery: Delivery) -> str:
        """Hand a message over and return the server's id for it. Raises Refused, NotNow or Unknown."""


class Again(NamedTuple):
    """The message needs another look after so many seconds."""

    after_s: int


class Ended(NamedTuple):
    """State in which a message ends, and the code of its reason."""

    state: State
    reason: str


def send(recipient: str, event: str, *, compose: Compose, carrier: Carrier) -> Again | None:
    """Send a message if it waits; None if nothing is left to do. Raises what the database raises.

    Before it goes, the latest is read: whether its address gets mail, and whether what it tells still holds.
    """
    delivery, now_ms = Delivery.find(recipient, event), clock.now_ms()
    if delivery is None or not delivery.is_waiting:
        return None
    is_in_hand = delivery.state == State.SENDING
    if is_in_hand and (wait_ms := _until_known(delivery, carrier, now_ms)) > 0:
        return Again(wait_ms // 1000 + 1)
    if is_in_hand and delivery.unknowns >= carrier.most_unknown:
        return _end(delivery, State.FAILED, "unknown")
    if isinstance(letter := _letter_or_end(delivery, compose, now_ms), Ended):
        return _end(delivery, *letter)
    if not delivery.take_lease(now_ms=now_ms, until_ms=now_ms + LEASE_MS, unknown_ms=carrier.unknown_ms):
        return Again(carrier.unknown_ms // 1000 + 1)
    return _hand_over(delivery, letter, carrier)


def _letter_or_end(delivery: Delivery, compose: Compose, now_ms: int) -> Letter | Ended:
    """Return what is to be sent, or the state in which the message ends without it."""
    if delivery.useless_at_ms is not None and now_ms >= delivery.useless_at_ms:
        return Ended(State.EXPIRED, "late")
    if (letter := compose(delivery)) is None:
        return Ended(State.EXPIRED, "over")
    if why := _why_not_to(letter.to, delivery.recipient):
        return Ended(State.SUPPRESSED, why)
    return letter


def _hand_over(delivery: Delivery, letter: Letter, carrier: Carrier) -> Again | None:
    try:
        provider_id = carrier.send(letter, delivery)
    except Refused as error:
        return _end(delivery, State.FAILED, str(error))
    except NotNow as error:
        return _later(delivery, str(error))
    except Unknown as error:
        _log(delivery, "mail: outcome unknown", str(error))
        return Again(carrier.unknown_ms // 1000 + 1)
    return _end(delivery, State.SENT, provider_id=provider_id)


def _later(delivery: Delivery, reason: str) -> Again | None:
    """Let a message that was not taken wait, longer each time and never for the same time; or give it up at last."""
    wait_s = min(FIRST_WAIT_S * 2 ** (int(delivery.tries) - 1), LONGEST_WAIT_S)
    wait_s = random.randint(wait_s // 2, wait_s)
    if clock.now_ms() + wait_s * 1000 > int(delivery.made_at_ms) + MOST_AGE_MS:
        return _end(delivery, State.FAILED, reason)
    _log(delivery, "mail: not taken", reason)
    delivery.give_back()
    return Again(wait_s)


def _until_known(delivery: Delivery, carrier: Carrier, now_ms: int) -> int:
    """Return the milliseconds until a message in hand may be taken over; 0 or less if it may."""
    known_ms = int(delivery.tried_at_ms or 0) + carrier.unknown_ms + 1
    return max(known_ms, int(delivery.lease_until_ms or 0) + 1) - now_ms


def _why_not_to(address: str, recipient: str) -> str:
    if not addresses.is_allowed(address):
        return "not-allowed"
    return Suppression.reason_of(sorted({recipient, *addresses.all_hashes_of(address)}))


def _end(delivery: Delivery, state: State, reason: str = "", *, provider_id: str = "") -> Again | None:
    """Note the end of a message; nothing is left to do for it."""
    delivery.end(state, reason=reason, provider_id=provider_id)
    if state not in (State.SENT, State.EXPIRED):
        _log(delivery, f"mail: {state}", reason)
    return None


def _log(delivery: Delivery, what: str, reason: str) -> None:
    """Note the event of a message, never the address or its hash."""
    telemetry.logger().warning(what, extra={"kind": delivery.kind, "tries": int(delivery.tries), "reason": reason})


def pause_s(senders: int) -> float:
    """Return the seconds that each of some simultaneous senders keeps between two messages, by the setting."""
    return senders / settings().mail.per_second
