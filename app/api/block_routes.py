"""Routes of blocks, for admins."""

from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api import exact_places
from app.api.block_schemas import BlockListSchema, BlockSchema, NewBlockSchema, block_form, ends_at_ms
from app.api.list_query import PageQuery
from app.http import cursors, paging
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery
from app.review import blocking
from app.review.block_models import ID, Block

blueprint = Blueprint("blocks", __name__, description="Accounts and networks that staff block for hours, for admins.")
BLOCKS, ONE = "/v1/admin/blocks", "/v1/admin/blocks/<block_id>"
FILTERS = {"list": "blocks"}


@blueprint.get(BLOCKS)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, BlockListSchema)
@lock(Who.ADMIN)
def list_blocks(query: dict[str, Any]) -> Response:
    """List the blocks in force and those that ended within the last week, the newest first."""
    before = cursors.read_or_refuse(query, filters=FILTERS, position=ID)
    rows, following = page_of(before, query["limit"])
    return paging.page_answer([block_form(row) for row in rows], next_cursor=following, cache=PRIVATE)


def page_of(before: str | None, limit: int) -> tuple[list[Block], str | None]:
    """Return the blocks made before one with this id, the newest first, and the cursor of the next page."""
    rows = Block.newest(before=before, limit=limit)
    following = cursors.write(rows[-1].id, filters=FILTERS) if len(rows) == limit else None
    return [row for row in rows if row.is_listed], following


@blueprint.post(BLOCKS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewBlockSchema)
@blueprint.response(201, BlockSchema, headers=["Location"])
@blueprint.response(200, schema=BlockSchema, description="It was blocked already; its end is the one that was sent.")
@lock(Who.ADMIN)
def make_block(values: dict[str, Any]) -> Response:
    """Block an account, or the network that a report came from, for 72 hours at most. Everybody follows in 30 seconds.

    Nothing is refused: what its sender files is stored and answered as ever, but shown together with the others from
    there, and waits after them; their votes and flags count for nothing. People on a blocked network of whom a
    responder has verified a report are not touched, and neither is what was stored before.
    """
    subject = blocking.account(values["account"]) if "account" in values else blocking.network_of(values["report"])
    made = blocking.make(subject, ends_at_ms(values), values["reason"], by=exact_places.by())
    headers = {"Location": f"{BLOCKS}/{made.block.id}"}
    return json_answer(block_form(made.block), status=201 if made.is_new else 200, cache=PRIVATE, headers=headers)


@blueprint.get(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(200, BlockSchema)
@lock(Who.ADMIN)
def read_block(block_id: str) -> Response:
    """Read one block."""
    return json_answer(block_form(blocking.find(block_id)), cache=PRIVATE)


@blueprint.delete(ONE)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.ADMIN)
def end_block(block_id: str) -> Response:
    """End a block now. Safe to repeat. What was filed under it stays marked until a responder verifies it."""
    blocking.end(block_id, by=exact_places.by())
    return Response(status=204, headers={"Cache-Control": PRIVATE})
