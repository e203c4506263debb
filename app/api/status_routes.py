"""Routes about the service itself."""

from flask import Response, current_app
from marshmallow import fields

from app.accounts.auth import Who, lock
from app.api import description, status_views
from app.api.switch_schemas import OFF, ON, NoticeShownSchema, notice_form
from app.core import clock
from app.core.config import VERSION, settings
from app.http import headers
from app.http.answers import json_answer
from app.http.fields import Word
from app.http.schemas import Blueprint, NoQuery, StrictSchema
from app.switches.current import Anonymous
from app.warnings import source_status

blueprint = Blueprint("service", __name__, description="The service itself.")
STATES = [status_views.OK, status_views.ABSENT, status_views.DOWN]


class HealthSchema(StrictSchema):
    status = Word(["ok"], required=True)
    version = fields.String(required=True)


class DependencySchema(StrictSchema):
    """A part that the service depends on. `as_of` and `age_s`: the age of its data."""

    name = fields.String(required=True)
    state = Word(STATES, required=True)
    as_of = fields.DateTime()
    age_s = fields.Integer()


class CountsSchema(StrictSchema):
    """Number of messages in a source's last answer, by outcome. The outcomes add up to `read`; `kinds` details some."""

    read = fields.Integer(required=True)
    taken = fields.Integer(required=True, metadata={"description": "In force according to the message."})
    ended = fields.Integer(required=True, metadata={"description": "They end other messages, or are over themselves."})
    replaced = fields.Integer(required=True, metadata={"description": "Another message has replaced them."})
    refused = fields.Integer(required=True, metadata={"description": "They cannot be read."})
    not_public = fields.Integer(required=True, metadata={"description": "Tests, exercises, drafts, restricted ones."})
    other_hazard = fields.Integer(required=True, metadata={"description": "They are not about a flood."})
    duplicate = fields.Integer(required=True)
    unchanged = fields.Integer(required=True, metadata={"description": "Known already, and not read again."})
    kinds = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class SourceStatusSchema(StrictSchema):
    """Status of a source of official warnings. `reasons`: why items were broken, or why there is no answer."""

    name = fields.String(required=True)
    state = Word([source_status.OK, source_status.DOWN, source_status.UNKNOWN, status_views.OFF], required=True)
    fetched_at = fields.DateTime(required=True, allow_none=True)
    age_s = fields.Integer(required=True, allow_none=True)
    stale = fields.Boolean(required=True)
    website = fields.String(required=True, allow_none=True)
    tried_at = fields.DateTime(required=True, allow_none=True)
    whole = fields.Boolean(required=True, allow_none=True)
    in_force = fields.Integer(required=True, allow_none=True)
    broken = fields.Integer(required=True)
    reasons = fields.List(fields.String(), required=True)
    messages = fields.Nested(CountsSchema, required=True, allow_none=True)


class StatusSchema(StrictSchema):
    status = Word(["ok", "degraded"], required=True)
    version = fields.String(required=True)
    checked_at = fields.DateTime(required=True)
    notice = fields.Nested(
        NoticeShownSchema, required=True, allow_none=True, metadata={"description": "Of staff; every page shows it."}
    )
    anonymous_reports = Word(
        list(Anonymous), required=True, metadata={"description": "`off_within`: not in some areas."}
    )
    registrations = Word([ON, OFF], required=True)
    demonstration = fields.Boolean(required=True, metadata={"description": "Whether all data here are invented."})
    dependencies = fields.List(fields.Nested(DependencySchema), required=True)
    sources = fields.List(fields.Nested(SourceStatusSchema), required=True)


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


@blueprint.get("/openapi.json")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, {"type": "object"})
@lock(Who.ANYONE)
def read_openapi() -> Response:
    """Read this description of the API (OpenAPI 3.1)."""
    return json_answer(description.document(current_app), cache=headers.PUBLIC_DOCUMENT)
