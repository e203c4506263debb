"""Routes of the switches, for admins."""

from typing import Any

from flask import Response, request

from app.accounts.auth import Who, lock
from app.api import exact_places
from app.api.switch_schemas import SwitchesChangeSchema, SwitchesSchema, changes_of, switches_form
from app.http.answers import json_answer
from app.http.headers import IF_MATCH, PRIVATE
from app.http.schemas import Blueprint, NoQuery
from app.review import switching
from app.switches.current import Switches

blueprint = Blueprint("switches", __name__, description="What staff turn on and off, and the notice, for admins.")


@blueprint.get("/v1/admin/switches")
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, SwitchesSchema)
@lock(Who.ADMIN)
def read_switches() -> Response:
    """Read all switches as they are stored."""
    return _answer(switching.read_for_change())


@blueprint.put("/v1/admin/switches")
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(SwitchesChangeSchema)
@blueprint.response(200, SwitchesSchema)
@lock(Who.ADMIN)
def change_switches(values: dict[str, Any]) -> Response:
    """Change the switches named, for a reason that is kept in the audit; the others stay.

    Everybody sees it within 30 seconds. With `If-Match`, only the version named is changed.
    """
    return _answer(
        switching.change(
            lambda before: changes_of(values, before), values["reason"], by=exact_places.by(), is_seen=_is_seen
        )
    )


def _answer(switches: Switches) -> Response:
    return json_answer(switches_form(switches), cache=PRIVATE, headers={"ETag": _etag(switches)})


def _etag(switches: Switches) -> str:
    return f'"v{switches.version}"'


def _is_seen(switches: Switches) -> bool:
    """Return whether If-Match names this version. True without the header."""
    return "If-Match" not in request.headers or request.if_match.contains(_etag(switches).strip('"'))
