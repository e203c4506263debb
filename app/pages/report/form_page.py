"""Report flooding: the form, its review, and the page after sending.

Without a script it takes two requests. A script makes the review itself, keeps the report on the phone until it is
accepted, and asks for JSON.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request, url_for

from app.accounts import auth, sessions, tokens, visitors
from app.core import clock, dynamodb, telemetry
from app.core.errors import AnonymousReportsOff, Invalid, Problem, TooMany
from app.core.translations import N_
from app.http import problems
from app.http.answers import json_answer
from app.http.headers import ASK_FIRST, PRIVATE
from app.pages.frame import assets, map_words, notices, wording
from app.pages.frame.language import gettext
from app.pages.frame.redirects import go_to
from app.pages.frame.rendering import page
from app.pages.report import form, location, photos, script_words, similar
from app.pages.report.form import FieldMistake, FormValues
from app.reports import create
from app.reports.models import Report
from app.reports.reference import reference_of

KEY_BYTES = 16
MOST_MATCHES = 8
# Files of the form's map, in loading order; loaded only when the map is opened.
MAP_STYLES = ("vendor/leaflet-1.9.4/leaflet.css", "map.css")
MAP_SCRIPTS = ("vendor/leaflet-1.9.4/leaflet.js", "map.js", "coast.js", "markers.js", "map_small.js")
TOO_MANY = N_("Your network has sent as many reports as we take for now. Nothing is lost: leave this page open.")
ACCOUNT_NEEDED = N_(
    "At the moment reports from there are taken only from people with an account. Your report has not been sent, and "
    "nothing is lost. Sign in and report it, or try again later."
)
WAITS = N_(
    "At the moment reports from there are taken only from people with an account. Yours waits on this phone, and is "
    "tried again."
)
# Private and revalidated; but going back finds the page with all that was typed.
LEFT = "private, no-cache"


def show_form() -> Response:
    """Show the form with the place in the URL; or, for the script, the places that a name may mean."""
    if request.args.get("offline"):
        return shell()
    if wants_json():
        return _position() if "lat" in request.args else _matches()
    typed = form.EMPTY | _asked() | {"key": _new_key()}
    typed["begun_as"] = form.begun_as(_guess().account_id)
    result = location.find_spot(typed)
    if result.spot:
        typed |= _settled(result.spot, typed["where"])
    return _form(typed, FormValues({}, result.spot, result.matches, []))


def shell() -> Response:
    """Render the form that a phone keeps for offline use: without account and key (the script makes a key)."""
    return _form(form.EMPTY, FormValues({}, None, [], []), cache=ASK_FIRST)


def send() -> Response:
    """Check the form, show the review, or file the report, depending on its step."""
    typed = form.typed_in(request.form)
    step = request.form.get("step")
    if not form.is_key(typed["key"]):
        typed, step = typed | {"key": _new_key()}, "review" if step == "send" else step
    who = identify() if step == "send" else _guess()
    if step == "change":
        return _form(typed | {"observed_at": ""}, FormValues({}, None, [], []))
    read = form.read(typed)
    if step != "send" and not read.wrong and form.is_late(read.values):
        read = read._replace(wrong=[form.late()])
    if read.wrong:
        return _refuse(typed, read)
    return _file(typed, read, who) if step == "send" else _review(typed, read)


def _file(typed: Mapping[str, str], read: FormValues, who: auth.Caller) -> Response:
    """Store the report, or find the stored one. It belongs to the account only if that account began the form."""
    is_own = typed["begun_as"] == form.begun_as(who.account_id)
    visitor_id, new_visitor_id = visitors.of_cookie(), visitors.id_for(typed["key"])
    sender = create.ReportSender(
        who.account_id if is_own else None,
        typed["key"],
        is_of_page=True,
        visitor_id=visitor_id,
        new_visitor_id=new_visitor_id,
    )
    try:
        filed = create.file_limited(read.values, sender)
    except Invalid as problem:
        stored = Report.find(sender.report_id, consistent=True)
        return _refuse(typed, read._replace(wrong=form.worded(list(problem.mistakes))), stored)
    except TooMany as problem:
        if wants_json():
            raise
        return _ask_to_wait(dict(typed), read, problem, TOO_MANY)
    except AnonymousReportsOff as problem:
        if wants_json():
            body = {"waits": gettext(WAITS)}
            return problems.with_headers(json_answer(body, status=problem.status, cache=PRIVATE), problem)
        return _ask_to_wait(dict(typed), read, problem, ACCOUNT_NEEDED)
    sent = _sent_path(filed.report)
    response = json_answer({"sent": sent}, cache=PRIVATE) if wants_json() else go_on(sent)
    is_first = filed.is_new and not filed.report.account_id and not visitor_id
    if is_first and not filed.report.connection:  # so the limit of a network also bounds its visitors
        visitors.keep(response, new_visitor_id)
    return response


def _ask_to_wait(typed: dict[str, str], read: FormValues, problem: Problem, sentence: str) -> Response:
    """Show the review again: nothing needs to be changed, and the observation time stays."""
    text = f"{gettext(sentence)} {wording.wait(problem.retry_after_s or 1)}"
    review = _review(typed, read._replace(wrong=[FieldMistake("", text)]), status=problem.status)
    return problems.with_headers(review, problem)


def _sent_path(report: Report) -> str:
    """Return the reporter's URL of the report: with an account by signing in, without one by the private link.

    The link expires a day after filing, however often the form is sent: the form's key gives no right to edit.
    """
    # A browser that keeps the confirmation shows the reference without a connection, from the URL.
    more = {"reference": code} if (code := reference_of(report)) else {}
    if report.account_id:
        return address("show_sent", report.id, "", **more)
    if clock.now_ms() >= report.created_at_ms + tokens.LIFE_S[tokens.Use.EDIT] * 1000:
        return address("show_report", report.id, "")
    return address("show_sent", report.id, tokens.edit_token(report.id, since_ms=report.created_at_ms), **more)


def address(view: str, report_id: str, token: str, **more: str) -> str:
    """Return a URL of a report, with the private link's token if there is one, after `reference`."""
    parameters = {
        "report_id": report_id,
        "reference": more.pop("reference", None),
        auth.EDIT_PARAMETER: token or None,
    } | more
    return url_for(f"pages.{view}", _external=False, **parameters)


