"""Routes about the service itself."""

from flask import Response
from marshmallow import fields

from app.accounts.auth import Who, lock
from app.api import status_views
from app.api.notice_schemas import OFF, ON, NoticeShownSchema, notice_form
from app.core import clock
from app.core.config import VERSION, settings
from app.http.answers import json_answer
from app.http.fields import Word
from app.http.schemas import Blueprint, NoQuery, StrictSchema
from app.switches.current import Anonymous
from app.warnings import source_status

blueprint = Blueprint("service", __name__, description="The service itself.")
STATES = [status_views.OK, status_views.ABSENT, status_views.DOWN]


class HealthSchema(StrictSchema):
    """The function that runs."""

    status = Word(["ok"], required=True, metadata={"description": "Always `ok`: another answer is an error."})
    version = fields.String(required=True, metadata={"description": "The release that runs.", "example": "1.0.0"})


class DependencySchema(StrictSchema):
    """A part that the service depends on. `as_of` and `age_s`: the age of its data."""

    name = fields.String(required=True, metadata={"description": "What it is.", "example": "database"})
    state = Word(STATES, required=True, metadata={"description": "Whether it answers."})
    as_of = fields.DateTime(metadata={"description": "The time at which its data was true."})
    age_s = fields.Integer(metadata={"description": "The age of its data in seconds."})


class CountsSchema(StrictSchema):
    """Number of messages in a source's last answer, by outcome. The outcomes add up to `read`; `kinds` details some."""

    read = fields.Integer(required=True, metadata={"description": "All messages of the answer."})
    taken = fields.Integer(required=True, metadata={"description": "In force according to the message."})
    ended = fields.Integer(required=True, metadata={"description": "They end other messages, or are over themselves."})
    replaced = fields.Integer(required=True, metadata={"description": "Another message has replaced them."})
    refused = fields.Integer(required=True, metadata={"description": "They cannot be read."})
    not_public = fields.Integer(required=True, metadata={"description": "Tests, exercises, drafts, restricted ones."})
    other_hazard = fields.Integer(required=True, metadata={"description": "They are not about a flood."})
    duplicate = fields.Integer(required=True, metadata={"description": "They came twice in one answer."})
    unchanged = fields.Integer(required=True, metadata={"description": "Known already, and not read again."})
    kinds = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Numbers by kind, of some outcomes.", "example": {}},
    )


class SourceStatusSchema(StrictSchema):
    """Status of a source of official warnings. `reasons`: why items were broken, or why there is no answer."""

    name = fields.String(
        required=True, metadata={"description": "The source's name, as in `source` of its warnings.", "example": "ea"}
    )
    state = Word(
        [source_status.OK, source_status.DOWN, source_status.UNKNOWN, status_views.OFF],
        required=True,
        metadata={"description": "Whether it answers; `off`: staff have turned it off; `unknown`: it was never asked."},
    )
    fetched_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When it answered well the last time; null: never."}
    )
    age_s = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Seconds since then; null: never.", "example": 60}
    )
    stale = fields.Boolean(
        required=True, metadata={"description": "Whether that is too long ago to rely on.", "example": False}
    )
    website = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The issuer's own page for people.",
            "example": "https://check-for-flooding.service.gov.uk/",
        },
    )
    tried_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When it was asked the last time; null: never."}
    )
    whole = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether its answer lists all that is in force; null: no answer yet."},
    )
    in_force = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many of its warnings are in force; null: not known.", "example": 3},
    )
    broken = fields.Integer(
        required=True, metadata={"description": "How many items of its answer could not be read.", "example": 0}
    )
    reasons = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Why items were broken, or why there is no answer.", "example": []},
    )
    messages = fields.Nested(
        CountsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The outcomes of the messages of its last answer; null: no answer yet."},
    )


class StatusSchema(StrictSchema):
    """The state of the service and of each part."""

    status = Word(
        ["ok", "degraded"], required=True, metadata={"description": "`degraded`: a part is missing or too old."}
    )
    version = fields.String(required=True, metadata={"description": "The release that runs.", "example": "1.0.0"})
    checked_at = fields.DateTime(required=True, metadata={"description": "When this was looked up."})
    notice = fields.Nested(
        NoticeShownSchema, required=True, allow_none=True, metadata={"description": "Of staff; every page shows it."}
    )
    anonymous_reports = Word(
        list(Anonymous), required=True, metadata={"description": "`off_within`: not in some areas."}
    )
    registrations = Word([ON, OFF], required=True, metadata={"description": "Whether people can make accounts."})
    demonstration = fields.Boolean(
        required=True, metadata={"description": "Whether all data here are invented.", "example": False}
    )
    dependencies = fields.List(
        fields.Nested(DependencySchema),
        required=True,
        metadata={"description": "The parts that the service depends on."},
    )
    sources = fields.List(
        fields.Nested(SourceStatusSchema), required=True, metadata={"description": "The sources of official warnings."}
    )


@blueprint.get("/healthz")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, HealthSchema)
@lock(Who.ANYONE)
def read_health() -> Response:
    """Answer that the function runs. No other part is asked."""
    return json_answer({"status": "ok", "version": VERSION}, cache="no-store")


@blueprint.get("/status.json")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, StatusSchema)
@lock(Who.ANYONE)
def read_status() -> Response:
    """Read the state of the database, the map tiles and each source of warnings, with the age of its data."""
    health = status_views.read()
    status = {
        "status": "ok" if health.is_well else "degraded",
        "version": VERSION,
        "checked_at": clock.rfc3339(health.checked_ms),
        "notice": notice_form(health.notice) if health.notice else None,
        "anonymous_reports": str(health.switches.anonymous_reports),
        "registrations": ON if health.switches.has_registrations else OFF,
        "demonstration": settings().is_demo,
        "dependencies": health.parts,
        "sources": health.sources,
    }
    return json_answer(status, cache=status_views.CACHE, headers={"ETag": health.etag})
