"""Photos of a report in its full form, as who asks may see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.accounts.auth import caller
from app.accounts.persons import person_of
from app.api.photo_schemas import photo_form
from app.core.translations import SOURCE
from app.photos.shown import host_of, merged_with_photos, shown_photos
from app.photos.standing import OF_REPORTER, PhotoRights, rights_of
from app.reports.entry import Status
from app.reports.models import Report


def photo_forms(
    report: Report,
    rights: PhotoRights,
    *,
    merged: Sequence[Report] | None = None,
    host: Report | None = None,
    language: str = SOURCE,
) -> list[dict[str, Any]]:
    """Return the photos of a report, with those of reports merged into it.

    Those, and the `host` that shows the photos of one that was merged itself, are read unless they are given.
    """
    joined = merged_with_photos(report) if merged is None else merged
    host = host or (host_of(report) if report.photos_kept else None)
    photos = shown_photos(report, joined, sees_all=rights.sees_all, is_staff=rights.is_staff, host=host)
    return [photo_form(photo, language) for photo in photos]


def own_photo_forms(reports: Sequence[Report], language: str = SOURCE) -> dict[str, list[dict[str, Any]]]:
    """Return the photos of a person's own reports by the reports' ids.

    At most one batch: for those merged into any, and for those that show the photos of a merged one.
    """
    ids = {joined for report in reports for joined in report.duplicates}
    ids |= {report.merged_into for report in reports if report.photos_kept and report.merged_into}
    found = {one.id: one for one in Report.find_all(ids)} if ids else {}
    return {
        report.id: photo_forms(
            report,
            OF_REPORTER,
            merged=[found[one] for one in report.duplicates if one in found],
            host=_host_among(found, report),
            language=language,
        )
        for report in reports
    }


def _host_among(found: Mapping[str, Report], report: Report) -> Report | None:
    """Return the report that shows the photos of a merged one, if it was read and was not merged itself."""
    host = found.get(report.merged_into or "")
    return host if host and host.status != Status.MERGED else None


def one_form(owner: Report, photo_id: str, language: str) -> dict[str, Any]:
    """Return one photo for who may change it. `owner`: its report; if that was merged, its target shows the photo."""
    shown = shown_photos(owner, sees_all=True, host=host_of(owner))
    return next(photo_form(photo, language) for photo in shown if photo.id == photo_id)


def rights_here(report: Report) -> PhotoRights:
    """Return what the sender of this request is to a report."""
    return rights_of(report, caller(), person_of(caller()))
