"""Send one message of the ledger, once: from `queued` by a lease to the state in which it ends.

A sender may be stopped at any line, and called any number of times at once: a message is sent while its lease is held,
and a lease is taken only over a message that is queued, or about which no report came for longer than a mail server
needs to report what it accepted. So a second message is sent only if the first one was not accepted.
"""

import random
from collections.abc import Callable
from typing import NamedTuple, Protocol

from app.core import clock, telemetry
from app.mail import addresses, digests
from app.mail.letters import Letter
from app.mail.models import OVER, Delivery, State
from app.mail.suppression_models import Suppression

LEASE_MS = 60_000
MOST_AGE_MS = 6 * clock.HOUR_MS  # then a message that no server takes has failed
FIRST_WAIT_S, LONGEST_WAIT_S = 20, 30 * 60
LONGEST_DELAY_S = 15 * 60  # of a queue; what waits longer is stored under its minute
URGENT_MS = clock.HOUR_MS  # in the first hour of a message its attempts are no farther apart than that


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
    """Time in seconds after which the message needs another look."""

    after_s: int


class Hold(NamedTuple):
    """The message is not sent by itself: a digest of that minute tells of it."""

    until_ms: int


class Ended(NamedTuple):
    """State in which a message ends, and the code of its reason."""

    state: State
    reason: str


# None: what it would tell no longer holds.
Compose = Callable[[Delivery], Letter | Hold | Again | None]


def send(recipient: str, event: str, *, compose: Compose, carrier: Carrier) -> Again | None:
    """Send a message if it waits; None if nothing is left to do now. Raises what the database raises.

    Taking its lease also reads it. Before it goes, the latest is read: whether its address gets mail, and whether what
    it tells still holds.
    """
    delivery = Delivery(recipient, event)
    if _takes_lease(delivery, carrier):
        return _send_taken(delivery, compose, carrier) if delivery.is_readable else None
    if not delivery.kind or delivery.held_in:
        return None
    if not delivery.is_waiting:
        digests.settle(delivery)  # its sender may have been stopped before it had
        return None
    return _take_over(delivery, compose, carrier) if delivery.state == State.SENDING else Again(1)


def _takes_lease(delivery: Delivery, carrier: Carrier) -> bool:
    now_ms = clock.now_ms()
    return delivery.take_lease(now_ms=now_ms, until_ms=now_ms + LEASE_MS, unknown_ms=carrier.unknown_ms)


def _take_over(delivery: Delivery, compose: Compose, carrier: Carrier) -> Again | None:
    """Send a message that another one has begun to send, if no report about it is to come any more."""
    if (wait_ms := _until_known(delivery, carrier, clock.now_ms())) > 0:
        return Again(wait_ms // 1000 + 1)
    if delivery.unknowns >= carrier.most_unknown:
        return _end(delivery, State.FAILED, "unknown")
    if not _takes_lease(delivery, carrier):
        return Again(carrier.unknown_ms // 1000 + 1)
    return _send_taken(delivery, compose, carrier)


def _send_taken(delivery: Delivery, compose: Compose, carrier: Carrier) -> Again | None:
    try:
        made = _made(delivery, compose)
    except Exception:
        delivery.give_back()  # it was not handed over: the next attempt need not wait until that is known
        raise
    if isinstance(made, Ended):
        return _end(delivery, *made)
    if isinstance(made, Again):
        return _wait(delivery, made.after_s)
    if isinstance(made, Hold):
        return None if digests.is_held(delivery, made.until_ms) else _wait(delivery, clock.MINUTE_MS // 1000)
    if made.tells:
        delivery.note_told(made.tells)
    return _hand_over(delivery, made, carrier)


def _made(delivery: Delivery, compose: Compose) -> Letter | Hold | Again | Ended:
    """Return the message to send, or the state in which it ends or waits without being sent."""
    if delivery.useless_at_ms is not None and clock.now_ms() >= delivery.useless_at_ms:
        return Ended(State.EXPIRED, "late")
    if (made := compose(delivery)) is None:
        return Ended(State.EXPIRED, OVER)
    if isinstance(made, Letter) and (why := _why_not_to(made.to, delivery.recipient)):
        return Ended(State.SUPPRESSED, why)
    return made


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
    age_ms = clock.now_ms() - int(delivery.made_at_ms)
    longest_s = LONGEST_DELAY_S if age_ms < URGENT_MS else LONGEST_WAIT_S
    wait_s = min(FIRST_WAIT_S * 2 ** (int(delivery.tries) - 1), longest_s)
    wait_s = random.randint(wait_s // 2, wait_s)
    if age_ms + wait_s * 1000 > MOST_AGE_MS:
        return _end(delivery, State.FAILED, reason)
    _log(delivery, "mail: not taken", reason)
    return _wait(delivery, wait_s)


def _wait(delivery: Delivery, after_s: int) -> Again | None:
    """Let it wait: for as long as a queue can in its queue, else under its minute."""
    if after_s <= LONGEST_DELAY_S:
        delivery.give_back()
        return Again(after_s)
    delivery.give_back(due_ms=clock.now_ms() + after_s * 1000)
    return None


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
    if delivery.holds:
        delivery.state, delivery.reason, delivery.provider_id = state.value, reason, provider_id
        digests.settle(delivery)
    if state not in (State.SENT, State.EXPIRED):
        _log(delivery, f"mail: {state}", reason)
    return None


def _log(delivery: Delivery, what: str, reason: str) -> None:
    """Note the event of a message, never the address or its hash."""
    telemetry.logger().warning(what, extra={"kind": delivery.kind, "tries": int(delivery.tries), "reason": reason})
