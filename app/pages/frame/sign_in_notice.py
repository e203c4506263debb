"""The notice of a new sign-in, on the pages that know the person: when, on which kind of device, and what to do.

What it tells is in the rows that the lock has read, so that no page reads anything for it.
"""

from typing import NamedTuple

from flask import g

from app.accounts import devices, new_sign_ins


class ShownSignIn(NamedTuple):
    """A sign-in that the person is asked about. `more`: how many came after it; `device` is "" if it is not known."""

    session_id: str
    at_ms: int
    device: str
    more: int


def shown() -> ShownSignIn | None:
    """Return the oldest sign-in that this session is to tell of; None on pages that do not know the person."""
    if (family := g.get("session")) is None:
        return None
    waiting = new_sign_ins.unanswered(g.account, family)
    if not waiting:
        return None
    oldest = waiting[0]
    return ShownSignIn(oldest.session_id, oldest.at_ms, devices.name_of(oldest.device), len(waiting) - 1)
