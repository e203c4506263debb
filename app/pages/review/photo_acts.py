"""Forms about photos on the page of responders. What is stored answers with a redirect to the report looked at."""

from urllib.parse import urlencode

from flask import Response, request

from app.accounts import auth
from app.accounts.persons import person_of
from app.api import exact_places
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.pages.frame.redirects import go_to
from app.pages.review import page, photo_forms
from app.pages.review.forms import FormRead
from app.pages.review.photo_forms import PhotoForm
from app.photos import deciding

_KEPT = ("state", "area")


def decide() -> Response:
    """Store what is said about one photo; or show it again, with why that was not stored."""
    report_id, read = request.form.get("report_id", ""), photo_forms.read(request.form)
    if read.wrong:
        return _again(report_id, "wrong", Invalid.status, read)
    try:
        _store(report_id, read)
    except Conflict as problem:
        return _again(report_id, "held" if "until" in problem.members else "photo_decided", Conflict.status, read)
    except (NotFound, Forbidden):
        return _back(report_id, "photo_gone")
    return _back(report_id, f"photo_{read.act}")


def _store(report_id: str, read: PhotoForm) -> None:
    caller, by = auth.caller(), exact_places.by()
    if read.act == photo_forms.REMOVE:
        deciding.remove(report_id, read.photo_id, caller=caller, by=by, person=person_of(caller))
    else:
        deciding.decide(report_id, read.photo_id, read.said, caller=caller, by=by, person=person_of(caller))


def _again(report_id: str, told: str, status: int, read: PhotoForm) -> Response:
    return page.show_again(page.Refused(report_id, told, status, FormRead("photo", {}, {}, (), read.wrong), read))


def _back(report_id: str, told: str) -> Response:
    kept = {name: request.form[name] for name in _KEPT if request.form.get(name)}
    return go_to(f"/review?{urlencode(kept | {'report': report_id, 'told': told})}#photos")
