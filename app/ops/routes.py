"""Routes about the service itself."""

import json
from hashlib import sha256
from typing import Any

from flask import Response, current_app
from marshmallow import fields

from app import clock, db
from app.accounts.auth import Who, lock
from app.config import VERSION
from app.http import headers
from app.http.answers import json_answer
from app.http.fields import Word
from app.http.schemas import Blueprint, NoQuery, StrictSchema
from app.ops import openapi
from app.tiles.models import ROOT, TileDocument
from app.warnings import states
from app.warnings.models import SourceStates

blueprint = Blueprint("service", __name__, description="The service itself.")
STATES = ["ok", "absent", "down"]


class HealthSchema(StrictSchema):
    status = Word(["ok"], required=True)
    version = fields.String(required=True)


class DependencySchema(StrictSchema):
    """A part that the service rests on. `as_of` and `age_s`: how far its knowledge reaches."""

    name = fields.String(required=True)
    state = Word(STATES, required=True)
    as_of = fields.DateTime()
    age_s = fields.Integer()


class SourceStatusSchema(StrictSchema):
    """How a source of official warnings does. `reasons`: why what was broken was, or why there is no answer."""

    name = fields.String(required=True)
    state = Word([states.OK, states.DOWN, states.UNKNOWN], required=True)
    fetched_at = fields.DateTime(required=True, allow_none=True)
    age_s = fields.Integer(required=True, allow_none=True)
    stale = fields.Boolean(required=True)
    tried_at = fields.DateTime(required=True, allow_none=True)
    whole = fields.Boolean(required=True, allow_none=True)
    in_force = fields.Integer(required=True, allow_none=True)
    broken = fields.Integer(required=True)
    reasons = fields.List(fields.String(), required=True)


class StatusSchema(StrictSchema):
    status = Word(["ok", "degraded"], required=True)
    version = fields.String(required=True)
    checked_at = fields.DateTime(required=True)
    dependencies = fields.List(fields.Nested(DependencySchema), required=True)
    sources = fields.List(fields.Nested(SourceStatusSchema), required=True)


@blueprint.get("/healthz")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, HealthSchema)
@lock(Who.ANYONE)
def read_health() -> Response:
    """Say that the function runs. No other part is asked."""
    return json_answer({"status": "ok", "version": VERSION}, cache="no-store")


@blueprint.get("/status.json")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, StatusSchema)
@lock(Who.ANYONE)
def read_status() -> Response:
    """Say how each part does that the service rests on and each source of warnings, and how old its knowledge is."""
    now_ms = clock.now_ms()
    parts, sources = _parts(now_ms), _sources(now_ms)
    is_well = all(part["state"] != "down" for part in [*parts, *sources])
    status = {
        "status": "ok" if is_well else "degraded",
        "version": VERSION,
        "checked_at": clock.rfc3339(now_ms),
        "dependencies": parts,
        "sources": sources,
    }
    return json_answer(status, cache="public, max-age=0, s-maxage=5", headers={"ETag": _etag([*parts, *sources])})


def _etag(parts: list[dict[str, Any]]) -> str:
    """Weak: it says that nothing has happened, though time has passed."""
    known = [{name: value for name, value in part.items() if name != "age_s"} for part in parts]
    return f'W/"{sha256(json.dumps([VERSION, known]).encode()).hexdigest()[:16]}"'


def _sources(now_ms: int) -> list[dict[str, Any]]:
    """Of each source of warnings; all unknown while the database cannot be asked."""
    try:
        known = SourceStates.read().by_name()
    except (*db.FAILURES, db.NoDatabase):
        known = {}
    return states.told(known, now_ms)


def _parts(now_ms: int) -> list[dict[str, Any]]:
    try:
        root = TileDocument.read([ROOT]).get(ROOT)
    except (*db.FAILURES, db.NoDatabase):
        return [{"name": "database", "state": "down"}, {"name": "map tiles", "state": "down"}]
    if root is None:
        return [{"name": "database", "state": "ok"}, {"name": "map tiles", "state": "absent"}]
    age_s = max(0, (now_ms - root.built_at) // 1000)
    tiles = {"name": "map tiles", "state": "ok", "as_of": clock.rfc3339(root.built_at), "age_s": age_s}
    return [{"name": "database", "state": "ok"}, tiles]


@blueprint.get("/openapi.json")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, {"type": "object"})
@lock(Who.ANYONE)
def read_openapi() -> Response:
    """Read this description of the API (OpenAPI 3.1)."""
    return json_answer(openapi.document(current_app), cache=headers.PUBLIC_DOCUMENT)
