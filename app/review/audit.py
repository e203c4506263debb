"""Audit of what staff did, in rows of ids and codes that are only ever added.

An act on a row takes its audit row into the same transaction (`row(...).put_in(transaction)`), so that neither is
stored without the other; what changes nothing, such as reading exact places, is noted beforehand (`note`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.review.audit_models import ACTIONS, COMMAND, AuditRow, NotACode, is_request_id

__all__ = [
    "ACTIONS",
    "BY_COMMAND",
    "COMMAND",
    "AuditRow",
    "By",
    "NotACode",
    "history_of",
    "note",
    "note_exact_places",
    "row",
]
HISTORY = 50


class By(NamedTuple):
    """The account that acts, and the id of its request."""

    actor: str
    request_id: str = ""


BY_COMMAND = By(COMMAND)  # no account is signed in on the command line


def row(
    subject: str,
    action: str,
    *,
    by: By,
    reason: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditRow:
    """Build the row of an act at this moment, not stored yet.

    `subject`: the bare id of what was acted upon. `before`, `after`: codes, whole numbers or lists of codes by the
    names of fields; for neither a text, a name or a place.
    """
    return AuditRow(
        subject=subject,
        actor=by.actor,
        action=action,
        reason=reason,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        request_id=by.request_id if is_request_id(by.request_id) else None,
    )


def note(subject: str, action: str, *, by: By, **members: Any) -> AuditRow:
    """Store the row of an act that changes nothing else. Raises what the database raises: then it is not noted."""
    noted = row(subject, action, by=by, **members)
    noted.put()
    return noted


def note_exact_places(report_ids: Sequence[str], *, by: By) -> None:
    """Note that an account is about to see the exact places of these reports: one row for one request.

    The subject is the reader, so that the history of a report stays that of its decisions.
    """
    note(by.actor, "exact_place.read", by=by, after={"reports": list(report_ids)})


def history_of(subject: str, limit: int = HISTORY, *, is_consistent: bool = False) -> list[AuditRow]:
    """Return the newest acts on a subject, newest first, by one query."""
    return AuditRow.newest_of(subject, limit=limit, is_consistent=is_consistent)


def decisions_about(report_id: str, limit: int = HISTORY, *, is_consistent: bool = False) -> list[AuditRow]:
    """Return the newest decisions about a report, newest first, however often its photos were judged since."""
    return AuditRow.newest_of(report_id, limit=limit, is_consistent=is_consistent, begins="report.")
