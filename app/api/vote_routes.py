"""Routes of what people say about a report: votes and flags."""

from typing import Any

from flask import Response

from app.accounts.auth import Who, lock
from app.api import voting
from app.api.vote_schemas import FlagSchema, VotedSchema, VoteSchema, voted_form
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery
from app.review.votes import Vote

blueprint = Blueprint("votes", __name__, description="What people say about a report: votes and flags.")
VOTES, FLAGS = "/v1/reports/<report_id>/votes", "/v1/reports/<report_id>/flags"


@blueprint.put(VOTES)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(VoteSchema)
@blueprint.response(200, VotedSchema)
@lock(Who.PERSON)
def put_vote(values: dict[str, Any], report_id: str) -> Response:
    """Say whether it is still flooded there. A person has one vote about a report: the next one replaces it.

    `flooded` keeps the report for at least 24 hours more, up to 7 days after it was seen, and brings back one that
    ended less than a day ago. `receded` ends a report that no responder has verified when two more networks say so than
    say flooded; of a verified one it says that it may be over. The reporter's own `receded` ends it at once.
    """
    outcome = voting.vote(report_id, Vote(values["condition"], values.get("depth_cm")))
    return json_answer(voted_form(outcome), cache=PRIVATE)


@blueprint.delete(VOTES)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.PERSON)
def delete_vote(report_id: str) -> Response:
    """Take one's own vote back. Safe to repeat; without a vote nothing changes."""
    voting.vote(report_id, Vote(None))
    return Response(status=204, headers={"Cache-Control": PRIVATE})


@blueprint.post(FLAGS)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(FlagSchema)
@blueprint.response(204)
@lock(Who.PERSON)
def post_flag(values: dict[str, Any], report_id: str) -> Response:
    """Tell responders what is wrong with a report. A person has one flag about it: the next one replaces it.

    Flags of three persons on three networks hide its texts until a responder has looked at it. They never remove it.
    """
    voting.flag(report_id, values["reason"], values.get("note"))
    return Response(status=204, headers={"Cache-Control": PRIVATE})
