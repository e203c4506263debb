"""Report flooding: the form, its review, and what becomes of what was sent.

It works in two requests without a script. A script makes the review by itself, keeps the report on the phone until it
is taken, and asks for JSON.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request, url_for

from app.accounts import auth, sessions, tokens
from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.core.errors import Invalid, TooMany
from app.core.translations import N_
from app.http import problems
from app.http.answers import json_answer
from app.http.headers import ASK_FIRST, PRIVATE
from app.pages.frame import assets, map_words, wording
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page
from app.pages.report import form, location, script_words
from app.pages.report.form import Read, Wrong
from app.reports import create, edit
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report

KEY_BYTES = 16
MOST_MATCHES = 8
# What the map of the form needs, in the order in which it is loaded; only when somebody opens it.
MAP_STYLES = ("vendor/leaflet-1.9.4/leaflet.css", "map.css")
MAP_SCRIPTS = ("vendor/leaflet-1.9.4/leaflet.js", "map.js", "coast.js", "markers.js", "map_small.js")
TOO_MANY = N_("Your network has sent as many reports as we take for now. Nothing is lost: leave this page open.")
# Its own link lets a report be changed: no other site, and no log of one, may learn of it.
SECRETIVE = "no-referrer"
# Nobody else's, and asked for anew; but the way back finds it as it was left, with all that was typed.
LEFT = "private, no-cache"


def show_form() -> Response:
    """The form, with the place that the address names; or what a place's name may mean, for the script."""
    if request.args.get("offline"):
        return shell()
    if _wants_json():
        return _matches()
    typed = form.EMPTY | _asked() | {"key": _new_key()}
    typed["begun_as"] = form.begun_as(_guess().account_id)
    found = location.find_spot(typed)
    if found.spot:
        typed |= _settled(found.spot, typed["where"])
    return _form(typed, Read({}, found.spot, found.matches, []))


def shell() -> Response:
    """The form as a phone keeps it for when there is no connection: of nobody, without a key (the script makes one)."""
    return _form(form.EMPTY, Read({}, None, [], []), cache=ASK_FIRST)


def send() -> Response:
    """Look over the form, show the review, or file the report: as its step says."""
    typed = form.typed_in(request.form)
    step = request.form.get("step")
    if not form.is_key(typed["key"]):
        typed, step = typed | {"key": _new_key()}, "review" if step == "send" else step
    who = _who() if step == "send" else _guess()
    if step == "change":
        return _form(typed | {"observed_at": ""}, Read({}, None, [], []))
    read = form.read(typed)
    if step != "send" and not read.wrong and form.is_late(read.values):
        read = read._replace(wrong=[form.late()])
    if read.wrong:
        return _refuse(typed, read)
    return _file(typed, read, who) if step == "send" else _review(typed, read)


def _file(typed: Mapping[str, str], read: Read, who: auth.Caller) -> Response:
    """Store it, or find what was stored before. It is the account's only if that account had begun the form."""
    is_own = typed["begun_as"] == form.begun_as(who.account_id)
    sender = create.Sender(who.account_id if is_own else None, typed["key"], is_of_page=True)
    try:
        filed = create.file_limited(read.values, sender)
    except Invalid as problem:
        stored = Report.find(sender.report_id, consistent=True)
        return _refuse(typed, read._replace(wrong=form.worded(list(problem.mistakes))), stored)
    except TooMany as problem:
        if _wants_json():
            raise
        return _ask_to_wait(dict(typed), read, problem)
    sent = _sent_path(filed.report)
    return json_answer({"sent": sent}, cache=PRIVATE) if _wants_json() else go_on(sent)


def _ask_to_wait(typed: dict[str, str], read: Read, problem: TooMany) -> Response:
    """The review once more: there is nothing to change, and the time at which it was seen stays."""
    text = f"{gettext(TOO_MANY)} {wording.wait(problem.retry_after_s or 1)}"
    review = _review(typed, read._replace(wrong=[Wrong("", text)]), status=problem.status)
    return problems.with_headers(review, problem)


def _sent_path(report: Report) -> str:
    """Where its reporter finds it again. Who sent it with an account signs in; who did not has the link.

    The link ends a day after the report was filed, however often it is sent: the form's key is no right to edit.
    """
    if report.account_id:
        return address("show_sent", report.id, "")
    if clock.now_ms() >= report.created + tokens.LIFE_S[tokens.Use.EDIT] * 1000:
        return address("show_report", report.id, "")
    return address("show_sent", report.id, tokens.edit_token(report.id, since_ms=report.created))


def address(view: str, report_id: str, token: str, **more: str) -> str:
    """An address of a report; the private link's token travels along where there is one."""
    said = {"report_id": report_id, auth.EDIT_PARAMETER: token or None} | more
    return url_for(f"pages.{view}", _external=False, **said)


