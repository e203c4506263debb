"""The public page of one report: its public place, and the warnings over it."""

from collections.abc import Sequence

from flask import Response

from app.accounts.auth import Caller
from app.core import clock
from app.http.headers import PUBLIC_LIST
from app.pages.frame import entries, map_words, picture, wording
from app.pages.frame.entries import ReportEntry, WarningEntry
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page
from app.reports import edit
from app.reports.entry import Entry
from app.reports.reference import reference_of
from app.situation.plain_words import NOW
from app.warnings.models import OfficialWarning
from app.warnings.search import CoveringWarnings, WarningHit, find_covering_if_readable
from app.warnings.zones import zone_at

METRES_ACROSS = 3000


def show(report_id: str) -> Response:
    """Show one report. Raises NotFound for a report that is not public, for every caller."""
    report = edit.read_report(report_id, Caller())
    entry = report.entry()
    wording.in_zone(zone_at(lat=float(entry.lat), lon=float(entry.lon)))
    entry_shown = entries.report_entries([entry])[0]
    # None if they cannot be read: the report is more important.
    read = find_covering_if_readable([entry.spot])[0]
    rows = [*read.certain, *read.possible] if read else []
    over, possible = (_entries(rows) for rows in (read or CoveringWarnings()))
    near = _town(entry)
    return page(
        "one_report.html",
        cache=PUBLIC_LIST,
        entry=entry,
        shown=entry_shown,
        description=report.description,
        near=near,
        created=report.created_at_ms,
        reference=reference_of(report),
        is_active=report.is_active(clock.now_ms()),
        warnings=over,
        possible=possible,
        is_read=read is not None,
        summary=_summary(entry_shown, near, over),
        picture=_picture(entry, rows),
        background=map_words.background(),
        words=map_words.common(),
    )


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
    seen_sentence = _("Seen %(moment)s.", moment=wording.moment(entry.observed_at_ms))
    is_warned = any(warning.standing in NOW for warning in over)
    warned = _("An official warning holds here.") if is_warned else ""
    return " ".join(filter(None, [f"{sentence}.", seen_sentence, warned]))


def _picture(entry: Entry, rows: list[OfficialWarning]) -> picture.Picture:
    outlines = [(outline, entries.colour_of(row)) for row in rows if (outline := row.outline())]
    across = max(METRES_ACROSS, entry.reach_m * 6)
    lat, lon = float(entry.lat), float(entry.lon)
    return picture.around(lat=lat, lon=lon, metres_across=across, radius_m=entry.reach_m, shapes=outlines)
