"""Digests: one message in the place of several that were held back, as a row of the ledger of its own.

A message that is held back stays queued and names its digest; the digest names it too, waits for its minute and is sent
as any message. When it ends, all that it holds end. Each step is safe to repeat: what is named by one side only is
neither told nor ended by the digest.
"""

from app.core import clock
from app.mail.models import OVER, Delivery, State

BEGINNING = "d-"  # of the event of a digest
REASON = "digest"  # of messages of which one has told
SOONEST_MS = 2 * clock.MINUTE_MS  # what waits is stored before its minute comes: due.py
_TOLD = (State.SENT, State.DELIVERED, State.BOUNCED, State.COMPLAINED)


def is_held(delivery: Delivery, until_ms: int) -> bool:
    """Leave a message to the digest of a minute; False if that digest is already on its way."""
    until_ms = max(until_ms, clock.now_ms() + SOONEST_MS)
    minute = clock.rfc3339(clock.minute_of(until_ms))[:16].translate(str.maketrans("", "", "-:"))
    digest = Delivery(delivery.recipient, f"{BEGINNING}{minute}", kind=delivery.kind, language=delivery.language)
    if not digest.is_held_with(delivery.event, due_ms=clock.minute_of(until_ms)):
        return False
    delivery.hold_in(digest.event)
    return True


def settle(digest: Delivery) -> None:
    """End what an ended digest holds: as told, as over, or as the digest itself ended. Safe to repeat."""
    for held in digest.held() if digest.holds else ():
        if digest.state not in _TOLD:
            held.end(State(digest.state), reason=str(digest.reason or REASON))
        elif held.event in (digest.told or ()):
            held.end(State.SENT, reason=REASON, provider_id=str(digest.provider_id or ""))
        else:
            held.end(State.EXPIRED, reason=OVER)
