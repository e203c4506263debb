"""Schemas of the responders' queue, of holds, and of many decisions at once."""

from marshmallow import fields, validate

from app.api.report_schemas import ReportSchema, ShortReportSchema
from app.api.verification_schemas import DecisionSchema
from app.http import cursors
from app.http.fields import COMMON_MESSAGES, QueryWhole, ReadLater, Text, Whole, Word
from app.http.schemas import PageSchema, StrictSchema
from app.review.surroundings import MOST_COUNTED
from app.review.urgency import State

ALL = "all"
STATES = (str(State.WAITING), str(State.DISPUTED), str(State.MAY_BE_OVER), str(State.PHOTOS), ALL)
MOST_DECISIONS = 50


class QueueQuerySchema(StrictSchema):
    """Part of the queue."""

    area = Text(
        shortest=1,
        longest=200,
        metadata={
            "description": "The name of one of your areas, or a box: west,south,east,north. Default: all yours.",
            "example": "Harbour district",
        },
    )
    state = Word(
        STATES,
        load_default=ALL,
        metadata={
            "description": "For what they wait: a first look, flags, votes that it may be over, photos to be judged. "
            "`waiting` also lists those that wait for a first look with their photos."
        },
    )
    limit = QueryWhole(
        low=1, high=100, load_default=20, metadata={"description": "The most reports on a page.", "example": 20}
    )
    cursor = cursors.field()


class PriorityReasonSchema(StrictSchema):
    """A fact that makes a report urgent, and by how many hours it goes before others of its age."""

    code = Word(
        ["severity", "people", "warning", "flags", "disputed", "block"],
        required=True,
        metadata={"description": "The fact."},
    )
    hours = fields.Integer(
        required=True,
        metadata={"description": "Of `block`, -24: it was filed while staff blocked its sender.", "example": 6},
    )


class PrioritySchema(StrictSchema):
    """Why a report stands where it does. Age counts by itself."""

    reasons = fields.List(
        fields.Nested(PriorityReasonSchema),
        required=True,
        metadata={"description": "The facts that count, none for a report that has only its age."},
    )


class NeighboursSchema(StrictSchema):
    """Active reports within 500 m and 3 hours."""

    count = fields.Integer(
        required=True, metadata={"description": f"In a list, {MOST_COUNTED} means that number or more.", "example": 2}
    )
    ids = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The nearest five.", "example": ["01kb9v3q8d5w7x2ya4zc6e0fgh"]},
    )


class FlagsSchema(StrictSchema):
    """Flags since the last decision."""

    count = fields.Integer(required=True, metadata={"description": "How many there are.", "example": 0})
    reasons = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many by reason.", "example": {}},
    )


class HeldSchema(StrictSchema):
    """A hold of five minutes."""

    until = fields.DateTime(required=True, metadata={"description": "When it ends by itself."})
    by_you = fields.Boolean(required=True, metadata={"description": "Whether it is your own."})


class QueueItemSchema(StrictSchema):
    """A report that waits, as a list shows it: with its exact place."""

    report = fields.Nested(
        ShortReportSchema, required=True, metadata={"description": "The report, with its exact place."}
    )
    state = Word(
        list(State),
        required=True,
        metadata={"description": "For what it waits; of several the first one in this order."},
    )
    priority = fields.Nested(PrioritySchema, required=True, metadata={"description": "Why it stands where it does."})
    neighbours = fields.Nested(
        NeighboursSchema, required=True, metadata={"description": "The active reports around it."}
    )
    similar = fields.List(
        fields.String(), required=True, metadata={"description": "Up to three of them, within 250 m.", "example": []}
    )
    flags = fields.Nested(
        FlagsSchema, required=True, metadata={"description": "What people have flagged since the last decision."}
    )
    photos_waiting = fields.Integer(
        required=True, metadata={"description": "How many of its photos wait for a decision.", "example": 0}
    )
    hold = fields.Nested(
        HeldSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Who has taken it for five minutes; null: it is free."},
    )


