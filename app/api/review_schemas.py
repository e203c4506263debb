"""Schemas of the responders' queue, of holds, and of many decisions at once."""

from marshmallow import fields, validate

from app.api.report_schemas import ReportSchema, ShortReportSchema
from app.api.verification_schemas import DecisionSchema
from app.http import cursors
from app.http.fields import COMMON_MESSAGES, QueryWhole, ReadLater, Text, Whole, Word
from app.http.schemas import PageSchema, StrictSchema
from app.review.surroundings import MOST_COUNTED
from app.review.urgency import State

ALL, PHOTOS = "all", "photos"
STATES = (str(State.WAITING), str(State.DISPUTED), str(State.MAY_BE_OVER), PHOTOS, ALL)
MOST_DECISIONS = 50


class QueueQuerySchema(StrictSchema):
    """Part of the queue."""

    area = Text(
        shortest=1,
        longest=200,
        metadata={"description": "The name of one of your areas, or a box: west,south,east,north. Default: all yours."},
    )
    state = Word(
        STATES,
        load_default=ALL,
        metadata={"description": "For what they wait: a first look, flags, votes that it may be over, photos."},
    )
    limit = QueryWhole(low=1, high=100, load_default=20)
    cursor = cursors.field()


class PriorityReasonSchema(StrictSchema):
    """A fact that makes a report urgent, and by how many hours it goes before others of its age."""

    code = Word(["severity", "people", "warning", "flags", "disputed", "block"], required=True)
    hours = fields.Integer(
        required=True, metadata={"description": "Of `block`, -24: it was filed while staff blocked its sender."}
    )


class PrioritySchema(StrictSchema):
    """Why a report stands where it does. Age counts by itself."""

    reasons = fields.List(fields.Nested(PriorityReasonSchema), required=True)


class NeighboursSchema(StrictSchema):
    """Active reports within 500 m and 3 hours."""

    count = fields.Integer(
        required=True, metadata={"description": f"In a list, {MOST_COUNTED} stands for so many or more."}
    )
    ids = fields.List(fields.String(), required=True, metadata={"description": "The nearest five."})


class FlagsSchema(StrictSchema):
    """Flags since the last decision."""

    count = fields.Integer(required=True)
    reasons = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class HeldSchema(StrictSchema):
    """A hold of five minutes."""

    until = fields.DateTime(required=True)
    by_you = fields.Boolean(required=True)


class QueueItemSchema(StrictSchema):
    """A report that waits, as a list shows it: with its exact place."""

    report = fields.Nested(ShortReportSchema, required=True)
    state = Word(list(State), required=True)
    priority = fields.Nested(PrioritySchema, required=True)
    neighbours = fields.Nested(NeighboursSchema, required=True)
    similar = fields.List(
        fields.String(), required=True, metadata={"description": "Up to three of them, within 250 m."}
    )
    flags = fields.Nested(FlagsSchema, required=True)
    hold = fields.Nested(HeldSchema, required=True, allow_none=True)


class QueueSchema(PageSchema):
    """A page of the queue. It may be short, even empty, with more behind it."""

    items = fields.List(fields.Nested(QueueItemSchema), required=True)


class AllNeighboursSchema(NeighboursSchema):
    """All neighbours of one report, nearest first."""

    items = fields.List(fields.Nested(ShortReportSchema), required=True)
    is_whole = fields.Boolean(required=True, metadata={"description": "Whether these are all."})


class FlagNotesSchema(FlagsSchema):
    """Flags since the last decision, with what was noted."""

    notes = fields.List(fields.String(), required=True)


class ReporterSchema(StrictSchema):
    """The kind of its reporter, and how their newest hundred reports were judged. Null: not known."""

    kind = Word(["account", "anonymous", "partner"], required=True)
    filed = fields.Integer(required=True, allow_none=True)
    verified = fields.Integer(required=True, allow_none=True)
    rejected = fields.Integer(required=True, allow_none=True)
    is_blocked = fields.Boolean(
        required=True, metadata={"description": "Whether staff block its account or its network at the moment."}
    )


class QueuedReportSchema(QueueItemSchema):
    """One report with all that a decision needs."""

    report = fields.Nested(ReportSchema, required=True)
    neighbours = fields.Nested(AllNeighboursSchema, required=True)
    flags = fields.Nested(FlagNotesSchema, required=True)
    reporter = fields.Nested(ReporterSchema, required=True)


class HoldUntilSchema(StrictSchema):
    """A hold of one's own."""

    until = fields.DateTime(required=True)


class BulkDecisionSchema(DecisionSchema):
    """One of several decisions, with the version of the report that was read."""

    report_id = fields.String(required=True, error_messages=COMMON_MESSAGES)
    version = Whole(low=1, high=10**9, required=True)


class DecisionsSchema(StrictSchema):
    """Up to 50 decisions. Each has its own result; one that fails stops no other."""

    decisions = fields.List(
        ReadLater(BulkDecisionSchema, allow_none=True),
        required=True,
        validate=validate.Length(1, MOST_DECISIONS, error="length|It must hold {min} to {max} decisions."),
        error_messages=COMMON_MESSAGES | {"invalid": "type|It must be a list of decisions."},
    )


class DecisionResultSchema(StrictSchema):
    """The result of one decision: the whole report as it is now, or the problem."""

    report_id = fields.String(required=True, allow_none=True)
    status = fields.Integer(required=True, metadata={"description": "The HTTP status that it had by itself."})
    report = fields.Nested(ReportSchema)
    problem = fields.Dict(metadata={"description": "As every error (RFC 9457)."})


class DecisionResultsSchema(StrictSchema):
    """The results, in the order of the decisions."""

    results = fields.List(fields.Nested(DecisionResultSchema), required=True)
