"""Notices on pages: that of staff, the one about a new sign-in, and where reports need an account.

They are of what the process keeps, or the lock has read: no page reads anything for them.
"""

from typing import NamedTuple

from flask import g

from app.accounts import devices, new_sign_ins
from app.core import clock
from app.core.translations import N_, SOURCE
from app.pages.frame import language
from app.switches import current
from app.switches.current import Anonymous, Level

KINDS: dict[str, str] = {
    Level.INFO: N_("Notice"),
    Level.IMPORTANT: N_("Important notice"),
    Level.EMERGENCY: N_("Emergency notice"),
}


class ShownSignIn(NamedTuple):
    """A sign-in that the person is asked about. `more`: how many came after it; `device` is "" if it is not known."""

    session_id: str
    at_ms: int
    device: str
    more: int


class ShownNotice(NamedTuple):
    """A notice in one language. `language`: that of its text, which may be another than the page's."""

    kind: str
    level: str
    text: str
    language: str
    until_ms: int


def of_staff() -> ShownNotice | None:
    """Return the notice for this page: in its language, else in English, else in the first that there is."""
    notice = current.current().notice_at(clock.now_ms())
    if notice is None or not notice.text:
        return None
    code = next((code for code in (language.chosen(), SOURCE) if code in notice.text), next(iter(notice.text)))
    kind = KINDS.get(notice.level, KINDS[Level.INFO])  # a level of a later release is shown as the least
    return ShownNotice(language.gettext(kind), notice.level, notice.text[code], code, notice.until_ms)


def of_sign_in() -> ShownSignIn | None:
    """Return the oldest new sign-in that this session asks about; None on pages that do not know the person."""
    if (family := g.get("session")) is None:
        return None
    waiting = new_sign_ins.unanswered(g.account, family)
    if not waiting:
        return None
    oldest = waiting[0]
    return ShownSignIn(oldest.session_id, oldest.at_ms, devices.name_of(oldest.device), len(waiting) - 1)


def account_needed(*, is_known: bool) -> list[str] | None:
    """Return where a report needs an account for now: the names of areas, [] everywhere, None nowhere.

    `is_known`: the reader has an account; an admin who tries it sees it all the same.
    """
    switches = current.current()
    if is_known and "trial" not in g:
        return None
    if switches.anonymous_reports == Anonymous.OFF:
        return []
    if switches.anonymous_reports == Anonymous.OFF_WITHIN and switches.off_areas:
        return [area.name for area in switches.off_areas]
    return None
