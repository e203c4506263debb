"""Schemas of the audit as admins read it."""

import json
from typing import Any

from marshmallow import fields

from app.api.list_query import PeriodQuery
from app.core import clock
from app.http.fields import Text, Word
from app.http.schemas import PageSchema, StrictSchema
from app.review.audit import ACTIONS, COMMAND, AuditRow

LONGEST_CODE = 64
# Columns never change their position: later ones are appended.
COLUMNS = ("id", "acted_at", "actor", "action", "subject", "reason", "before", "after", "request_id")


class AuditQuerySchema(PeriodQuery):
    """Filters of audit rows; `since` and `until` compare the time of the act and are themselves included."""

    subject = Text(
        shortest=1,
        longest=LONGEST_CODE,
        metadata={
            "description": "The id of what was acted upon: a report, an account.",
            "example": "01kb9v3q8d5w7x2ya4zc6e0fgh",
        },
    )
    actor = Text(
        shortest=1,
        longest=LONGEST_CODE,
        metadata={
            "description": f"The id of the account that acted; `{COMMAND}` for acts on the command line.",
            "example": "01kb9v3q8d5w7x2ya4zc6e0fgh",
        },
    )
    action = Word(sorted(ACTIONS), metadata={"description": "One kind of act."})


class ActSchema(StrictSchema):
    """An act of staff, in ids and codes."""

    id = fields.String(
        required=True, metadata={"description": "The id of the row.", "example": "00063903061234567#01kb9v3q8d5w"}
    )
    acted_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was done."})
    actor = fields.String(
        required=True,
        metadata={"description": f"The id of an account, or `{COMMAND}`.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    action = fields.String(
        required=True, metadata={"description": "What was done, as `report.verified`.", "example": "report.verified"}
    )
    subject = fields.String(
        required=True,
        metadata={"description": "The id of what was acted upon.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The code of the reason, where one was given.", "example": "on_site"},
    )
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Codes by the names of fields.", "example": {"status": "pending"}},
    )
    after = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Codes by the names of fields.", "example": {"status": "verified"}},
    )
    request_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The id of the request by which it was done; null for the command line."},
    )


class AuditPageSchema(PageSchema):
    """A page of the audit, newest first."""

    items = fields.List(fields.Nested(ActSchema), required=True, metadata={"description": "The acts, newest first."})
    complete_to = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "format": "date-time",
            "description": "Only where a page ended early, because few of very many rows match: the time down to which "
            "it is complete. Such a page may be empty; `next_cursor` goes on from it.",
        },
    )


def act_form(row: AuditRow) -> dict[str, Any]:
    """Return an audit row as admins see it: the whole row."""
    return {
        "id": row.id,
        "acted_at": clock.rfc3339(int(row.at_ms)),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "reason": row.reason,
        "before": row.before,
        "after": row.after,
        "request_id": row.request_id,
    }


def table_row(act: dict[str, Any]) -> dict[str, Any]:
    """Return an act's form for a table, in which `before` and `after` are JSON."""
    return act | {name: _json(act[name]) for name in ("before", "after")}


def _json(codes: dict[str, Any] | None) -> str | None:
    return None if codes is None else json.dumps(codes, separators=(",", ":"), sort_keys=True)
