"""The page of invitations for admins: make one, whose link is shown once; list them; end one."""

from typing import Any

from flask import Response, request

from app.accounts import areas
from app.accounts.areas import Area
from app.api import exact_places
from app.api.invitation_schemas import NewInvitationSchema, link_of
from app.core.errors import Invalid, InvitationOver, Mistake, NotFound, Problem, Unavailable
from app.core.translations import N_
from app.http import cursors
from app.http.schemas import load
from app.http.urls import base_url
from app.pages.admin import area_form
from app.pages.admin.area_form import AreaForm
from app.pages.admin.frame import admin_page
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.review import inviting
from app.review.audit import COMMAND
from app.review.inviting import LONGEST_NOTE, ROLES, Listed, State

ADDRESS = "/admin/invitations"
LIMIT = 50
STATES = {
    State.WAITING: N_("Waits to be used"),
    State.USED: N_("Used"),
    State.ENDED: N_("Ended"),
    State.EXPIRED: N_("Expired"),
}
NOTES = {"ended": N_("The invitation is ended. Its link does not work any more.")}
SENTENCES = {
    "note": N_("Write the note as plain text of at most 200 characters."),
    "used": N_("This invitation was used meanwhile. Change the account instead."),
    "gone": N_("There is no such invitation any more."),
    "away": N_("It could not be stored just now. Try again."),
    "other": N_("Something here cannot be taken. Look over what you entered."),
}


def show() -> Response:
    """Show the form for a new invitation, and those of the last 30 days."""
    return _page(note=NOTES.get(request.args.get("told", ""), ""))


def send() -> Response:
    """Make an invitation and show its link, once; or end one (`act` is end)."""
    if request.form.get("act") == "end":
        return _end(request.form.get("invitation_id", ""))
    typed_areas, form = area_form.read("areas")
    try:
        if form.mistakes:
            raise Invalid([Mistake("/areas", "line", "")])
        made = _make(typed_areas)
    except (Invalid, Unavailable) as problem:
        return _page(form=form, problem=problem)
    return _page(made=made.invitation, link=link_of(made.token, base_url()))


def _end(invitation_id: str) -> Response:
    try:
        inviting.end(invitation_id, by=exact_places.by())
    except (NotFound, InvitationOver, Unavailable) as problem:
        return _page(problem=problem)
    return go_to(f"{ADDRESS}?told=ended")


def _make(typed_areas: list[Area]) -> inviting.NewInvitation:
    body = {"role": ROLES[0], "areas": typed_areas, "note": request.form.get("note", "")}
    values = load(NewInvitationSchema(), body)
    return inviting.make(values["role"], values["areas"], values["note"], by=exact_places.by())


def _page(*, note: str = "", form: AreaForm | None = None, problem: Problem | None = None, **made: Any) -> Response:
    filters = {"list": "invitations page"}
    cursor = request.args.get("cursor", "")
    before = cursors.read_or_begin(cursor, filters=filters, position=inviting.POSITION, start=inviting.NEWER_THAN_ALL)
    found, following = inviting.page(before=before, limit=LIMIT)
    return admin_page(
        "admin_invitations.html",
        status=problem.status if problem else 200,
        form=form or area_form.shown(()),
        typed_note=request.form.get("note", "")[: LONGEST_NOTE + 1] if problem else "",
        told=note,
        mistakes=_sentences(problem, form) if problem else [],
        invitations=[_shown(one) for one in found],
        is_first=before == inviting.NEWER_THAN_ALL,
        following=cursors.write(following, filters=filters) if following else "",
        command=COMMAND,
        longest_note=LONGEST_NOTE,
        **({"made": None, "link": ""} | made),
        **area_form.map_values(),
    )


def _shown(listed: Listed) -> dict[str, Any]:
    row = listed.invitation
    return {
        "id": row.id,
        "note": row.note or "",
        "state": gettext(STATES[listed.state]),
        "is_waiting": listed.state == State.WAITING,
        "areas": [area.name for area in areas.unpack(row.packed_areas)],
        "maker": row.maker_id,
        "created_at": int(row.created_at_ms),
        "expires_at": int(row.expires_at_ms),
        "used_by": row.used_by,
        "used_at": int(row.used_at_ms or 0),
        "ended_at": int(row.ended_at_ms or 0),
    }


def _sentences(problem: Problem, form: AreaForm | None) -> list[str]:
    """Return a sentence for each mistake."""
    kinds: dict[type[Problem], str] = {NotFound: "gone", InvitationOver: "used", Unavailable: "away"}
    if type(problem) in kinds:
        return [_sentence(kinds[type(problem)])]
    told = list[str]()
    for mistake in problem.mistakes:
        key = mistake.pointer.removeprefix("/")
        told += form.mistakes if mistake.code == "line" and form else [_sentence(key)]
    return list(dict.fromkeys(told))


def _sentence(key: str) -> str:
    text = SENTENCES.get(key, SENTENCES["other"])
    return gettext(text)