def go_on(address: str) -> Response:
    """Redirect to one of our URLs, as `url_for` makes them."""
    return go_to(address.removeprefix(request.script_root))


def _refuse(typed: Mapping[str, str], read: FormValues, stored: Report | None = None) -> Response:
    """Show the form's mistakes. `stored`: an earlier report under the same key, linked by its public page."""
    sent = address("show_report", stored.id, "") if stored else ""
    if wants_json():
        body: dict[str, Any] = {"mistakes": [mistake._asdict() for mistake in read.wrong]} | (
            {"sent": sent} if sent else {}
        )
        return json_answer(body, status=422, cache=PRIVATE)
    return _form(dict(typed) | {"observed_at": ""}, read, status=422, sent=sent)


def _form(
    typed: Mapping[str, str], read: FormValues, *, status: int = 200, cache: str = LEFT, sent: str = ""
) -> Response:
    response = page(
        "report.html",
        status=status,
        cache=cache,
        typed=typed,
        sent=sent,
        account_needed=notices.account_needed(is_known=bool(typed["begun_as"])),
        now_ms=None if cache == ASK_FIRST else clock.now_ms(),
        **shown(read.wrong, read) | photos.of_form(),
    )
    response.vary.add("Accept")
    return response


def shown(wrong: Sequence[FieldMistake], read: FormValues) -> dict[str, Any]:
    """Return the template's values for the fields, for a new report and for an edit."""
    return {
        "wrong": wrong,
        "beside": {mistake.field: mistake.text for mistake in wrong},
        "spot": read.spot,
        "matches": [(location.mark_of(match), location.name_of(match)) for match in read.matches],
        "form": form,
        "background": map_words.background(),
        "map_files": [name for name in (*MAP_STYLES, *MAP_SCRIPTS) if assets.find(name)],
        "start": location.map_start(),
        "words": script_words.words(),
    }


def _review(typed: dict[str, str], read: FormValues, *, status: int = 200) -> Response:
    assert read.spot is not None  # without a place the form has mistakes
    values = typed | _settled(read.spot, typed["where"]) | {"observed_at": form.seen_at(typed)}
    return page(
        "report_review.html",
        status=status,
        cache=LEFT,
        wrong=read.wrong,
        typed=values,
        values=read.values,
        spot=read.spot,
        near=location.near(read.spot),
        similar=[] if read.wrong else similar.find(read.spot, read.values["observed_at"]),
        form=form,
        script_words=script_words,
    )


def _asked() -> dict[str, str]:
    """Return the place in the URL: the name if there is one, which is more precise than the middle of a view."""
    place = " ".join(request.args.get("place", "").split())[:100]
    lat, lon = request.args.get("lat", ""), request.args.get("lon", "")
    if place or not (lat and lon):
        return {"where": place}
    return {"where": f"{lat}, {lon}"[:100]}


def _settled(location_read: location.Spot, where: str) -> dict[str, str]:
    numbers = {"lat": f"{location_read.lat}", "lon": f"{location_read.lon}", "radius_m": f"{location_read.radius_m}"}
    return numbers | {"settled": where, "where": where}


def _matches() -> Response:
    """Return the places that a name may mean, in a small answer for slow links."""
    result = location.find_spot(form.EMPTY | {"where": request.args.get("place", "")})
    places = [location.middle_of(match) for match in result.matches[:MOST_MATCHES]]
    if result.spot and not places:
        places = [result.spot]
    body = {"places": [place._asdict() for place in places], "knows_all": result.wrong != location.NOT_ALL_KNOWN}
    response = json_answer(body, cache=ASK_FIRST)
    response.vary.add("Accept")
    return response


def _position() -> Response:
    """Return the name of a device's position, and the reason to ask about it, as a small answer for slow links."""
    response = json_answer(location.describe_position(request.args), cache=ASK_FIRST)
    response.vary.add("Accept")
    return response


def wants_json() -> bool:
    """Return whether our script asks: it accepts JSON only, which no browser does."""
    return request.headers.get("Accept", "").strip() == "application/json"


def identify() -> auth.Caller:
    """Identify the caller, by session or private link. A private answer is never cached, not even for going back."""
    is_known = sessions.cookie_name() in request.cookies or auth.is_private_link()
    return auth.recognise() if is_known else auth.caller()


def _guess() -> auth.Caller:
    """Identify the caller where nothing depends on it yet: anonymous if the database does not answer."""
    try:
        return identify()
    except dynamodb.FAILURES as error:
        telemetry.logger().warning("session not read", extra={"error": type(error).__name__})
        return auth.caller()


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)
