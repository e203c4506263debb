"""Change the switches, each change with its audit row in one transaction."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from app.core import clock, retries
from app.core.errors import PreconditionFailed, Unavailable
from app.review import admin_acts, audit
from app.review.audit import By
from app.switches import current
from app.switches.current import Switches
from app.switches.models import SwitchesRow

# Reasons of a change. Codes only, as in every row of the audit.
REASONS = ("false_reports", "abuse", "flood", "maintenance", "source_wrong", "resolved", "mistake", "exercise", "other")
SUBJECT = "switches"
_TRIES = 4


def read_for_change() -> Switches:
    """Return the switches as they are stored now, read consistently."""
    return current.read(SwitchesRow.read(consistent=True))


def change(
    changes: Callable[[Switches], Mapping[str, Any]],
    reason: str,
    *,
    by: By,
    is_seen: Callable[[Switches], bool] = lambda _: True,
) -> Switches:
    """Change switches: `changes` returns the new values, by name, for how they stand. What is so already makes no row.

    Everybody sees it within half a minute. Raises PreconditionFailed for a version other than the one seen,
    Forbidden if the caller is no admin any more, Unavailable if others were faster each time or nothing can be stored.
    """
    for attempt in range(_TRIES):
        row = SwitchesRow.read(consistent=True)
        before = current.read(row)
        if not is_seen(before):
            raise PreconditionFailed(f"The switches are at version {before.version} now. Read them again, then change.")
        after = before._replace(**changes(before))
        if after == before:
            return before
        noted = audit.row(SUBJECT, "switch.changed", by=by, reason=reason, before=_codes(before), after=_codes(after))
        members = row.readable_members() | current.members_of(after)
        if admin_acts.is_stored(noted, by, partial(row.replace_in, members=members)):
            current.forget()
            return after._replace(version=int(row.version))
        retries.pause(attempt)
    raise Unavailable("The switches could not be changed just now. Try again.", retry_after_s=2)


def _codes(switches: Switches) -> dict[str, Any]:
    """Say in codes how the switches stand: no text, no name of an area."""
    notice = switches.notice_at(clock.now_ms())
    return {
        "anonymous_reports": str(switches.anonymous_reports),
        "off_areas": [area.code for area in switches.off_areas],
        "registrations": "on" if switches.has_registrations else "off",
        "sources_off": sorted(name.replace(":", "_") for name in switches.sources_off),
        "notice": str(notice.level) if notice else None,
        "notice_languages": sorted(notice.text) if notice else [],
        "notice_until": notice.until_ms if notice else None,
    }
