"""Routes of one's own API keys."""

from typing import Any

from flask import Response

from app.accounts import api_keys, auth
from app.accounts.auth import Who, lock
from app.accounts.key_models import ApiKey
from app.accounts.models import Together
from app.api import exact_places
from app.api.key_schemas import KeySchema, KeysSchema, MadeKeySchema, NewKeySchema, key_form
from app.core.errors import NotFound
from app.http.answers import json_answer
from app.http.headers import PRIVATE, keep_private
from app.http.schemas import Blueprint, NoQuery
from app.review import staff

blueprint = Blueprint("api_keys", __name__, description="API keys of one's own, for programs.")
ADDRESS = "/v1/me/api-keys"
ONE = f"{ADDRESS}/<key_id>"


blueprint.after_request(keep_private)


def rows_of(action: str, row: ApiKey) -> list[Together]:
    """Return what is stored together with a key that its owner makes or ends: the audit rows."""
    return [audited.put_in for audited in staff.own_key_rows(auth.account(), action, row, by=exact_places.by())]


@blueprint.get(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, KeysSchema)
@lock(Who.ACCOUNT)
def list_keys() -> Response:
    """List one's own API keys: what each may do, when it was used last and when it ends. At most twenty."""
    return json_answer({"items": [key_form(row) for row in api_keys.listed(auth.account())]}, cache=PRIVATE)


@blueprint.post(ADDRESS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewKeySchema)
@blueprint.response(201, MadeKeySchema, headers=["Location"])
@lock(Who.ACCOUNT)
def create_key(values: dict[str, Any]) -> Response:
    """Make an API key for a program. The answer is the only one with the key: keep it as you would a password.

    A key with the scope `review` needs a responder or admin with a second factor. Twenty keys at most (409).
    """
    made = api_keys.make(
        auth.account(),
        values["name"],
        frozenset(values["scopes"]),
        values.get("expires_at"),
        rows=lambda row: rows_of("key.made", row),
    )
    body = key_form(made.row) | {"key": made.text}
    return json_answer(body, status=201, cache=PRIVATE, headers={"Location": f"{ADDRESS}/{made.row.id}"})


@blueprint.get(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, KeySchema)
@lock(Who.ACCOUNT)
def read_key(key_id: str) -> Response:
    """Read one of one's own API keys, without its secret."""
    row = next((row for row in api_keys.listed(auth.account()) if row.id == key_id), None)
    if row is None:
        raise NotFound("There is no such key, or it has ended.")
    return json_answer(key_form(row), cache=PRIVATE)


@blueprint.delete(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.ACCOUNT)
def end_key(key_id: str) -> Response:
    """End one of one's own API keys: it is refused from the next request on."""
    api_keys.end(auth.account(), key_id, rows=lambda row: rows_of("key.ended", row))
    return Response(status=204)
