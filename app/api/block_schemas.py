"""Schemas of blocks, as admins make and read them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.core import clock
from app.http.fields import Moment, Text, Whole, Word
from app.http.schemas import PageSchema, StrictSchema
from app.review.block_models import Block
from app.review.blocking import MOST_HOURS, REASONS

KINDS = ("account", "network")
_LONGEST_ID = 64


class NewBlockSchema(StrictSchema):
    """Whom to block: an account, or the network that a report came from; and until when, 72 hours ahead at most."""

    account = Text(
        shortest=1,
        longest=_LONGEST_ID,
        metadata={"description": "The id of an account, not of staff.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    report = Text(
        shortest=1,
        longest=_LONGEST_ID,
        metadata={"description": "The id of a report: the network that it came from is blocked, no address is shown."},
    )
    hours = Whole(low=1, high=MOST_HOURS, metadata={"description": "Its length in hours, from now.", "example": 24})
    until = Moment(metadata={"description": "Instead of `hours`: until this moment, at most 72 hours ahead."})
    reason = Word(REASONS, required=True, metadata={"description": "Kept in the audit."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_choices(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require one of each pair, and an end ahead, but not far."""
        if not isinstance(original, Mapping):
            return
        mistakes: dict[str, Any] = {}
        for one, other in (("account", "report"), ("hours", "until")):
            if one in original and other in original:
                mistakes[other] = [f"conflict|Give {one} or {other}, not both."]
            elif one not in original and other not in original:
                mistakes[one] = [f"required|Give {one} or {other}."]
        if "until" in data and not 0 < data["until"] - clock.now_ms() <= MOST_HOURS * clock.HOUR_MS:
            mistakes.setdefault("until", []).append(f"range|It must lie ahead, by at most {MOST_HOURS} hours.")
        if mistakes:
            raise ValidationError(mistakes)


class BlockSchema(StrictSchema):
    """A block: in force, or ended within the last week."""

    id = fields.String(
        required=True, metadata={"description": "The id of the block.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    kind = Word(KINDS, required=True, metadata={"description": "Whether an account or a network is blocked."})
    account = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Id of the blocked account; null for a network.",
            "example": "01kb9v3q8d5w7x2ya4zc6e0fgh",
        },
    )
    report = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the report whose network is blocked; null for an account."},
    )
    reason = Word(REASONS, required=True, metadata={"description": "The code of the reason."})
    in_force = fields.Boolean(required=True, metadata={"description": "Whether it is in force now."})
    made_at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was made."})
    made_by = fields.String(
        required=True,
        metadata={
            "description": "Id of the admin who made it or changed its end last; or `command`.",
            "example": "01kb9v3q8d5w7x2ya4zc6e0fgh",
        },
    )
    ends_at = fields.String(
        required=True, metadata={"format": "date-time", "description": "When it ends, or has ended."}
    )
    ended_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Id of the admin who ended it before its time."}
    )


class BlockListSchema(PageSchema):
    """A page of blocks, the newest first."""

    items = fields.List(
        fields.Nested(BlockSchema), required=True, metadata={"description": "The blocks, the newest first."}
    )


def ends_at_ms(values: Mapping[str, Any]) -> int:
    """Return the end (ms) of a block in a checked body."""
    return int(values.get("until") or clock.now_ms() + values["hours"] * clock.HOUR_MS)


def block_form(block: Block) -> dict[str, Any]:
    """Return a block as admins see it: no network and no address."""
    return {
        "id": block.id,
        "kind": block.kind,
        "account": block.account_id,
        "report": block.report_id,
        "reason": block.reason,
        "in_force": block.is_in_force,
        "made_at": clock.rfc3339(int(block.made_at_ms)),
        "made_by": block.made_by,
        "ends_at": clock.rfc3339(int(block.ends_at_ms)),
        "ended_by": block.ended_by,
    }
