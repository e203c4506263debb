"""The reporter's page of a report that was sent: what happened to it, its photos, and the link for editing."""

from flask import Response, request

from app.accounts import auth, tokens
from app.http.headers import PRIVATE
from app.pages.frame.rendering import page
from app.pages.report import form_page, photo_said, photos, script_words
from app.reports import edit
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report
from app.reports.reference import reference_of

# The private link gives the right to edit: it must not reach other sites or their logs.
SECRETIVE = "no-referrer"
# On a page with forms too, which then still state their origin to browsers without Sec-Fetch-Site.
SECRETIVE_FORM = "strict-origin"


def show(report_id: str) -> Response:
    """Show the reporter what happened to a report, with the link for editing. Raises NotFound."""
    return show_own(edit.find_own_report(report_id, auth.caller()))


def show_own(report: Report, *, wrong: str = "", status: int = 200) -> Response:
    """Show the reporter's page of a report, whatever its status. `wrong`: why a photo was not taken, or its words."""
    token, is_open = auth.link_token(), report.status in PUBLIC
    told, refused = photo_said.told(request.args, report)
    own_photos = photos.own(report) if is_open else None
    hidden = None if is_open else photos.of_hidden(report, told=told)
    response = page(
        "report_sent.html",
        status=status,
        cache=PRIVATE,
        report=report,
        reference=reference_of(report) if is_open else None,
        is_open=is_open,
        takes_photos=own_photos is not None,
        photos=own_photos,
        hidden_photos=hidden,
        told=told,
        wrong=wrong or refused,
        is_withdrawn=report.status == Status.WITHDRAWN,
        is_changed="changed" in request.args,
        link=form_page.address("show_edit_form", report.id, token),
        alerts_at={"lat": f"{report.lat:.3f}", "lon": f"{report.lon:.3f}"},  # of the public place
        link_ends=tokens.read(token, tokens.Use.EDIT).expires_at_s * 1000 if token else None,
        words=script_words.words() | (script_words.of_photos() if own_photos else {}),
    )
    response.headers["Referrer-Policy"] = SECRETIVE_FORM if own_photos or hidden else SECRETIVE
    return response