def go_on(address: str) -> Response:
    """Send the browser on to one of our addresses, as `url_for` makes them."""
    return go_to(address.removeprefix(request.script_root))


def _refuse(typed: Mapping[str, str], read: Read, stored: Report | None = None) -> Response:
    """`stored`: what was sent before under the same key, shown as everybody sees it."""
    sent = address("show_report", stored.id, "") if stored else ""
    if _wants_json():
        said: dict[str, Any] = {"mistakes": [one._asdict() for one in read.wrong]} | ({"sent": sent} if sent else {})
        return json_answer(said, status=422, cache=PRIVATE)
    return _form(dict(typed) | {"observed_at": ""}, read, status=422, sent=sent)


def _form(typed: Mapping[str, str], read: Read, *, status: int = 200, cache: str = LEFT, sent: str = "") -> Response:
    response = page(
        "report.html",
        status=status,
        cache=cache,
        typed=typed,
        sent=sent,
        now_ms=None if cache == ASK_FIRST else clock.now_ms(),
        **shown(read.wrong, read),
    )
    response.vary.add("Accept")
    return response


def shown(wrong: Sequence[Wrong], read: Read) -> dict[str, Any]:
    """What the fields of the form need, for a new report and for one that is changed."""
    return {
        "wrong": wrong,
        "beside": {one.field: one.text for one in wrong},
        "spot": read.spot,
        "matches": [(location.mark_of(one), location.name_of(one)) for one in read.matches],
        "form": form,
        "background": map_words.background(),
        "map_files": [name for name in (*MAP_STYLES, *MAP_SCRIPTS) if assets.find(name)],
        "start": settings().place,
        "words": script_words.words(),
    }


def _review(typed: dict[str, str], read: Read, *, status: int = 200) -> Response:
    assert read.spot is not None  # without one the form is wrong
    kept = typed | _settled(read.spot, typed["where"]) | {"observed_at": form.seen_at(typed)}
    return page(
        "report_review.html",
        status=status,
        cache=LEFT,
        wrong=read.wrong,
        typed=kept,
        values=read.values,
        spot=read.spot,
        near=location.near(read.spot),
        form=form,
    )


def show_sent(report_id: str) -> Response:
    """What becomes of a report, for its reporter: with the link that lets it be changed. Raises NotFound."""
    report = edit.find_own(report_id, auth.caller())
    token = auth.link_token()
    response = page(
        "report_sent.html",
        cache=PRIVATE,
        report=report,
        is_open=report.status in PUBLIC,
        is_withdrawn=report.status == Status.WITHDRAWN,
        is_changed="changed" in request.args,
        link=address("show_edit_form", report_id, token),
        link_ends=tokens.read(token, tokens.Use.EDIT).expires_at_s * 1000 if token else None,
        words=script_words.words(),
    )
    response.headers["Referrer-Policy"] = SECRETIVE
    return response


def _asked() -> dict[str, str]:
    """The place that the address names: words if there are any, for they say more than the middle of a view."""
    place = " ".join(request.args.get("place", "").split())[:100]
    lat, lon = request.args.get("lat", ""), request.args.get("lon", "")
    if place or not (lat and lon):
        return {"where": place}
    return {"where": f"{lat}, {lon}"[:100]}


def _settled(spot: location.Spot, where: str) -> dict[str, str]:
    numbers = {"lat": f"{spot.lat}", "lon": f"{spot.lon}", "radius_m": f"{spot.radius_m}"}
    return numbers | {"settled": where, "where": where}


def _matches() -> Response:
    """What a place's name may mean, small: it is read over one bar of signal."""
    found = location.find_spot(form.EMPTY | {"where": request.args.get("place", "")})
    places = [location.middle_of(one) for one in found.matches[:MOST_MATCHES]]
    if found.spot and not places:
        places = [found.spot]
    response = json_answer({"places": [one._asdict() for one in places]}, cache=ASK_FIRST)
    response.vary.add("Accept")
    return response


def _wants_json() -> bool:
    """Does our script ask? It names JSON alone; a browser never does."""
    return request.headers.get("Accept", "").strip() == "application/json"


def _who() -> auth.Caller:
    """Who fills in the form. What is told to a session is kept by nobody, not even for the way back."""
    return auth.recognise() if sessions.cookie_name() in request.cookies else auth.caller()


def _guess() -> auth.Caller:
    """The same where it decides nothing yet: while the database does not answer it is nobody known."""
    try:
        return _who()
    except dynamodb.FAILURES as error:
        telemetry.logger().warning("session not read", extra={"error": type(error).__name__})
        return auth.caller()


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)
