"""Schemas of votes and flags, in and out."""

from typing import Any

from marshmallow import fields

from app.core import clock
from app.http.fields import Number, Text, Word
from app.http.schemas import StrictSchema
from app.reports.entry import Condition
from app.review.flags import REASONS
from app.review.votes import Outcome

SAID = (Condition.FLOODED, Condition.RECEDED)
LONGEST_NOTE = 500


class VoteSchema(StrictSchema):
    """A person's word about a report."""

    condition = Word(SAID, required=True, metadata={"description": "Whether it is still flooded there."})
    depth_cm = Number(low=0, high=1000, allow_none=True, metadata={"description": "Depth of the water in centimetres."})


class VoteCountSchema(StrictSchema):
    """Numbers of persons. A report begins with its reporter's one for flooded."""

    flooded = fields.Integer(
        required=True, metadata={"description": "Persons who say that it is still flooded.", "example": 2}
    )
    receded = fields.Integer(
        required=True, metadata={"description": "Persons who say that the water has gone.", "example": 0}
    )


class VotedSchema(StrictSchema):
    """The count after a vote, which is in it. In what others read, only a vote with weight counts."""

    condition = Word(Condition, required=True, metadata={"description": "What the votes say together."})
    votes = fields.Nested(VoteCountSchema, required=True, metadata={"description": "The numbers, with this vote."})
    expires_at = fields.DateTime(
        required=True, metadata={"description": "When the report leaves the map unless people go on to vote."}
    )


class FlagSchema(StrictSchema):
    """Flag of a report: the reason, and a note."""

    reason = Word(REASONS, required=True, metadata={"description": "What is wrong with the report."})
    note = Text(
        shortest=0,
        longest=LONGEST_NOTE,
        lines=True,
        allow_none=True,
        metadata={"description": "For responders only."},
    )


def voted_form(outcome: Outcome) -> dict[str, Any]:
    """Return the answer to a vote."""
    return {
        "condition": outcome.condition,
        "votes": {"flooded": outcome.flooded, "receded": outcome.receded},
        "expires_at": clock.rfc3339(outcome.expires_at_ms),
    }
