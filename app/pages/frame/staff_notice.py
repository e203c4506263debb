"""The switches as pages say them: the notice at the top, and where reports need an account."""

from typing import NamedTuple

from flask import g

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


class ShownNotice(NamedTuple):
    """A notice in one language. `language`: that of its text, which may be another than the page's."""

    kind: str
    level: str
    text: str
    language: str
    until_ms: int


def shown() -> ShownNotice | None:
    """Return the notice for this page: in its language, else in English, else in the first that there is."""
    notice = current.current().notice_at(clock.now_ms())
    if notice is None or not notice.text:
        return None
    code = next((code for code in (language.chosen(), SOURCE) if code in notice.text), next(iter(notice.text)))
    kind = KINDS.get(notice.level, KINDS[Level.INFO])  # a level of a later release is shown as the least
    return ShownNotice(language.gettext(kind), notice.level, notice.text[code], code, notice.until_ms)


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
