"""The public page of one report: its public place, what others say about it, and the warnings over it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, redirect, request

from app.core import clock, dynamodb
from app.core.errors import NotFound
from app.core.translations import N_
from app.http.headers import PRIVATE, PUBLIC_LIST
from app.pages.frame import entries, map_words, picture, trust_words, wording
from app.pages.frame.entries import ReportEntry, WarningEntry
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.pages.report import decided, form_page, photos
from app.pages.report.form import FieldMistake
from app.reports import edit
from app.reports.entry import PUBLIC, Condition, Entry, Status
from app.reports.models import Report
from app.reports.reference import reference_of
from app.review import audit, votes
from app.review.rating import shown_rating
from app.review.tally import can_be_revived
from app.situation.plain_words import NOW
from app.warnings.covering import CoveringWarnings, find_covering_if_readable
from app.warnings.models import OfficialWarning
from app.warnings.search import WarningHit
from app.warnings.zones import zone_at

METRES_ACROSS = 3000
MOST_DECISIONS = 20
THANKS = N_("Thank you, your answer is counted.")
ENDED = N_("The report has left the map.")
JOINED = N_("The report that you opened was joined to this one, because both are about the same flood.")
PROMPT = (Condition.FLOODED, Condition.RECEDED)
# The values of `said` in the address, after a form was sent: what the page then says first.
SAID = {
    Condition.FLOODED: THANKS,
    Condition.RECEDED: THANKS,
    "flag": N_("Thank you, your flag is stored for responders."),
    "joined": JOINED,
}


def show(report_id: str) -> Response:
    """Show one report, or lead on to the one that it was joined to.

    Of a report that is not public its reporter reads the decision; for all others it raises NotFound.
    """
    said = request.args.get("said", "")
    report = Report.find(report_id, consistent=said in SAID)
    if report and report.status not in PUBLIC and (own := decided.show(report)):
        return own
    if report and report.status == Status.MERGED and report.merged_into:
        return _lead_on(report.merged_into)
    if report and report.status == Status.REJECTED:
        raise NotFound(trust_words.REMOVED)
    if report is None or report.status not in PUBLIC:
        raise edit.not_there(report)
    return _page(report, said=said if said in SAID else "")


def show_again(report_id: str, wrong: Sequence[FieldMistake], typed: Mapping[str, Any]) -> Response:
    """Show the page with the mistakes of one of its forms. Raises NotFound."""
    report = Report.find(report_id)
    if report is None or report.status not in PUBLIC:
        raise edit.not_there(report)
    return _page(report, wrong=wrong, typed=typed)


def _lead_on(report_id: str) -> Response:
    """Redirect to the report that another was merged into. A merge can be undone, so no cache keeps this answer."""
    response = redirect(form_page.address("show_report", report_id, "", said="joined"), code=302, Response=Response)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = PRIVATE
    return response


def _page(
    report: Report, *, said: str = "", wrong: Sequence[FieldMistake] = (), typed: Mapping[str, Any] | None = None
) -> Response:
    entry, now_ms = report.entry(), clock.now_ms()
    wording.in_zone(zone_at(lat=float(entry.lat), lon=float(entry.lon)))
    entry_shown = entries.report_entries([entry])[0]
    # None if they cannot be read: the report is more important.
    read = find_covering_if_readable([entry.spot])[0]
    rows = [*read.certain, *read.possible] if read else []
    over, possible = (_entries(rows) for rows in (read or CoveringWarnings()))
    near, is_active = _town(entry), report.is_active(now_ms)
    return page(
        "one_report.html",
        status=422 if wrong else 200,
        # After a form was sent the page counts what no cache has yet.
        cache=PRIVATE if said or wrong else PUBLIC_LIST,
        entry=entry,
        shown=entry_shown,
        description=None if entry.is_disputed else report.description,
        near=near,
        created=report.created_at_ms,
        reference=reference_of(report),
        is_active=is_active,
        may_answer=is_active or can_be_revived(report, now_ms),
        counts=trust_words.counts(*(votes.counted(report) if said in PROMPT else report.votes)),
        depths=[wording.depth(depth_cm) for depth_cm in report.depths_cm],
        verdict=report.verdict,
        history=_history(report),
        reasons=trust_words.reasons(shown_rating(report)[2]),
        **_answered(said, wrong, typed),
        warnings=over,
        possible=possible,
        is_read=read is not None,
        summary=_summary(entry_shown, near, over),
        picture=_picture(entry, rows),
        background=map_words.background(),
        photos=photos.public(report),
        words=map_words.common(),
    )


def _history(report: Report) -> list[tuple[str, str, int]]:
    """Return the decisions about a report, newest first: act, reason and time (ms).

    A report at its first version was never decided about. None if the audit cannot be read.
    """
    if report.public_version == 1 and not report.verdict:
        return []
    try:
        rows = audit.decisions_about(report.id, MOST_DECISIONS)
    except dynamodb.FAILURES:
        return []
    return [
        (*trust_words.act(row.action, row.reason), int(row.at_ms)) for row in rows if row.action in trust_words.ACTS
    ]


def _answered(said: str, wrong: Sequence[FieldMistake], typed: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the template's values after a form: the thanks, or the mistakes with the typed fields."""
    beside = {mistake.field: mistake.text for mistake in wrong}
    return {"said": said, "told": _(SAID[said]) if said else "", "wrong": wrong, "beside": beside, "typed": typed or {}}


def _entries(rows: Sequence[OfficialWarning]) -> list[WarningEntry]:
    return entries.warning_entries(WarningHit(row, None) for row in rows)


def _town(entry: Entry) -> str:
    from app.gazetteer import positions  # imported here because the API's start does not need it

    place = positions.nearest(lat=entry.lat, lon=entry.lon)
    return place.name if place else ""


def _summary(entry: ReportEntry, near: str, over: list[WarningEntry]) -> str:
    """Return one sentence for the link's preview: severity, depth, place and time."""
    where = near or f"{wording.number(entry.lat, places=3)}, {wording.number(entry.lon, places=3)}"
    parts = [wording.report_severity(entry.severity), entry.depth, _("near %(place)s", place=where)]
    sentence = ", ".join(filter(None, parts))
    doubt = _(trust_words.DISPUTED) + "." if entry.is_disputed else ""
    seen_sentence = _("Seen %(moment)s.", moment=wording.moment(entry.observed_at_ms))
    is_warned = any(warning.standing in NOW for warning in over)
    warned = _("An official warning holds here.") if is_warned else ""
    told = [f"{sentence}.", doubt, trust_words.condition_sentence(entry.condition), seen_sentence, warned]
    return " ".join(filter(None, told))


def _picture(entry: Entry, rows: list[OfficialWarning]) -> picture.Picture:
    outlines = [(outline, entries.colour_of(row)) for row in rows if (outline := row.outline())]
    across = max(METRES_ACROSS, entry.reach_m * 6)
    lat, lon = float(entry.lat), float(entry.lon)
    return picture.around(lat=lat, lon=lon, metres_across=across, radius_m=entry.reach_m, shapes=outlines)
