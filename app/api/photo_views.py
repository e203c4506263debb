"""Photos of a report in its full form, as who asks may see them."""

from collections.abc import Sequence
from typing import Any

from app.accounts.auth import caller
from app.accounts.persons import person_of
from app.api.photo_schemas import photo_form
from app.core.translations import SOURCE
from app.photos.shown import merged_with_photos, shown_photos
from app.photos.standing import OF_REPORTER, Standing, standing_of
from app.reports.models import Report


def photo_forms(
    report: Report,
    standing: Standing,
    *,
    merged: Sequence[Report] | None = None,
    language: str = SOURCE,
) -> list[dict[str, Any]]:
    """Return the photos of a report, with those of reports merged into it, which are read unless they are given."""
    joined = merged_with_photos(report) if merged is None else merged
    photos = shown_photos(report, joined, sees_all=standing.sees_all, is_staff=standing.is_staff)
    return [photo_form(photo, language) for photo in photos]


def own_photo_forms(reports: Sequence[Report], language: str = SOURCE) -> dict[str, list[dict[str, Any]]]:
    """Return the photos of a person's own reports by the reports' ids. At most one batch, for those merged into any."""
    ids = {joined for report in reports for joined in report.duplicates}
    merged = {one.id: one for one in Report.find_all(ids)} if ids else {}
    return {
        report.id: photo_forms(
            report, OF_REPORTER, merged=[merged[one] for one in report.duplicates if one in merged], language=language
        )
        for report in reports
    }


def one_form(owner: Report, photo_id: str, language: str) -> dict[str, Any]:
    """Return one photo for who may change it. `owner`: its report; if that was merged, its target shows the photo."""
    host = Report.find(owner.merged_into) if owner.merged_into else None
    shown = shown_photos(host, [owner], sees_all=True, is_staff=True) if host else shown_photos(owner, sees_all=True)
    return next(photo_form(photo, language) for photo in shown if photo.id == photo_id)


def standing_here(report: Report) -> Standing:
    """Return what the sender of this request is to a report."""
    return standing_of(report, caller(), person_of(caller()))
