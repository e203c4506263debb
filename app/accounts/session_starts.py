"""Begin a session: on which kind of device, whether the person was known there, and who is to hear of it.

Others hear of each sign-in before its answer leaves. They are named at start-up, for they lie above this module.
"""

from collections.abc import Callable
from typing import NamedTuple

from app.accounts import devices, new_sign_ins, tokens
from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily

Noter = Callable[[Account, RefreshFamily], None]
_noters: list[Noter] = []


class Start(NamedTuple):
    """A new session, and the mark for its device, which makes it known at the next sign-in."""

    family: RefreshFamily
    device_token: str


def set_noters(*noters: Noter) -> None:
    """Set the functions that are called at each sign-in, with the account and the session that it has begun."""
    _noters[:] = noters


def start(account: Account, kind: str, *, device_token: str, user_agent: str, is_first: bool = False) -> Start:
    """Begin a session of an account whose password and second factor were checked.

    `device_token`: the mark that the device has sent, "" if none. `is_first`: the account has just been made here.
    """
    mark = devices.mark_of(device_token, account)
    is_known = is_first or mark is not None
    known = {"kind": kind, "device": devices.kind_of(user_agent) or None, "is_known_device": is_known}
    family = RefreshFamily.start(account, **known, told_until_ms=mark.told_until_ms if mark else None)
    for note in (new_sign_ins.note, *_noters):
        note(account, family)
    told_until_ms = mark.told_until_ms if mark else family.started_at_ms or 0
    return Start(family, tokens.device_token(account, told_until_ms=told_until_ms))
