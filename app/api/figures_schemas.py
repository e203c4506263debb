"""Schemas of the figures of the service, as admins read them."""

from marshmallow import fields

from app.api.figures_views import PARTS
from app.api.status_routes import SourceStatusSchema
from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.review.queue_length import MOST_RARE_ROWS, MOST_ROWS
from app.situation.areas_warned import MOST_WARNINGS, RANKS

_WITH_ACCOUNT = "Of people with an account."
_WITHOUT_ACCOUNT = "Of people without an account."
_PARTNER = "Of organisations that send them with their key."
_FILE = "From files; they count in the hour in which they were observed."
_UNKNOWN = " Null: not known."
_IS_WHOLE = "False: not all could be counted, so the numbers are of a part, and there may be more."


class HourFiguresSchema(StrictSchema):
    """Reports of one hour by origin, of any status."""

    begins_at = fields.DateTime(required=True, metadata={"description": "The beginning of the hour."})
    account = fields.Integer(required=True, allow_none=True, metadata={"description": _WITH_ACCOUNT + _UNKNOWN})
    anonymous = fields.Integer(required=True, allow_none=True, metadata={"description": _WITHOUT_ACCOUNT + _UNKNOWN})
    partner = fields.Integer(required=True, allow_none=True, metadata={"description": _PARTNER + _UNKNOWN})
    file = fields.Integer(required=True, allow_none=True, metadata={"description": _FILE + _UNKNOWN})
    is_whole = fields.Boolean(required=True, metadata={"description": _IS_WHOLE})


class ReportFiguresSchema(StrictSchema):
    """Reports since `begins_at` by origin, of any status."""

    account = fields.Integer(required=True, metadata={"description": _WITH_ACCOUNT})
    anonymous = fields.Integer(required=True, metadata={"description": _WITHOUT_ACCOUNT})
    partner = fields.Integer(required=True, metadata={"description": _PARTNER})
    file = fields.Integer(required=True, metadata={"description": _FILE})
    is_whole = fields.Boolean(required=True, metadata={"description": _IS_WHOLE})
    hours = fields.List(
        fields.Nested(HourFiguresSchema),
        required=True,
        metadata={"description": "24 hours of the clock in this deployment's time zone, the last one until now."},
    )


class DecisionFiguresSchema(StrictSchema):
    """The first decisions since `begins_at`, about reports that were sent here: not from files."""

    number = fields.Integer(required=True, metadata={"description": "Number of reports first decided about."})
    median_minutes = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Whole minutes from the sending of a report to its first decision. Null: of none."},
    )
    is_whole = fields.Boolean(required=True, metadata={"description": _IS_WHOLE})


class RankFigureSchema(StrictSchema):
    """Areas of one rank."""

    rank = Word(list(RANKS), required=True, metadata={"description": "Of the gravest warning for the area."})
    number = fields.Integer(required=True, metadata={"description": "Areas of this rank."})


class AreasWarnedSchema(StrictSchema):
    """Areas with a flood warning that is in force and has begun; each counts once, by its gravest warning."""

    total = fields.Integer(required=True, metadata={"description": "Areas of all ranks."})
    ranks = fields.List(
        fields.Nested(RankFigureSchema), required=True, metadata={"description": "All ranks, the gravest first."}
    )
    is_at_least = fields.Boolean(
        required=True,
        metadata={"description": f"More than {MOST_WARNINGS} warnings are in force, of which the newest were counted."},
    )


class LengthSchema(StrictSchema):
    """Number of reports that wait."""

    number = fields.Integer(required=True, metadata={"description": "Reports that were counted."})
    is_at_least = fields.Boolean(
        required=True,
        metadata={
            "description": f"More wait, or may: of a state about {MOST_ROWS} or {MOST_RARE_ROWS} rows are read at most."
        },
    )


class QueueFiguresSchema(StrictSchema):
    """Active reports that wait for a responder, each in one of these."""

    waiting = fields.Nested(LengthSchema, required=True, metadata={"description": "For a first look."})
    disputed = fields.Nested(LengthSchema, required=True, metadata={"description": "As people have flagged them."})
    may_be_over = fields.Nested(
        LengthSchema, required=True, metadata={"description": "As votes say that the water has gone."}
    )
    photos = fields.Nested(LengthSchema, required=True, metadata={"description": "For a decision about their photos."})


class FiguresSchema(StrictSchema):
    """Figures of the service. A part that could not be read is null, and is named in `missing`."""

    as_of = fields.DateTime(required=True, metadata={"description": "When they were read."})
    begins_at = fields.DateTime(
        required=True, metadata={"description": "When the period of reports and decisions begins: 23 to 24 hours ago."}
    )
    reports = fields.Nested(
        ReportFiguresSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Reports by hour and origin. Those of the last seconds may not be counted yet."},
    )
    decisions = fields.Nested(
        DecisionFiguresSchema, required=True, allow_none=True, metadata={"description": "How long reports waited."}
    )
    areas_warned = fields.Nested(
        AreasWarnedSchema, required=True, allow_none=True, metadata={"description": "Areas warned now."}
    )
    sources = fields.List(
        fields.Nested(SourceStatusSchema),
        required=True,
        allow_none=True,
        metadata={"description": "Sources of warnings with their age, as in /status.json."},
    )
    queue = fields.Nested(
        QueueFiguresSchema, required=True, allow_none=True, metadata={"description": "Reports that wait now."}
    )
    missing = fields.List(
        fields.String(),
        required=True,
        metadata={"description": f"Parts that could not be read now: of {', '.join(PARTS)}.", "example": []},
    )