class QueueSchema(PageSchema):
    """A page of the queue. It may be short, even empty, with more behind it."""

    items = fields.List(
        fields.Nested(QueueItemSchema),
        required=True,
        metadata={"description": "The reports that wait, the most urgent first."},
    )


class AllNeighboursSchema(NeighboursSchema):
    """All neighbours of one report, nearest first."""

    items = fields.List(
        fields.Nested(ShortReportSchema),
        required=True,
        metadata={"description": "The reports themselves, nearest first."},
    )
    is_whole = fields.Boolean(required=True, metadata={"description": "Whether these are all."})


class FlagNotesSchema(FlagsSchema):
    """Flags since the last decision, with what was noted."""

    notes = fields.List(
        fields.String(), required=True, metadata={"description": "What was noted, newest first.", "example": []}
    )


class ReporterSchema(StrictSchema):
    """The kind of its reporter, and how their newest hundred reports were judged. Null: not known."""

    kind = Word(
        ["account", "anonymous", "partner"],
        required=True,
        metadata={"description": "Who filed it: a person with an account, one without, or an organisation."},
    )
    filed = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many of their reports were looked at.", "example": 12},
    )
    verified = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How many of these were verified.", "example": 9}
    )
    rejected = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How many of these were rejected.", "example": 1}
    )
    is_blocked = fields.Boolean(
        required=True, metadata={"description": "Whether staff block its account or its network at the moment."}
    )


class QueuedReportSchema(QueueItemSchema):
    """One report with all that a decision needs."""

    report = fields.Nested(
        ReportSchema, required=True, metadata={"description": "The whole report, with its exact place."}
    )
    neighbours = fields.Nested(
        AllNeighboursSchema, required=True, metadata={"description": "All active reports around it."}
    )
    flags = fields.Nested(
        FlagNotesSchema,
        required=True,
        metadata={"description": "What people have flagged since the last decision, with their notes."},
    )
    reporter = fields.Nested(
        ReporterSchema,
        required=True,
        metadata={"description": "The kind of its reporter, and how their reports were judged."},
    )


class HoldUntilSchema(StrictSchema):
    """A hold of one's own."""

    until = fields.DateTime(required=True, metadata={"description": "When it ends by itself."})


class BulkDecisionSchema(DecisionSchema):
    """One of several decisions, with the version of the report that was read."""

    report_id = fields.String(
        required=True,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "The id of the report to decide about.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"},
    )
    version = Whole(
        low=1, high=10**9, required=True, metadata={"description": "Its `version` that was read.", "example": 3}
    )


class DecisionsSchema(StrictSchema):
    """Up to 50 decisions. Each has its own result; one that fails stops no other."""

    decisions = fields.List(
        ReadLater(BulkDecisionSchema, allow_none=True),
        required=True,
        validate=validate.Length(1, MOST_DECISIONS, error="length|It must hold {min} to {max} decisions."),
        error_messages=COMMON_MESSAGES | {"invalid": "type|It must be a list of decisions."},
        metadata={"description": "The decisions, each about one report."},
    )


class DecisionResultSchema(StrictSchema):
    """The result of one decision: the whole report as it is now, or the problem."""

    report_id = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The id of the report; null where none was named.",
            "example": "01kb9v3q8d5w7x2ya4zc6e0fgh",
        },
    )
    status = fields.Integer(
        required=True, metadata={"description": "The HTTP status that it had by itself.", "example": 200}
    )
    report = fields.Nested(
        ReportSchema, metadata={"description": "The whole report as it is now, where the decision was taken."}
    )
    problem = fields.Dict(metadata={"description": "As every error (RFC 9457)."})


class DecisionResultsSchema(StrictSchema):
    """The results, in the order of the decisions."""

    results = fields.List(
        fields.Nested(DecisionResultSchema),
        required=True,
        metadata={"description": "One result for each decision that was sent."},
    )
